#include "optim/optimizer.h"

#include <string.h>

#include "base/lookup.h"

static const ws_optimizer *const optimizers[] = {
    &ws_optimizer_gradient_descent,
};
enum { N_OPTIMIZERS = sizeof optimizers / sizeof *optimizers };

static const char *optimizer_name_at(size_t i)
{
    return optimizers[i]->name;
}

ws_status ws_optimizer_find(const char *name, const ws_optimizer **optimizer, ws_error *err)
{
    size_t index = 0;
    /* a name of the original's that is on its way, not a mistake of the user's */
    if (strcmp(name, "momentum") == 0)
        return ws_fail(err, WS_ENOTFOUND,
                       "--optimizer=momentum is not in this version yet, expected "
                       "gradient_descent");
    const ws_status status =
        ws_lookup("--optimizer", name, optimizer_name_at, N_OPTIMIZERS, &index, err);
    if (status == WS_OK)
        *optimizer = optimizers[index];
    return status;
}
