#include "report/step_times.h"

#include <string.h>

void ws_step_times_push(ws_step_times *times, const ws_network *network, const ws_report_step *step)
{
    const size_t n_phases = ws_network_phases(network, times->phases);
    ws_step_time *time = &times->steps[times->n_pushed % WS_STEP_TIMES_MAX];

    if (n_phases == 0)
        return;
    memset(time, 0, sizeof *time);
    time->total = step->seconds;
    time->input = step->input_seconds;
    time->update = step->update_seconds;
    for (size_t i = 0; i < n_phases; i++) {
        const ws_phase_time *phase = &times->phases[i];
        (phase->is_backward ? time->backward : time->forward)[phase->stage] += phase->seconds;
    }
    times->n_pushed++;
}

const ws_step_time *ws_step_times_get_median(const ws_step_times *times)
{
    const size_t n = times->n_pushed < WS_STEP_TIMES_MAX ? times->n_pushed : WS_STEP_TIMES_MAX;

    for (size_t i = 0; i < n; i++) {
        size_t n_less = 0, n_equal = 0;
        for (size_t j = 0; j < n; j++) {
            n_less += times->steps[j].total < times->steps[i].total;
            n_equal += times->steps[j].total == times->steps[i].total;
        }
        if (n_less <= n / 2 && n / 2 < n_less + n_equal)
            return &times->steps[i];
    }
    return NULL;
}
