#include <math.h>
#include <stddef.h>
#include <string.h>

#include "tbevents/elements.h"
#include "tbevents/hparams.h"

void tbe_session_init(tbe_session *session, size_t struct_size, size_t hparam_size)
{
    memset(session, 0, struct_size);
    session->struct_size = struct_size;
    if (struct_size > offsetof(tbe_session, hparam_size))
        session->hparam_size = hparam_size;
}

static tbe_status check_value(tbe_writer *writer, const tbe_hparam *hparam)
{
    size_t n_bytes;
    const char *complaint = "has a kind that this library does not know";
    tbe_status status = TBE_EINVAL;

    switch (hparam->kind) {
    case TBE_HPARAM_NUMBER:
    case TBE_HPARAM_BOOL:
        complaint = "is not finite";
        if (isfinite(hparam->number))
            return TBE_OK;
        break;
    case TBE_HPARAM_TEXT:
        complaint = "is NULL";
        if (hparam->text == NULL)
            break;
        if (hparam->text[0] == '\0')
            return TBE_OK;
        status =
            tbe_text_check(hparam->text, TBE_TEXT_LINES, TBE_MAX_TEXT_BYTES, &n_bytes, &complaint);
        if (status == TBE_OK)
            return TBE_OK;
        break;
    }
    return tbe_refuse(writer, status, "the value of the hyperparameter " TBE_QUOTE " %s",
                      hparam->name, complaint);
}

/** Copies the caller's hyperparameters and checks them. */
static tbe_status take_hparams(tbe_writer *writer, tbe_pool *pool, tbe_session *session)
{
    const size_t n = session->n_hparams;
    const tbe_elements theirs = {"hyperparameters",    n,
                                 TBE_MAX_HPARAMS,      session->hparams,
                                 session->hparam_size, sizeof(tbe_hparam)};
    void *own = NULL;
    tbe_status status = tbe_take_elements(writer, pool, &theirs, &own);

    if (status != TBE_OK)
        return status;
    session->hparams = own;
    const char **names = tbe_pool_new(pool, n, sizeof *names);
    if (names == NULL)
        return tbe_refuse(writer, TBE_ENOMEM, "no memory for hyperparameters");
    for (size_t i = 0; i < n; i++)
        names[i] = session->hparams[i].name;
    status = tbe_hparams_check_names(writer, n, names);
    for (size_t i = 0; status == TBE_OK && i < n; i++)
        status = check_value(writer, &session->hparams[i]);
    return status;
}

static bool set_hparams(tbe_pool *pool, const tbe_session *session,
                        Tbproto__SessionStartInfo *message)
{
    const size_t n = session->n_hparams;
    Tbproto__SessionStartInfo__HParam *entries = tbe_pool_new(pool, n, sizeof *entries);
    Tbproto__SessionStartInfo__HParam **pointers = tbe_pool_new(pool, n, sizeof entries);
    Tbproto__HParamValue *values = tbe_pool_new(pool, n, sizeof *values);

    if (entries == NULL || pointers == NULL || values == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        const tbe_hparam *hparam = &session->hparams[i];
        tbe_hparams_set_value(&values[i], hparam->kind, hparam->number, hparam->text);
        tbproto__session_start_info__hparam__init(&entries[i]);
        entries[i].key = tbe_text_unconst(hparam->name);
        entries[i].value = &values[i];
        pointers[i] = &entries[i];
    }
    message->n_hparams = n;
    message->hparams = pointers;
    return true;
}

static tbe_status append_start(tbe_writer *writer, tbe_pool *pool, const tbe_session *session)
{
    Tbproto__HParamsPluginData message;
    Tbproto__SessionStartInfo start;

    tbproto__hparams_plugin_data__init(&message);
    tbproto__session_start_info__init(&start);
    if (!set_hparams(pool, session, &start))
        return tbe_refuse(writer, TBE_ENOMEM, "no memory for hyperparameters");
    start.group_name = tbe_text_unconst(session->group_name);
    start.start_time_secs = session->start_time;
    message.data_case = TBPROTO__HPARAMS_PLUGIN_DATA__DATA_SESSION_START_INFO;
    message.session_start_info = &start;
    return tbe_hparams_append(writer, TBE_SESSION_START_TAG, pool, &message);
}

tbe_status tbe_add_session_start(tbe_writer *writer, const tbe_session *session)
{
    tbe_pool pool = {.blocks = NULL};
    tbe_session own;
    tbe_status status = tbe_check_writer(writer);

    if (status == TBE_OK && writer->has_large_step)
        status = tbe_refuse(writer, TBE_EINVAL,
                            "a run with steps beyond 32 bits cannot have "
                            "hyperparameters");
    if (status == TBE_OK)
        status = tbe_take(writer, "session", &own, sizeof own, session, "tbe_session_init");
    if (status == TBE_OK)
        status = tbe_hparams_check_name(writer, "group name", own.group_name);
    if (status == TBE_OK)
        status = tbe_hparams_take_time(writer, "start", &own.start_time);
    if (status == TBE_OK)
        status = take_hparams(writer, &pool, &own);
    if (status == TBE_OK)
        status = append_start(writer, &pool, &own);
    if (status == TBE_OK)
        writer->has_session = true;
    tbe_pool_deinit(&pool);
    return status;
}

tbe_status tbe_add_session_end(tbe_writer *writer, tbe_session_end end, double end_time)
{
    tbe_pool pool = {.blocks = NULL};
    Tbproto__HParamsPluginData message;
    Tbproto__SessionEndInfo info;
    tbe_status status = tbe_check_writer(writer);

    tbproto__hparams_plugin_data__init(&message);
    tbproto__session_end_info__init(&info);
    if (status == TBE_OK && end != TBE_SESSION_SUCCESS && end != TBE_SESSION_FAILURE)
        status = tbe_refuse(writer, TBE_EINVAL, "%d is not an end of a session", (int)end);
    if (status == TBE_OK)
        status = tbe_hparams_take_time(writer, "end", &end_time);
    if (status != TBE_OK)
        return status;
    info.status = end == TBE_SESSION_SUCCESS ? TBPROTO__SESSION_END_INFO__STATUS__SUCCESS
                                             : TBPROTO__SESSION_END_INFO__STATUS__FAILURE;
    info.end_time_secs = end_time;
    message.data_case = TBPROTO__HPARAMS_PLUGIN_DATA__DATA_SESSION_END_INFO;
    message.session_end_info = &info;
    status = tbe_hparams_append(writer, TBE_SESSION_END_TAG, &pool, &message);
    tbe_pool_deinit(&pool);
    return status;
}
