#include "tbevents/hparams.h"

#include <string.h>

tbe_status tbe_hparams_check_name(tbe_writer *writer, const char *what, const char *name)
{
    return tbe_check_text(writer, "hyperparameters", what, name, TBE_TEXT_LINE);
}

tbe_status tbe_hparams_take_time(tbe_writer *writer, const char *what, double *time)
{
    if (*time == 0.0)
        *time = tbe_wall_time_get(writer);
    if (*time > 0.0 && *time <= TBE_MAX_WALL_TIME)
        return TBE_OK;
    return tbe_refuse(writer, TBE_EINVAL, "the %s time %g is not between 0 and %.0f seconds", what,
                      *time, TBE_MAX_WALL_TIME);
}

tbe_status tbe_hparams_check_names(tbe_writer *writer, size_t n, const char *const *names)
{
    if (tbe_tag_set_reset(&writer->tags, n) != 0)
        return tbe_refuse(writer, TBE_ENOMEM, "no memory for hyperparameters");
    for (size_t i = 0; i < n; i++) {
        if (names[i] == NULL)
            return tbe_refuse(writer, TBE_EINVAL, "hyperparameter %zu has no name", i);
        const tbe_status status = tbe_hparams_check_name(writer, "name", names[i]);
        if (status != TBE_OK)
            return status;
        if (!tbe_tag_set_add(&writer->tags, names, i, strlen(names[i])))
            return tbe_refuse(writer, TBE_EINVAL, "the hyperparameter " TBE_QUOTE " appears twice",
                              names[i]);
    }
    return TBE_OK;
}

void tbe_hparams_set_value(Tbproto__HParamValue *value, tbe_hparam_kind kind, double number,
                           const char *text)
{
    tbproto__hparam_value__init(value);
    switch (kind) {
    case TBE_HPARAM_NUMBER:
        value->kind_case = TBPROTO__HPARAM_VALUE__KIND_NUMBER_VALUE;
        value->number_value = number;
        break;
    case TBE_HPARAM_TEXT:
        value->kind_case = TBPROTO__HPARAM_VALUE__KIND_STRING_VALUE;
        value->string_value = tbe_text_unconst(text);
        break;
    case TBE_HPARAM_BOOL:
        value->kind_case = TBPROTO__HPARAM_VALUE__KIND_BOOL_VALUE;
        value->bool_value = number != 0.0;
        break;
    }
}

tbe_status tbe_hparams_append(tbe_writer *writer, const char *tag, tbe_pool *pool,
                              const Tbproto__HParamsPluginData *message)
{
    tbe_tensor_value value = {
        .tag = tag,
        .plugin = "hparams",
        .plugin_content = tbe_pool_pack(pool, &message->base),
        .data_class = TBE_CLASS_TENSOR,
        .type = TBE_ELEMENT_FLOAT, /* an empty vector: a value must be there */
        .n_dims = 1,
        .dims = {0},
    };
    if (value.plugin_content.data == NULL)
        return tbe_refuse(writer, TBE_ENOMEM, "no memory for hyperparameters");
    return tbe_add_tensor(writer, 0, &value);
}
