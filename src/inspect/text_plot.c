#include "inspect/text_plot.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "inspect/show.h"

enum { LABEL_WIDTH = 11, N_LABELS = 3 };

void ws_text_plot_init(ws_text_plot *plot, int64_t first_step, int64_t last_step, double least,
                       double most)
{
    *plot = (ws_text_plot){first_step, last_step, least, most, {{0}}};
    memset(plot->cells, ' ', sizeof plot->cells);
    if (most > least)
        return;
    const double room = least < 0 || least > 0 ? fabs(least) / 10 : 1;
    plot->least = least - room;
    plot->most = most + room;
}

/** Where a value is between two others, 0 to 1; halves, lest the difference is too large. */
static double share_of(double value, double from, double to)
{
    return (value / 2 - from / 2) / (to / 2 - from / 2);
}

void ws_text_plot_push(ws_text_plot *plot, char mark, int64_t step, double value)
{
    if (!(value >= plot->least && value <= plot->most) || step < plot->first_step ||
        step > plot->last_step)
        return;
    const double across =
        plot->last_step > plot->first_step
            ? share_of((double)step, (double)plot->first_step, (double)plot->last_step)
            : 0;
    const double up = share_of(value, plot->least, plot->most);
    const int column = (int)lround(across * (WS_TEXT_PLOT_COLUMNS - 1));
    const int row = (int)lround((1 - up) * (WS_TEXT_PLOT_ROWS - 1));
    if (column < 0 || column >= WS_TEXT_PLOT_COLUMNS || row < 0 || row >= WS_TEXT_PLOT_ROWS)
        return;
    char *cell = &plot->cells[row][column];
    *cell = *cell == ' ' || *cell == mark ? mark : '*';
}

/** The value that stands for a row. */
static double value_of(const ws_text_plot *plot, int row)
{
    const double up = 1 - (double)row / (WS_TEXT_PLOT_ROWS - 1);
    return plot->least * (1 - up) + plot->most * up;
}

static void print_steps(const ws_text_plot *plot, FILE *out)
{
    char first[WS_SHOW_NUMBER_BYTES], middle[WS_SHOW_NUMBER_BYTES], last[WS_SHOW_NUMBER_BYTES];

    (void)snprintf(first, sizeof first, "%" PRId64, plot->first_step);
    (void)snprintf(last, sizeof last, "%" PRId64, plot->last_step);
    fprintf(out, "%*s %s", LABEL_WIDTH, "step", first);
    if (plot->last_step == plot->first_step) {
        fputc('\n', out);
        return;
    }
    (void)snprintf(middle, sizeof middle, "%.15g",
                   (double)plot->first_step / 2 + (double)plot->last_step / 2);
    const int n_middle = (int)strlen(middle), n_last = (int)strlen(last);
    int at = (int)strlen(first);
    const int middle_at = WS_TEXT_PLOT_COLUMNS / 2 - n_middle / 2;
    if (middle_at > at && middle_at + n_middle + n_last < WS_TEXT_PLOT_COLUMNS) {
        fprintf(out, "%*s%s", middle_at - at, "", middle);
        at = middle_at + n_middle;
    }
    const int gap = WS_TEXT_PLOT_COLUMNS - at - n_last;
    fprintf(out, "%*s%s\n", gap > 0 ? gap : 1, "", last);
}

void ws_text_plot_print(const ws_text_plot *plot, FILE *out)
{
    char number[WS_SHOW_NUMBER_BYTES];

    for (int row = 0; row < WS_TEXT_PLOT_ROWS; row++) {
        const bool has_label = row % ((WS_TEXT_PLOT_ROWS - 1) / (N_LABELS - 1)) == 0;
        int n = WS_TEXT_PLOT_COLUMNS;
        while (n > 0 && plot->cells[row][n - 1] == ' ')
            n--;
        fprintf(out, "%*s |%.*s\n", LABEL_WIDTH,
                has_label ? ws_show_number(value_of(plot, row), number) : "", n, plot->cells[row]);
    }
    fprintf(out, "%*s +", LABEL_WIDTH, "");
    for (int i = 0; i < WS_TEXT_PLOT_COLUMNS; i++)
        fputc('-', out);
    fputc('\n', out);
    print_steps(plot, out);
}
