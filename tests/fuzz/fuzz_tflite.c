/* formats/tflite, nn/lite: any bytes as a TFLite file; what is read is written, and run if small.
 */
#include "fuzz/fuzz.h"

#include <stdlib.h>

#include "formats/flat_write.h"
#include "formats/tflite.h"
#include "nn/lite/run.h"

enum { MAX_NUMBERS = 1 << 16, MAX_PRODUCTS = 1 << 22 };

/** Whether all of it fits the time of one input. */
static int is_small(const ws_lite *lite)
{
    double n_numbers = 0.0, n_products = 0.0;

    for (size_t g = 0; g < lite->n_graphs; g++) {
        const ws_lite_graph *graph = &lite->graphs[g];
        for (size_t i = 0; i < graph->n_tensors; i++)
            n_numbers += (double)ws_lite_tensor_size(&graph->tensors[i]);
        for (size_t i = 0; i < graph->n_nodes; i++) {
            const ws_lite_node *node = &graph->nodes[i];
            const ws_lite_options *o = &node->options;
            double n = 1.0;
            for (size_t k = 0; k < node->n_outputs; k++)
                n += (double)ws_lite_tensor_size(&graph->tensors[node->outputs[k]]);
            if (node->n_inputs > 1 && node->inputs[1] >= 0)
                n *= (double)ws_lite_tensor_size(&graph->tensors[node->inputs[1]]);
            if (o->filter_h > 0 && o->filter_w > 0)
                n *= (double)o->filter_h * (double)o->filter_w;
            n_products += n;
        }
    }
    return n_numbers < MAX_NUMBERS && n_products < MAX_PRODUCTS;
}

static void run_model(const ws_lite *lite)
{
    const ws_lite_run_options options = {.rounding = WS_LITE_ROUNDING_TFLM};
    ws_lite_run *run;
    ws_error err;

    if (ws_lite_run_create(&run, lite, &options, &err) != WS_OK)
        return;
    ws_lite_run_invoke(run);
    ws_lite_run_invoke(run);
    ws_lite_run_destroy(run);
}

/** The same with what it says of features, by metadata or operators. */
static void read_model(const uint8_t *data, size_t size)
{
    static ws_frozen frozen; /* large */
    ws_error err;

    frozen = (ws_frozen){.lite = NULL};
    if (ws_tflite_read_frozen("input", data, size, &frozen, &err) == WS_OK)
        ws_frozen_deinit(&frozen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ws_error err;
    ws_lite lite;
    ws_buf file;

    if (ws_tflite_read("input", data, size, &lite, &err) != WS_OK)
        return 0;
    ws_buf_init(&file, WS_FLAT_MAX_BYTES);
    if (ws_tflite_write(&lite, &file, &err) != WS_OK)
        abort();
    ws_buf_deinit(&file);
    if (is_small(&lite)) {
        run_model(&lite);
        read_model(data, size);
    }
    ws_lite_deinit(&lite);
    return 0;
}
