/* wordspot events diff */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/events.h"
#include "inspect/diff.h"
#include "inspect/show.h"
#include "inspect/text_plot.h"

enum { MAX_SIDES = 26 }; /* each has a letter */

typedef struct diff_flags {
    const char *tag, *loader, *best;
    int64_t plots;
    ws_operands runs;
} diff_flags;

static const ws_flag flags[] = {
    WS_EVENTS_TAG_FLAG(offsetof(diff_flags, tag)),
    WS_EVENTS_LOADER_FLAG(offsetof(diff_flags, loader)),
    {"best", WS_FLAG_TEXT, offsetof(diff_flags, best), "auto", "WHICH",
     "Which value of a curve is its best: most, least, or auto, which is the least of what is "
     "called a loss, an entropy, an error or a perplexity, and else the most.",
     0, 0, WS_FLAGS_OUTPUT, 0},
    {"plots", WS_FLAG_WHOLE, offsetof(diff_flags, plots), "1", "N",
     "How many of the curves to plot, the accuracy on the validation set before others.", 0, 1000,
     WS_FLAGS_OUTPUT, 0},
};

static const ws_flag_table table = {
    .command = "events diff",
    .summary =
        "Puts two or more runs side by side: each scalar that at least two of the runs have, with "
        "its last and best value, the difference to the first run, and a small "
        "plot. A RUN is an event file, or a directory of a run with those below it (train, "
        "validation), which are compared by name.",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
    .operands_name = "RUN",
    .operands_offset = offsetof(diff_flags, runs),
    .titles = ws_events_titles,
};

/** Which value is the best. */
typedef enum best_rule { BEST_AUTO, BEST_MOST, BEST_LEAST } best_rule;

typedef struct comparison {
    const diff_flags *values;
    best_rule best;
    ws_event_side sides[MAX_SIDES];
    size_t n_sides;
    ws_event_shared_list shared;
} comparison;

static char mark_of(size_t side)
{
    return (char)('A' + side);
}

static ws_status read_best(const char *name, best_rule *best, ws_error *err)
{
    static const char *const names[] = {"auto", "most", "least"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) != 0)
            continue;
        *best = (best_rule)i;
        return WS_OK;
    }
    return ws_fail(err, WS_EUSAGE, "--best=%s: expected auto, most or least", name);
}

static bool is_least_best(const comparison *all, const char *tag)
{
    return all->best == BEST_LEAST || (all->best == BEST_AUTO && ws_event_less_is_better(tag));
}

/** A number, and the difference to the first run's if there is one. */
static void print_number(double value, const double *base)
{
    char number[WS_SHOW_NUMBER_BYTES], difference[WS_SHOW_NUMBER_BYTES] = "";

    if (base != NULL && isfinite(value) && isfinite(*base))
        (void)snprintf(difference, sizeof difference, "%+.3g", value - *base);
    printf(" %11s %-10s", ws_show_number(value, number), difference);
}

/** The line of a side. @param first  the curve of the first side that has one */
static void print_side(size_t side, const ws_event_curve *curve, const ws_event_tag *first,
                       bool is_least)
{
    const ws_event_tag *figures = curve->figures;

    printf("  %c", mark_of(side));
    if (figures == NULL) {
        printf("           -\n");
        return;
    }
    const bool is_first = figures == first;
    print_number(figures->last.value, is_first ? NULL : &first->last.value);
    if (figures->n_finite == 0) {
        printf(" %11s\n", "-");
        return;
    }
    const double *base = is_least ? &first->least.value : &first->most.value;
    print_number(is_least ? figures->least.value : figures->most.value,
                 is_first || first->n_finite == 0 ? NULL : base);
    printf(" %9" PRId64 "\n", is_least ? figures->least_step : figures->most_step);
}

static void print_title(const ws_event_shared *shared)
{
    ws_events_print(stdout, shared->tag, 0);
    if (strcmp(shared->run, ".") != 0) {
        printf(" (");
        ws_events_print(stdout, shared->run, 0);
        putchar(')');
    }
    putchar('\n');
}

static void print_table(const comparison *all)
{
    for (size_t i = 0; i < all->shared.n_items; i++) {
        const ws_event_shared *shared = &all->shared.items[i];
        const bool is_least = is_least_best(all, shared->tag);
        const ws_event_tag *first = NULL;

        putchar('\n');
        print_title(shared);
        printf("  %13s %-10s %11s %-10s %9s\n", "last", "", is_least ? "least" : "most", "",
               "at step");
        for (size_t side = 0; side < all->n_sides; side++) {
            const ws_event_curve curve =
                ws_event_side_find(&all->sides[side], shared->run, shared->tag);
            if (first == NULL)
                first = curve.figures;
            print_side(side, &curve, first, is_least);
        }
    }
}

/** A visit that draws one tag. */
typedef struct drawing {
    ws_text_plot *plot;
    char mark;
    size_t tag;
    uint64_t n_not_drawn;
} drawing;

static ws_status draw(void *user, const ws_event_point *point, ws_error *err)
{
    drawing *into = user;

    (void)err;
    if (point->tag != into->tag)
        return WS_OK;
    if (isfinite(point->number.value))
        ws_text_plot_push(into->plot, into->mark, point->step, point->number.value);
    else
        into->n_not_drawn++;
    return WS_OK;
}

/** The axes that hold the curves of all sides. @return false: there is nothing finite */
static bool find_axes(const ws_event_curve *curves, size_t n_sides, ws_text_plot *plot)
{
    const ws_event_tag *any = NULL;
    int64_t first_step = 0, last_step = 0;
    double least = 0, most = 0;

    for (size_t i = 0; i < n_sides; i++) {
        const ws_event_tag *figures = curves[i].figures;
        if (figures == NULL || figures->n_finite == 0)
            continue;
        const int64_t low = figures->lowest_step, high = figures->highest_step;
        first_step = any == NULL || low < first_step ? low : first_step;
        last_step = any == NULL || high > last_step ? high : last_step;
        least = any == NULL || figures->least.value < least ? figures->least.value : least;
        most = any == NULL || figures->most.value > most ? figures->most.value : most;
        any = figures;
    }
    if (any != NULL)
        ws_text_plot_init(plot, first_step, last_step, least, most);
    return any != NULL;
}

static ws_status plot_shared(const comparison *all, const ws_event_shared *shared, ws_error *err)
{
    ws_event_curve curves[MAX_SIDES];
    ws_text_plot plot;
    drawing into = {.plot = &plot};
    ws_status status = WS_OK;

    for (size_t i = 0; i < all->n_sides; i++)
        curves[i] = ws_event_side_find(&all->sides[i], shared->run, shared->tag);
    if (!find_axes(curves, all->n_sides, &plot))
        return WS_OK;
    for (size_t i = 0; status == WS_OK && i < all->n_sides; i++) {
        into.mark = mark_of(i);
        into.tag = curves[i].tag;
        if (curves[i].series != NULL)
            status = ws_event_series_visit(curves[i].series, draw, &into, err);
    }
    if (status != WS_OK)
        return status;
    putchar('\n');
    print_title(shared);
    ws_text_plot_print(&plot, stdout);
    printf("%12s every value is drawn; * where runs meet", "");
    if (into.n_not_drawn > 0)
        printf("; %" PRIu64 " not finite", into.n_not_drawn);
    putchar('\n');
    return WS_OK;
}

/** The chosen one first, then the others in their order. */
static ws_status plot_all(const comparison *all, ws_error *err)
{
    const size_t chosen = ws_event_shared_choose(&all->shared);
    int64_t n_left = all->values->plots;
    ws_status status = WS_OK;

    if (n_left > 0)
        status = plot_shared(all, &all->shared.items[chosen], err);
    for (size_t i = 0; status == WS_OK && i < all->shared.n_items && n_left > 1; i++) {
        if (i == chosen)
            continue;
        status = plot_shared(all, &all->shared.items[i], err);
        n_left--;
    }
    return status;
}

static ws_status open_sides(comparison *all, ws_error *err)
{
    const ws_operands *runs = &all->values->runs;
    ws_event_loader loader;
    ws_console console;

    if (runs->n_items < 2 || runs->n_items > MAX_SIDES)
        return ws_fail(err, WS_EUSAGE, "expected 2 to %d runs, got %zu", MAX_SIDES, runs->n_items);
    ws_status status = ws_console_init(&console, "info", err);
    if (status == WS_OK)
        status = read_best(all->values->best, &all->best, err);
    if (status == WS_OK)
        status = ws_event_loader_find(all->values->loader, &loader, err);
    for (size_t i = 0; status == WS_OK && i < runs->n_items; i++) {
        all->n_sides++;
        status = ws_event_side_open(&all->sides[i], runs->items[i], loader, &console.log, err);
    }
    return status;
}

static ws_status compare(comparison *all, ws_error *err)
{
    const diff_flags *values = all->values;

    ws_status status = open_sides(all, err);
    if (status == WS_OK)
        status = ws_event_shared_find(&all->shared, all->sides, all->n_sides, values->tag, err);
    if (status == WS_OK && all->shared.n_items == 0)
        status = ws_fail(err, WS_ENOTFOUND,
                         "no scalar is in two of the runs under the same name%s; `wordspot events "
                         "list` shows what they have",
                         values->tag[0] != '\0' ? " with a tag like that of --tag" : "");
    if (status != WS_OK)
        return status;
    for (size_t i = 0; i < all->n_sides; i++) {
        printf("%c  ", mark_of(i));
        ws_events_print(stdout, values->runs.items[i], 0);
        putchar('\n');
    }
    print_table(all);
    return plot_all(all, err);
}

static ws_status diff(const void *flag_values, int *code, ws_error *err)
{
    comparison *all = calloc(1, sizeof *all);

    (void)code;
    if (all == NULL)
        return ws_fail_memory(err, "runs");
    all->values = flag_values;
    const ws_status status = compare(all, err);
    for (size_t i = 0; i < all->n_sides; i++)
        ws_event_side_close(&all->sides[i]);
    free(all->shared.items);
    free(all);
    return status;
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    diff_flags values = {.tag = ""};

    (void)program;
    return ws_events_run(&table, n_arguments, arguments, &values, diff);
}

const ws_command ws_command_events_diff = {
    .name = "events diff",
    .summary = "put runs side by side, with a small plot",
    .table = &table,
    .run = run,
};
