#include "audio/feature_range.h"

#include "base/lookup.h"

/* The original's get_features_range, and ours for log_mel. That of `average` is far below what loud
 * clips reach: they are cut off there, as they are in the original. */
static const struct {
    const char *preprocess;
    ws_feature_range range;
} ranges[] = {
    {"mfcc", {-247.0f, 30.0f}},      {"average", {0.0f, 127.5f}},  {"micro", {0.0f, 26.0f}},
    {"micro_device", {0.0f, 26.0f}}, {"log_mel", {-14.0f, 12.0f}}, /* digital silence is log 1e-6, a
                                                                      tone at full scale 11.5 */
};

static const char *name_at(size_t i)
{
    return ranges[i].preprocess;
}

ws_status ws_feature_range_find(const char *preprocess, ws_feature_range *range, ws_error *err)
{
    size_t index = 0;
    const ws_status status =
        ws_lookup("--preprocess", preprocess, name_at, sizeof ranges / sizeof *ranges, &index, err);
    if (status == WS_OK)
        *range = ranges[index].range;
    return status;
}
