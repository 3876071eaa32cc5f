/* What the lanes engine asks for ahead is what the next rows read from memory; and the groups of
 * rows of a sweep follow each other without gaps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "nn/engine/lanes/item.h"
#include "support/lanes_networks.h"

enum { BATCH = 40 };

static bool is_ahead(const ws_lanes_ahead *ahead, const float *at)
{
    for (size_t i = 0; i < ahead->n; i++)
        if (at >= ahead->runs[i].at && at < ahead->runs[i].at + ahead->runs[i].n)
            return true;
    return false;
}

/** Every row of many pixels that a step reads from memory for its rows of a group, as kernels find
 *  it. @return how many */
static size_t check_rows(const ws_lanes_item *item, const ws_lanes_sweep *sweep, size_t group,
                         const ws_lanes_ahead *ahead)
{
    size_t n = 0;

    for (size_t s = sweep->begin; s < sweep->end; s++) {
        const ws_lanes_step *step = &item->phase->steps[s];
        const ws_lanes_span rows = ws_lanes_rows_of_group(item, sweep, step, group);
        for (size_t k = 0; k < WS_LANES_MAX_SOURCES; k++) {
            const bool is_read = step->join.is_join && step->sources[k].node != WS_LANES_NONE &&
                                 step->inputs[k].in == WS_LANES_NONE && !step->is_narrow &&
                                 !step->inputs[k].is_narrow && !step->inputs[k].is_repeated;
            for (ptrdiff_t row = rows.begin; is_read && row < rows.end; row++, n++)
                assert_true(is_ahead(ahead, ws_lanes_input_rows(item, step, k, row).at));
        }
    }
    return n;
}

static void check_in_memory(const ws_lanes_shared *shared, const ws_lanes_ahead *ahead)
{
    assert_true(ahead->n <= WS_LANES_MAX_AHEAD && ahead->next == 0);
    for (size_t i = 0; i < ahead->n; i++) {
        assert_true(ahead->runs[i].n > 0 && ahead->runs[i].at >= shared->memory);
        assert_true(ahead->runs[i].at + ahead->runs[i].n <= shared->memory + shared->plan.n_memory);
    }
}

/** @return rows that were read and had been found ahead */
static size_t check_item(const ws_lanes_item *item, const ws_lanes_item *next)
{
    const ws_lanes_phase *phase = item->phase;
    ws_lanes_ahead ahead;
    size_t n = 0;

    for (size_t w = 0; w < phase->n_sweeps; w++) {
        const ws_lanes_sweep *sweep = &phase->sweeps[w];
        const size_t n_groups = ws_lanes_count_row_groups(item, sweep);
        for (size_t group = 0; group < n_groups; group++) {
            const ws_lanes_span rows = ws_lanes_get_row_group(item, sweep, group);
            assert_true(rows.begin < rows.end);
            assert_true((size_t)(rows.end - rows.begin) <= sweep->n_rows);
            ws_lanes_look_ahead(item, w, group, next, &ahead);
            check_in_memory(item->shared, &ahead);
            if (group + 1 == n_groups)
                continue;
            assert_int_equal(ws_lanes_get_row_group(item, sweep, group + 1).begin, rows.end);
            n += check_rows(item, sweep, group + 1, &ahead);
        }
    }
    ws_lanes_look_ahead(item, phase->n_sweeps - 1, SIZE_MAX - 1, NULL, &ahead);
    assert_int_equal(ahead.n, 0); /* there is no next item */
    return n;
}

static void test_next_rows(void **state)
{
    size_t n = 0;

    (void)state;
    for (const lanes_network_kind *kind = lanes_small_networks; kind->name != NULL; kind++) {
        lanes_network net;
        ws_lanes_shared shared = {.program = &net.program};
        lanes_network_init(&net, kind);
        assert_int_equal(ws_lanes_plan_init(&shared.plan, &net.program, BATCH, NULL), WS_OK);
        shared.memory = calloc(shared.plan.n_memory, sizeof(float));
        assert_non_null(shared.memory);
        for (size_t p = 0; p < shared.plan.n_phases; p++)
            for (size_t band = 0; band < net.program.n_bands; band++) {
                const ws_lanes_item item = {.shared = &shared,
                                            .phase = &shared.plan.phases[p],
                                            .block = 1,
                                            .band = band,
                                            .n_live = WS_LANES,
                                            .n_lanes = WS_LANES};
                ws_lanes_item next = item;
                next.block = 0;
                n += check_item(&item, &next);
            }
        free(shared.memory);
        ws_lanes_plan_deinit(&shared.plan);
        lanes_network_deinit(&net);
    }
    assert_true(n > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_next_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
