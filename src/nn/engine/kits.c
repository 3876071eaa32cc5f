#include "nn/engine/kits.h"

#include <math.h>

/** A kit that can do a stage, and its estimated cost. */
typedef struct choice {
    const ws_fast_kit *kit;
    double cost; /* HUGE_VAL: it cannot */
    ws_convolution convolution;
} choice;

/** The wanted kit, if it can do the stage, or the cheapest one. */
static const ws_fast_kit *choose(const choice *choices, size_t n, ws_convolution wanted)
{
    const choice *best = &choices[0];

    for (size_t i = 0; i < n; i++) {
        if (choices[i].convolution == wanted && choices[i].cost < HUGE_VAL)
            return choices[i].kit;
        if (wanted == WS_CONVOLUTION_CHEAPER && choices[i].cost < best->cost)
            best = &choices[i];
    }
    return best->kit;
}

static const ws_fast_kit *choose_convolution(ws_fast_stage *stage, size_t s,
                                             const ws_engine_setup *setup)
{
    double fft_cost = HUGE_VAL;
    const ws_fast_kit *fft = ws_fast_fft_plan(stage, &fft_cost);
    const choice choices[] = {
        {&ws_fast_conv, ws_fast_conv_cost_get(stage), WS_CONVOLUTION_BY_PRODUCTS},
        {fft, fft_cost, WS_CONVOLUTION_BY_FFT},
        {&ws_fast_direct, ws_fast_direct_cost_get(stage), WS_CONVOLUTION_DIRECT},
    };

    const ws_fast_kit *kit = choose(choices, sizeof choices / sizeof *choices, setup->convolution);
    ws_log_write(setup->log, WS_LOG_DEBUG,
                 "Stage %zu: convolution by %s; estimated cost of a step in millions of vector "
                 "operations: %.1f by fft, %.1f by matrix products, %.1f by direct sums.",
                 s, kit->name, fft_cost / 1e6, choices[0].cost / 1e6, choices[2].cost / 1e6);
    return kit;
}

const ws_fast_kit *ws_fast_kit_choose(ws_fast_stage *stage, size_t s, const ws_engine_setup *setup)
{
    switch (stage->plan->kind) {
    case WS_OP_FAKE_QUANT:
        ws_log_write(setup->log, WS_LOG_DEBUG, "Stage %zu: fake quantisation.", s);
        return &ws_fast_quant;
    case WS_OP_DENSE:
        ws_log_write(setup->log, WS_LOG_DEBUG, "Stage %zu: matrix product.", s);
        return &ws_fast_dense;
    case WS_OP_SVDF:
        ws_log_write(setup->log, WS_LOG_DEBUG, "Stage %zu: SVDF as one matrix product.", s);
        return &ws_fast_svdf;
    default:
        return choose_convolution(stage, s, setup);
    }
}

bool ws_fast_kit_hands_tiles(const ws_fast_kit *kit)
{
    return kit == &ws_fast_fft || kit == &ws_fast_fft_one;
}
