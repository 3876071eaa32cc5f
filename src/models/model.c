#include "models/model.h"

#include <assert.h>

#include "base/lookup.h"

static const ws_model *const table[] = {
    &ws_model_single_fc,        &ws_model_conv,
    &ws_model_low_latency_conv, &ws_model_low_latency_svdf,
    &ws_model_tiny_conv,        &ws_model_tiny_embedding_conv,
    &ws_model_bc_resnet_1,      &ws_model_bc_resnet_1_5,
    &ws_model_bc_resnet_2,      &ws_model_bc_resnet_3,
    &ws_model_bc_resnet_6,      &ws_model_bc_resnet_8,
    &ws_model_ds_cnn_s,         &ws_model_ds_cnn_m,
    &ws_model_ds_cnn_l,         &ws_model_tc_resnet_8,
    &ws_model_tc_resnet_8_1_5,  &ws_model_tc_resnet_14,
    &ws_model_tc_resnet_14_1_5, &ws_model_ds_tc_resnet,
    &ws_model_mixednet,
};
enum { N_MODELS = sizeof table / sizeof *table };

size_t ws_model_n(void)
{
    return N_MODELS;
}

const ws_model *ws_model_get(size_t i)
{
    assert(i < N_MODELS);
    return table[i];
}

static const char *name_at(size_t i)
{
    return table[i]->name;
}

ws_status ws_model_find(const ws_model **model, const char *name, ws_error *err)
{
    size_t index;

    const ws_status status =
        ws_lookup("--model_architecture", name, name_at, N_MODELS, &index, err);
    if (status == WS_OK)
        *model = table[index];
    return status;
}
