#include "report/step_times.h"

#include <stdlib.h>
#include <string.h>

ws_status ws_step_times_init(ws_step_times *times, size_t n_parts, ws_error *err)
{
    *times = (ws_step_times){.n_parts = n_parts};
    times->parts = calloc(WS_STEP_TIMES_MAX * (n_parts + 1), sizeof *times->parts);
    return times->parts != NULL ? WS_OK : ws_fail_memory(err, "the times of steps");
}

void ws_step_times_deinit(ws_step_times *times)
{
    free(times->parts);
    *times = (ws_step_times){.n_parts = 0};
}

void ws_step_times_push(ws_step_times *times, double total, const double *parts)
{
    const size_t at = times->n_pushed % WS_STEP_TIMES_MAX;

    times->totals[at] = total;
    memcpy(times->parts + at * times->n_parts, parts, times->n_parts * sizeof *parts);
    times->n_pushed++;
}

const double *ws_step_times_get_median(const ws_step_times *times)
{
    const size_t n = times->n_pushed < WS_STEP_TIMES_MAX ? times->n_pushed : WS_STEP_TIMES_MAX;

    for (size_t i = 0; i < n; i++) {
        size_t n_less = 0, n_equal = 0;
        for (size_t j = 0; j < n; j++) {
            n_less += times->totals[j] < times->totals[i];
            n_equal += times->totals[j] == times->totals[i];
        }
        if (n_less <= n / 2 && n / 2 < n_less + n_equal)
            return times->parts + i * times->n_parts;
    }
    return NULL;
}
