#include "page/curves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "page/html.h"
#include "report/scalar_tags.h"

enum { N_CHART_PARTS = 3, N_OPEN = 4 }; /* charts that stand open */

/* What is on top of a chart comes first. */
static const struct {
    const char *name;
    bool is_dashed;
} parts[N_CHART_PARTS] = {{"validation", false}, {"", false}, {"train", true}};

void ws_page_mean_deinit(ws_page_mean *mean)
{
    free(mean->points);
    free(mean->spreads);
    *mean = (ws_page_mean){.n = 0};
}

/** The value of a curve at a step; NaN outside. */
static double value_at(const ws_page_curve *curve, double step)
{
    size_t low = 0, high = curve->n;

    if (curve->n == 0 || step < curve->points[0].step || step > curve->points[curve->n - 1].step)
        return (double)NAN;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (curve->points[middle].step <= step)
            low = middle;
        else
            high = middle;
    }
    const ws_page_point *a = &curve->points[low];
    if (low + 1 == curve->n || !(step > a->step))
        return a->value;
    return a->value + (step - a->step) / (a[1].step - a->step) * (a[1].value - a->value);
}

static const ws_page_curve *curve_of(const ws_page_result *result, const char *part,
                                     const char *tag)
{
    return ws_page_curve_find(ws_page_part_find(result->run, part), tag);
}

/** A step of a curve. */
typedef struct place {
    const char *part, *tag;
    double step;
} place;

static double value_of(const void *context, const ws_page_result *result)
{
    const place *at = context;
    const ws_page_curve *curve = curve_of(result, at->part, at->tag);

    return curve != NULL ? value_at(curve, at->step) : (double)NAN;
}

ws_status ws_page_mean_init(ws_page_mean *mean, const ws_page_summary *summary,
                            const ws_page_group *group, const char *part, const char *tag)
{
    const ws_page_curve *first = NULL;

    *mean = (ws_page_mean){.n = 0};
    for (size_t i = 0; first == NULL && i < group->n_counted; i++)
        first = curve_of(&summary->results[group->members[i]], part, tag);
    if (first == NULL || first->n == 0)
        return WS_OK;
    mean->points = calloc(first->n, sizeof *mean->points);
    if (group->n_members > 1)
        mean->spreads = calloc(first->n, sizeof *mean->spreads);
    if (mean->points == NULL || (group->n_members > 1 && mean->spreads == NULL))
        return WS_ENOMEM;
    mean->n = first->n;
    for (size_t i = 0; i < mean->n; i++) {
        const place at = {part, tag, first->points[i].step};
        double spread;
        mean->points[i].step = at.step;
        ws_page_group_mean(summary, group, value_of, &at, &mean->points[i].value, &spread);
        if (mean->spreads != NULL)
            mean->spreads[i] = isnan(spread) ? 0 : spread;
    }
    return WS_OK;
}

void ws_page_push_group_name(ws_buf *buf, const ws_page_summary *summary,
                             const ws_page_group *group)
{
    ws_html_push_short(buf, summary->results[group->members[0]].run->name, 60);
    if (group->n_counted > 1)
        ws_buf_push_format(buf, " and %zu more seed%s", group->n_counted - 1,
                           group->n_counted > 2 ? "s" : "");
}

/** Words have a table of their own, and what a run comes to as a whole is in the first one. */
static bool is_charted(const char *tag)
{
    static const char *const others[] = {WS_TAGS_RECALL "/", WS_TAGS_PRECISION "/", "eval-run/"};

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strncmp(tag, others[i], strlen(others[i])) == 0)
            return false;
    return true;
}

/** Pushes the tags of some curves: @param is_first  only those that matter most */
static ws_status push_tags(ws_names *tags, const ws_page_summary *summary, bool is_first,
                           ws_error *err)
{
    static const char *const first[] = {WS_TAG_ACCURACY, WS_TAG_CROSS_ENTROPY,
                                        WS_TAG_LEARNING_RATE};
    ws_status status = WS_OK;
    size_t number;

    for (size_t k = 0; is_first && status == WS_OK && k < sizeof first / sizeof *first; k++)
        for (size_t r = 0; status == WS_OK && r < summary->n_results; r++)
            for (size_t p = 0; status == WS_OK && p < N_CHART_PARTS; p++)
                if (ws_page_curve_find(ws_page_part_find(summary->results[r].run, parts[p].name),
                                       first[k]) != NULL)
                    status = ws_names_push(tags, first[k], &number, err);
    for (size_t r = 0; !is_first && status == WS_OK && r < summary->n_results; r++)
        for (size_t p = 0; status == WS_OK && p < N_CHART_PARTS; p++) {
            const ws_page_part *part = ws_page_part_find(summary->results[r].run, parts[p].name);
            for (size_t i = 0; part != NULL && status == WS_OK && i < part->n_curves; i++)
                if (is_charted(part->curves[i].tag))
                    status = ws_names_push(tags, part->curves[i].tag, &number, err);
        }
    return status;
}

/** The lines of a chart with their owners. */
typedef struct chart_lines {
    ws_chart_line lines[WS_PAGE_MAX_LINES * N_CHART_PARTS];
    ws_page_mean means[WS_PAGE_MAX_LINES * N_CHART_PARTS];
    char *titles[WS_PAGE_MAX_LINES * N_CHART_PARTS];
    size_t n;
} chart_lines;

static ws_status add_line(chart_lines *all, const ws_page_summary *summary, size_t g, size_t part,
                          const char *tag)
{
    const ws_page_group *group = &summary->groups[g];
    const size_t n = all->n;
    const char *name = summary->results[group->members[0]].run->name;
    const ws_status status =
        ws_page_mean_init(&all->means[n], summary, group, parts[part].name, tag);

    all->n++;
    all->titles[n] =
        ws_text_format("%s%s%s", name, parts[part].name[0] != '\0' ? ", " : "", parts[part].name);
    if (status != WS_OK || all->titles[n] == NULL)
        return WS_ENOMEM;
    all->lines[n] = (ws_chart_line){
        .points = all->means[n].points,
        .spreads = all->means[n].spreads,
        .n = all->means[n].n,
        .colour = g,
        .is_dashed = parts[part].is_dashed,
        .title = all->titles[n],
    };
    return WS_OK;
}

static ws_status push_chart(ws_buf *buf, const ws_page_summary *summary, const char *tag)
{
    chart_lines all = {.n = 0};
    ws_status status = WS_OK;
    bool is_share = strstr(tag, "ccuracy") != NULL || strcmp(tag, WS_TAG_MACRO_RECALL) == 0;

    for (size_t part = 0; part < N_CHART_PARTS; part++)
        for (size_t g = 0; status == WS_OK && g < summary->n_groups && g < WS_PAGE_MAX_LINES; g++)
            status = add_line(&all, summary, g, part, tag);
    for (size_t i = 0; is_share && i < all.n; i++)
        for (size_t k = 0; k < all.lines[i].n; k++)
            is_share &= all.lines[i].points[k].value >= 0 && all.lines[i].points[k].value <= 1;
    if (status == WS_OK)
        ws_chart_push(buf, &(ws_chart){.title = tag,
                                       .x_title = "step",
                                       .lines = all.lines,
                                       .n_lines = all.n,
                                       .is_share = is_share});
    for (size_t i = 0; i < all.n; i++) {
        ws_page_mean_deinit(&all.means[i]);
        free(all.titles[i]);
    }
    return status;
}

static void push_legend(ws_buf *buf, const ws_page_summary *summary)
{
    ws_buf_push_string(buf, "<p class=\"legend\">");
    for (size_t g = 0; g < summary->n_groups && g < WS_PAGE_MAX_LINES; g++) {
        ws_buf_push_format(buf,
                           "<span><svg class=\"key\" viewBox=\"0 0 24 8\"><line class=\"line "
                           "c%zu\" x1=\"0\" x2=\"24\" y1=\"4\" y2=\"4\"/></svg> ",
                           g % WS_CHART_COLOURS);
        ws_page_push_group_name(buf, summary, &summary->groups[g]);
        ws_buf_push_string(buf, "</span> ");
    }
    ws_buf_push_string(buf, "</p>\n<p class=\"note\">Solid: validation. Dashed: training.");
    for (size_t g = 0; g < summary->n_groups; g++)
        if (summary->groups[g].n_members > 1) {
            ws_buf_push_string(buf, " Over several seeds: mean, and a band of one standard "
                                    "deviation to each side.");
            break;
        }
    ws_buf_push_format(buf, " A curve of more than %d steps shows means of neighbouring steps.",
                       (int)WS_PAGE_CURVE_POINTS);
    if (summary->n_groups > WS_PAGE_MAX_LINES)
        ws_buf_push_format(buf, " The best %d of %zu rows have curves.", (int)WS_PAGE_MAX_LINES,
                           summary->n_groups);
    ws_buf_push_string(buf, "</p>\n");
}

ws_status ws_page_push_curves(ws_buf *buf, const ws_page_summary *summary, ws_error *err)
{
    ws_names tags = {.items = NULL};
    ws_status status = push_tags(&tags, summary, true, err);

    if (status == WS_OK)
        status = push_tags(&tags, summary, false, err);
    if (status == WS_OK && tags.n_items > 0) {
        ws_buf_push_string(buf, "<section id=\"curves\"><h2>Curves</h2>\n");
        push_legend(buf, summary);
        ws_buf_push_string(buf, "<div class=\"charts\">\n");
    }
    for (size_t i = 0; status == WS_OK && i < tags.n_items && i < WS_PAGE_MAX_CHARTS; i++) {
        if (i == N_OPEN)
            ws_buf_push_format(
                buf,
                "</div><details><summary>%zu more</summary><div "
                "class=\"charts\">\n",
                (tags.n_items < WS_PAGE_MAX_CHARTS ? tags.n_items : WS_PAGE_MAX_CHARTS) - i);
        if (push_chart(buf, summary, tags.items[i]) != WS_OK)
            status = ws_fail_memory(err, "the curves of a report");
    }
    if (status == WS_OK && tags.n_items > 0) {
        ws_buf_push_string(buf, tags.n_items > N_OPEN ? "</div></details>\n" : "</div>\n");
        if (tags.n_items > WS_PAGE_MAX_CHARTS)
            ws_buf_push_format(buf, "<p class=\"note\">%zu further tags have no chart here.</p>\n",
                               tags.n_items - WS_PAGE_MAX_CHARTS);
        ws_buf_push_string(buf, "</section>\n");
    }
    ws_names_deinit(&tags);
    return status;
}
