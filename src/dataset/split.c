#include "dataset/split.h"

#include <nettle/sha1.h>
#include <string.h>

#include "base/lookup.h"
#include "base/path.h"

/* The original's "most clips that a class may have". The hash is taken modulo one more than this
 * and scaled by this, so the scale's end, 100, can be reached. */
static const uint32_t max_wavs_per_class = (1u << 27) - 1;

static const char *split_name_at(size_t i)
{
    static const char *const names[] = {
        [WS_SPLIT_AUTO] = "auto", [WS_SPLIT_LISTS] = "lists", [WS_SPLIT_HASH] = "hash"};
    return names[i];
}

ws_status ws_split_by_find(const char *name, ws_split_by *by, ws_error *err)
{
    size_t i = WS_SPLIT_AUTO;
    ws_error reason = {0};

    const ws_status status = ws_lookup("split", name != NULL ? name : "auto", split_name_at,
                                       WS_SPLIT_HASH + 1, &i, &reason);
    *by = (ws_split_by)i;
    return status == WS_OK ? WS_OK : ws_fail(err, WS_EUSAGE, "--split: %s", reason.message);
}

double ws_split_percent(const char *path)
{
    struct sha1_ctx sha1;
    uint8_t digest[SHA1_DIGEST_SIZE];
    const char *name = ws_path_base(path);
    const char *marker = strstr(name, "_nohash_");

    sha1_init(&sha1);
    sha1_update(&sha1, marker != NULL ? (size_t)(marker - name) : strlen(name),
                (const uint8_t *)name);
    sha1_digest(&sha1, sizeof digest, digest);
    /* 160 bits, big-endian, modulo 2^27: the last four bytes are enough */
    const uint8_t *tail = digest + SHA1_DIGEST_SIZE - 4;
    const uint32_t hash =
        (uint32_t)tail[0] << 24 | (uint32_t)tail[1] << 16 | (uint32_t)tail[2] << 8 | tail[3];
    return (double)(hash & max_wavs_per_class) * (100.0 / (double)max_wavs_per_class);
}

ws_set ws_split_find(const char *path, int64_t validation_percentage, int64_t testing_percentage)
{
    const double percent = ws_split_percent(path);
    if (percent < (double)validation_percentage)
        return WS_SET_VALIDATION;
    if (percent < (double)(testing_percentage + validation_percentage))
        return WS_SET_TESTING;
    return WS_SET_TRAINING;
}
