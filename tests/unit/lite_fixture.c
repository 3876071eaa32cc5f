#include "unit/lite_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nn/network.h"
#include "support/models.h"

void lite_lower_model(const char *name, const ws_lite_lower_options *how, ws_lite *lite)
{
    const ws_model_settings settings = ws_test_model_settings(49, 40, 4);
    const ws_model *model;
    ws_network *network;
    ws_graph graph;

    assert_int_equal(ws_model_find(&model, name, NULL), WS_OK);
    assert_int_equal(model->build(&graph, &settings, NULL), WS_OK);
    const ws_network_options options = {.max_batch = 1, .engine = WS_ENGINE_REFERENCE};
    assert_int_equal(ws_network_create(&network, &graph, &options, NULL), WS_OK);
    ws_network_init_parameters(network, 3);
    assert_int_equal(ws_lite_lower(lite, &graph, ws_network_parameters(network),
                                   ws_network_states(network), how, NULL),
                     WS_OK);
    ws_lite_push_note(lite, "about", "a note");
    ws_network_destroy(network);
    ws_graph_deinit(&graph);
}
