#include "report/scalar_tags.h"

/* Regular expressions of tags; of each, TensorBoard shows the curves of all runs that are ticked,
 * so training and validation meet in one chart. */
static const char *const accuracy[] = {WS_TAG_ACCURACY "$"};
static const char *const cross_entropy[] = {WS_TAG_CROSS_ENTROPY "$"};
static const char *const recall[] = {WS_TAGS_RECALL "/"};
static const char *const precision[] = {WS_TAGS_PRECISION "/"};

static const tbe_chart charts[] = {
    {"Training and validation", "Accuracy", TBE_CHART_LINES, accuracy, 1},
    {"Training and validation", "Cross entropy", TBE_CHART_LINES, cross_entropy, 1},
    {"All words", "Recall", TBE_CHART_LINES, recall, 1},
    {"All words", "Precision", TBE_CHART_LINES, precision, 1},
};

void ws_scalar_layout_add(ws_report *report)
{
    tbe_layout layout;
    tbe_layout_init(&layout, sizeof layout, sizeof(tbe_chart));
    layout.charts = charts;
    layout.n_charts = sizeof charts / sizeof *charts;
    ws_report_check(report, WS_REPORT_RUN,
                    tbe_add_layout(ws_report_writer(report, WS_REPORT_RUN), &layout));
}
