#include "support/saved_checkpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "checkpoint/bundle.h"
#include "settings/settings.h"

enum { MAX_ARRAYS = 128 };

void ws_test_write_checkpoint(const char *prefix, const ws_saved_arrays *arrays,
                              const char *settings)
{
    ws_saved_array list[MAX_ARRAYS];
    ws_bundle_tensor tensors[MAX_ARRAYS + 2];
    const size_t n = ws_saved_arrays_count(arrays);
    const int64_t step = 7;
    ws_error err;

    assert_true(n <= MAX_ARRAYS);
    ws_saved_arrays_list(arrays, list);
    for (size_t i = 0; i < n; i++) {
        tensors[i] = (ws_bundle_tensor){.name = list[i].name,
                                        .dtype = WS_BUNDLE_FLOAT32,
                                        .n_dims = list[i].n_dims,
                                        .data = list[i].data,
                                        .size = list[i].size * sizeof(float)};
        memcpy(tensors[i].dims, list[i].dims, sizeof list[i].dims);
    }
    tensors[n] = (ws_bundle_tensor){
        .name = "global_step", .dtype = WS_BUNDLE_INT64, .data = &step, .size = sizeof step};
    tensors[n + 1] = (ws_bundle_tensor){.name = WS_SETTINGS_ENTRY,
                                        .dtype = WS_BUNDLE_STRING,
                                        .data = settings,
                                        .size = strlen(settings)};
    assert_int_equal(ws_bundle_write(prefix, tensors, n + 2, &err), WS_OK);
}
