#include "nn/infer/infer.h"

#include <stdlib.h>
#include <string.h>

#include "nn/infer/program.h"

WS_CPU_DEFINE_GETTER(ws_infer_kernels, ws_infer_kernels_get)

const ws_infer_kernels *ws_infer_kernels_get_for(const ws_infer_kernels *best, size_t n_out)
{
#if defined(__x86_64__)
    const ws_infer_kernels *half = ws_infer_kernels_get(WS_CPU_V3);

    if (best == ws_infer_kernels_get(WS_CPU_V4) && n_out <= half->n_lanes)
        return half;
#endif
    (void)n_out;
    return best;
}

/** Fixed ranges only: a range that is learned is not part of a graph. */
static ws_status set_levels(ws_infer *infer, ws_error *err)
{
    const ws_graph *graph = &infer->lowered.model.graph;

    for (size_t i = 0; i < graph->n_quantizers; i++) {
        if (graph->quantizers[i].kind != WS_RANGE_FIXED)
            return ws_fail(err, WS_EINVAL,
                           "inference needs fixed ranges, but that of %s is learned",
                           graph->quantizers[i].name);
    }
    for (size_t i = 0; i < infer->n_steps; i++) {
        ws_infer_step *step = &infer->steps[i];
        if (step->kind == WS_INFER_QUANTIZE)
            ws_levels_init_fixed(&step->levels, &graph->quantizers[step->node->quantizer - 1]);
    }
    return WS_OK;
}

/** Parameters with a quantizer go to its levels, once. */
static void quantize_parameters(ws_infer *infer)
{
    const ws_graph *graph = &infer->lowered.model.graph;

    for (size_t i = 0; i < graph->n_parameters; i++) {
        const ws_variable *parameter = &graph->parameters[i];
        float *numbers = infer->lowered.model.parameters + parameter->offset;
        ws_levels levels;

        if (parameter->quantizer == 0)
            continue;
        ws_levels_init_fixed(&levels, &graph->quantizers[parameter->quantizer - 1]);
        infer->quant->quantize(&levels, numbers, parameter->size, numbers);
    }
}

static void place_arrays(ws_infer *infer, ws_layout *layout)
{
    for (size_t i = 0; i < infer->n_steps; i++)
        ws_infer_place_weights(infer, &infer->steps[i], layout);
    infer->memory = ws_layout_push(layout, infer->n_floats, sizeof(float));
}

void ws_infer_reset(ws_infer *infer)
{
    const ws_folded *model = &infer->lowered.model;

    infer->n_windows = 0;
    for (size_t i = 0; i < infer->n_steps; i++) {
        const ws_infer_step *step = &infer->steps[i];
        if (step->kind != WS_INFER_HISTORY)
            continue;
        const ws_infer_value *in = &infer->values[step->in[0]], *out = &infer->values[step->out];
        const ws_variable *kept = &model->graph.states[step->node->states[0]];
        memcpy(out->data + in->shape.h * ws_infer_row(in), model->states + kept->offset,
               kept->size * sizeof *out->data);
    }
}

static ws_status make_arrays(ws_infer *infer, ws_error *err)
{
    ws_layout layout = {0};

    place_arrays(infer, &layout);
    ws_status status = ws_layout_reserve(&layout, &infer->arena, err);
    if (status != WS_OK)
        return status;
    place_arrays(infer, &layout);
    ws_infer_set_memory(infer, infer->memory);
    for (size_t i = 0; i < infer->n_steps && status == WS_OK; i++)
        status = ws_infer_fill_weights(infer, &infer->steps[i], err);
    ws_infer_reset(infer);
    free(infer->lowered.model.parameters); /* they are in the steps now */
    infer->lowered.model.parameters = NULL;
    return status;
}

static ws_status init(ws_infer *infer, const ws_graph *graph, const ws_infer_numbers *numbers,
                      ws_error *err)
{
    static const unsigned activations = 1u << WS_OP_RELU | 1u << WS_OP_SILU | 1u << WS_OP_SIGMOID;

    ws_status status =
        ws_lower(&infer->lowered, graph, numbers->parameters, numbers->states, activations, err);
    if (status == WS_OK)
        status = ws_infer_compile(infer, err);
    if (status == WS_OK)
        status = set_levels(infer, err);
    if (status == WS_OK) {
        ws_infer_find_shared(infer);
        status = ws_infer_place(infer, err);
    }
    if (status != WS_OK)
        return status;
    quantize_parameters(infer);
    return make_arrays(infer, err);
}

ws_status ws_infer_create(ws_infer **infer, const ws_graph *graph, const ws_infer_numbers *numbers,
                          ws_cpu_level level, ws_error *err)
{
    return ws_infer_create_sliding(infer, graph, numbers, 0, level, err);
}

ws_status ws_infer_create_sliding(ws_infer **infer, const ws_graph *graph,
                                  const ws_infer_numbers *numbers, size_t n_rows,
                                  ws_cpu_level level, ws_error *err)
{
    ws_infer *made = calloc(1, sizeof *made);

    *infer = NULL;
    if (made == NULL)
        return ws_fail_memory(err, "a network");
    made->kernels = ws_infer_kernels_get(level);
    made->quant = ws_quant_kernels_get(level);
    made->n_inputs = ws_shape_size(ws_graph_input_shape(graph));
    made->n_labels = ws_graph_n_labels(graph);
    made->n_rows = n_rows;
    const ws_status status = init(made, graph, numbers, err);
    if (status != WS_OK) {
        ws_infer_destroy(made);
        return status;
    }
    *infer = made;
    return WS_OK;
}

void ws_infer_destroy(ws_infer *infer)
{
    if (infer == NULL)
        return;
    ws_lowered_deinit(&infer->lowered);
    free(infer->values);
    free(infer->steps);
    ws_arena_deinit(&infer->arena);
    free(infer);
}

static float *as_data(const float *features)
{
    union {
        const float *read;
        float *data;
    } same = {.read = features}; /* no step writes to value 0 */
    return same.data;
}

void ws_infer_run(ws_infer *infer, const float *features, size_t n, float *logits)
{
    for (size_t i = 0; i < n; i++) {
        infer->values[0].data = as_data(features + i * infer->n_inputs);
        if (infer->n_rows > 0)
            ws_infer_move_on(infer);
        for (size_t step = 0; step < infer->n_steps; step++)
            ws_infer_run_step(infer, &infer->steps[step]);
        memcpy(logits + i * infer->n_labels, infer->values[infer->output].data,
               infer->n_labels * sizeof *logits);
    }
}

size_t ws_infer_get_bytes(const ws_infer *infer)
{
    return infer->arena.size;
}
