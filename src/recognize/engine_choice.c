#include "recognize/engine_choice.h"

#include <string.h>

#include "base/cpu.h"

ws_status ws_engine_choice_find(const ws_train_options *options, ws_engine *engine, ws_error *err)
{
    ws_cpu_level level;

    *engine = strcmp(options->engine, "reference") == 0 ? WS_ENGINE_REFERENCE : WS_ENGINE_FAST;
    if (*engine == WS_ENGINE_FAST && strcmp(options->engine, "fast") != 0)
        return ws_fail(err, WS_EUSAGE, "--engine=%s: expected fast or reference", options->engine);
    if (options->isa[0] == '\0')
        return WS_OK;
    const ws_status status = ws_cpu_level_find(options->isa, &level, err);
    if (status != WS_OK && err != NULL)
        err->status = WS_EUSAGE;
    return status != WS_OK ? WS_EUSAGE : WS_OK;
}
