/* What a phase is called, and how much it has to do. */
#include <stdio.h>
#include <string.h>

#include "nn/engine/lanes/plan.h"

static const char *name_of(ws_lanes_op op)
{
    switch (op) {
    case WS_LANES_CONV:
        return "convolution";
    case WS_LANES_CONV_BACK:
        return "convolution back";
    case WS_LANES_DEPTHWISE:
        return "depthwise";
    case WS_LANES_DEPTHWISE_BACK:
        return "depthwise back";
    case WS_LANES_MAX_POOL:
        return "max pooling";
    case WS_LANES_MAX_POOL_BACK:
        return "max pooling back";
    case WS_LANES_SUM_W:
        return "row sums";
    case WS_LANES_SUM_ROWS:
        return "column sums";
    case WS_LANES_MOMENTS:
        return "statistics";
    case WS_LANES_NORM_SUMS:
        return "statistics back";
    case WS_LANES_EXTREMES:
        return "ranges";
    case WS_LANES_CONV_WEIGHTS:
    case WS_LANES_DEPTHWISE_WEIGHTS:
        return "weights";
    default:
        return NULL;
    }
}

void ws_lanes_phase_name(const ws_lanes_plan *plan, const ws_lanes_phase *phase, char *name,
                         size_t size)
{
    size_t at = 0;

    name[0] = '\0';
    for (size_t s = 0; s < phase->n_steps; s++) {
        const char *word = name_of(plan->program->nodes[phase->steps[s].node].op);
        if (word == NULL || strstr(name, word) != NULL || at + strlen(word) + 3 > size)
            continue;
        at += (size_t)snprintf(name + at, size - at, "%s%s", at > 0 ? ", " : "", word);
    }
    if (at == 0)
        snprintf(name, size, "element by element");
}

/** Taps of an output; the mean where groups of channels see different rows. */
static double count_taps(const ws_lanes_program *program, const ws_lanes_node *node)
{
    size_t n = 0;

    if (node->n_groups == 0)
        return (double)(node->window.h * node->window.w);
    for (size_t i = 0; i < node->n_groups; i++) {
        const ws_lanes_group group = ws_lanes_get_group(program, node, i);
        n += ws_lanes_count_group(node, &group);
    }
    return (double)n / (double)node->c;
}

/** Sums and products of a node for one sample. */
static double count_operations(const ws_lanes_program *program, const ws_lanes_node *node)
{
    const double n = (double)(node->h * node->w * node->c);
    const double n_taps = count_taps(program, node);

    switch (node->op) {
    case WS_LANES_CONV:
        return 2.0 * n * n_taps * (double)program->nodes[node->in[0]].c;
    case WS_LANES_CONV_WEIGHTS:
        return 2.0 * n * n_taps * (double)node->left;
    case WS_LANES_DEPTHWISE:
    case WS_LANES_DEPTHWISE_WEIGHTS:
        return 2.0 * n * n_taps;
    case WS_LANES_CONV_BACK:
    case WS_LANES_DEPTHWISE_BACK: {
        const ws_lanes_node *dz = &program->nodes[node->in[0]];
        const double n_dz = (double)(node->window.out_h * node->window.out_w * dz->c);
        return 2.0 * n_dz * n_taps * (node->op == WS_LANES_CONV_BACK ? (double)node->c : 1.0);
    }
    default:
        return 0.0;
    }
}

static double count_numbers(const ws_lanes_node *node)
{
    return (double)(node->h * node->w * node->c);
}

static bool reads_memory(const ws_lanes_step *step, size_t k)
{
    return step->sources[k].node != WS_LANES_NONE && step->inputs[k].in == WS_LANES_NONE;
}

/** Whether an earlier step reads the array that step s reads as source k. */
static bool is_read_before(const ws_lanes_program *program, const ws_lanes_phase *phase, size_t s,
                           size_t k)
{
    const size_t node = ws_lanes_source_node(program, phase->steps[s].sources[k]);

    for (size_t t = 0; t < s; t++)
        for (size_t i = 0; i < WS_LANES_MAX_SOURCES; i++)
            if (reads_memory(&phase->steps[t], i) &&
                ws_lanes_source_node(program, phase->steps[t].sources[i]) == node)
                return true;
    return false;
}

void ws_lanes_phase_work(const ws_lanes_plan *plan, const ws_lanes_phase *phase, size_t n_lanes,
                         double *n_operations, double *n_bytes)
{
    const ws_lanes_program *program = plan->program;
    double operations = 0.0, floats = 0.0;

    for (size_t s = 0; s < phase->n_steps; s++) {
        const ws_lanes_step *step = &phase->steps[s];
        operations += count_operations(program, &program->nodes[step->node]);
        if (plan->schedule[step->node].is_stored)
            floats += count_numbers(&program->nodes[step->node]);
        for (size_t k = 0; k < WS_LANES_MAX_SOURCES; k++)
            if (reads_memory(step, k) && !is_read_before(program, phase, s, k))
                floats +=
                    count_numbers(&program->nodes[ws_lanes_source_node(program, step->sources[k])]);
    }
    *n_operations = operations * (double)n_lanes;
    *n_bytes = floats * (double)(n_lanes * sizeof(float));
}
