#include "support/bundle_copy.h"

#include <stdlib.h>
#include <string.h>

#include "checkpoint/bundle.h"

#define MAX_STRING_BYTES ((size_t)1 << 20)

/** Reads one array into new memory, which tensor->data then owns. */
static ws_status read_tensor(const ws_bundle *bundle, const ws_bundle_entry *entry,
                             ws_bundle_tensor *tensor, ws_error *err)
{
    char *bytes = NULL;
    ws_status status;

    *tensor = (ws_bundle_tensor){
        .name = entry->name,
        .dtype = (ws_bundle_dtype)entry->dtype,
        .n_dims = entry->n_dims,
        .size = (size_t)entry->size,
    };
    memcpy(tensor->dims, entry->dims, sizeof tensor->dims);
    if (entry->dtype == WS_BUNDLE_STRING) {
        status = ws_bundle_read_string(bundle, entry->name, MAX_STRING_BYTES, &bytes, &tensor->size,
                                       err);
    } else {
        bytes = malloc(tensor->size + 1);
        status = bytes == NULL ? ws_fail_memory(err, entry->name)
                               : ws_bundle_read(bundle, entry, bytes, tensor->size, err);
    }
    tensor->data = bytes;
    return status;
}

static void free_data(const ws_bundle_tensor *tensor)
{
    union {
        const void *borrowed;
        void *owned;
    } data = {.borrowed = tensor->data};
    free(data.owned);
}

ws_status ws_test_bundle_copy(const char *from, const char *to, ws_error *err)
{
    ws_bundle *bundle = NULL;
    size_t n_entries, n_read = 0;

    ws_status status = ws_bundle_open(&bundle, from, err);
    if (status != WS_OK)
        return status;
    const ws_bundle_entry *entries = ws_bundle_entries(bundle, &n_entries);
    ws_bundle_tensor *tensors = calloc(n_entries + 1, sizeof *tensors);
    if (tensors == NULL)
        status = ws_fail_memory(err, from);
    while (status == WS_OK && n_read < n_entries) {
        /* backwards, so that sorting by name is up to the writer */
        status = read_tensor(bundle, &entries[n_entries - 1 - n_read], &tensors[n_read], err);
        n_read++;
    }
    if (status == WS_OK)
        status = ws_bundle_write(to, tensors, n_entries, err);
    for (size_t i = 0; i < n_read; i++)
        free_data(&tensors[i]);
    free(tensors);
    ws_bundle_close(bundle);
    return status;
}
