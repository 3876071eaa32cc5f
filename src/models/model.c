#include "models/model.h"

#include <assert.h>
#include <string.h>

#include "base/lookup.h"

static const ws_model *const table[] = {
    &ws_model_single_fc,
    &ws_model_conv,
    &ws_model_tiny_conv,
};
enum { N_MODELS = sizeof table / sizeof *table };

/* Architectures of the original that have no row above yet. */
static const char *const later[] = {"low_latency_conv", "low_latency_svdf", "tiny_embedding_conv"};

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

    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        if (strcmp(later[i], name) == 0)
            return ws_fail(err, WS_ENOTFOUND,
                           "--model_architecture=%s is not in this version yet; conv, tiny_conv "
                           "and single_fc are",
                           name);
    }
    const ws_status status = ws_lookup("--model_architecture", name, name_at, N_MODELS, &index, err);
    if (status == WS_OK)
        *model = table[index];
    return status;
}
