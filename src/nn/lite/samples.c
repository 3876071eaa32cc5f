#include "nn/lite/samples.h"

void ws_lite_run_samples(ws_lite_run *run, const ws_lite_samples *samples, ws_lite_look *look,
                         void *context)
{
    const size_t step = ws_lite_tensor_size(ws_lite_run_get_input(run, 0));

    for (size_t i = 0; i < samples->n; i++) {
        ws_lite_run_reset(run);
        for (size_t at = 0; at + step <= samples->size; at += step) {
            ws_lite_run_write(run, 0, samples->numbers + i * samples->size + at);
            ws_lite_run_invoke(run);
            look(context, run);
        }
    }
}

size_t ws_lite_largest_tensor(const ws_lite *lite)
{
    const ws_lite_graph *graph = &lite->graphs[0];
    size_t largest = 1;

    for (size_t t = 0; t < graph->n_tensors; t++)
        if (ws_lite_tensor_size(&graph->tensors[t]) > largest)
            largest = ws_lite_tensor_size(&graph->tensors[t]);
    return largest;
}
