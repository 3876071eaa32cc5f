#include "models/model.h"

#include <assert.h>

#include "base/lookup.h"

static const ws_model *const table[] = {
    &ws_model_single_fc,        &ws_model_conv,      &ws_model_low_latency_conv,
    &ws_model_low_latency_svdf, &ws_model_tiny_conv, &ws_model_tiny_embedding_conv,
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
