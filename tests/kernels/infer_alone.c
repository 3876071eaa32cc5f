/* A program of the engine for inference alone. check_alone.sh looks at what it is linked with. */
#include "nn/infer/infer.h"

int main(void)
{
    static const float weights[4] = {1.0f, -2.0f, 0.5f, 4.0f}, features[2] = {3.0f, 1.0f};
    float logits[2];
    ws_infer *infer;
    ws_graph graph;

    ws_graph_init(&graph);
    const size_t x = ws_graph_push_input(&graph, (ws_shape){1, 1, 2});
    (void)ws_graph_push_dense(&graph, x, &(ws_dense_args){.name = "w", .n_units = 2});
    const ws_status status = ws_infer_create(&infer, &graph, &(ws_infer_numbers){weights, NULL},
                                             ws_cpu_level_get_best(), NULL);
    ws_graph_deinit(&graph);
    if (status != WS_OK)
        return 1;
    ws_infer_run(infer, features, 1, logits);
    ws_infer_destroy(infer);
    return logits[0] == 3.5f && logits[1] == -2.0f ? 0 : 1;
}
