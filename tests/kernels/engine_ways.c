#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/cpu.h"
#include "kernels/engine_ways.h"

const way way_reference = {"reference", WS_ENGINE_REFERENCE, WS_CONVOLUTION_CHEAPER, NULL};

bool way_can_go(const way *by)
{
    ws_cpu_level level;
    return by->isa == NULL || ws_cpu_level_find(by->isa, &level, NULL) == WS_OK;
}

ws_network *way_create_network(const way *by, const ws_graph *graph, size_t max_batch,
                               unsigned n_threads)
{
    ws_error err;
    ws_network *network;
    const ws_network_options options = {.max_batch = max_batch,
                                        .n_threads = n_threads,
                                        .engine = by->engine,
                                        .convolution = by->convolution,
                                        .isa = by->isa};

    if (ws_network_create(&network, graph, &options, &err) != WS_OK)
        fail_msg("%s", err.message);
    ws_network_init_parameters(network, 3);
    return network;
}

double way_relative_error(const float *got, const float *want, size_t n)
{
    double worst = 0.0, largest = 1e-30;

    for (size_t i = 0; i < n; i++) {
        const double off = fabs((double)got[i] - (double)want[i]);
        worst = off <= worst ? worst : off; /* a NaN stays */
        largest = fmax(largest, fabs((double)want[i]));
    }
    return worst / largest;
}
