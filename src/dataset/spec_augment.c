/* SpecAugment (Park et al. 2019) without its warping of time: random frames and random bins of the
 * features become 0, in all published recipes for keywords and so for every kind of features here.
 */
#include <string.h>

#include "dataset/augmentations.h"

static bool is_wanted(const ws_augment_options *options)
{
    return options->spec_augment;
}

/** A mask over everything would leave nothing to learn from. */
static ws_status check_width(const char *flag, int64_t width, size_t n, const char *what,
                             ws_error *err)
{
    if ((uint64_t)width < n)
        return WS_OK;
    return ws_fail(err, WS_EUSAGE, "--%s=%lld: the features have %zu %s, expected fewer", flag,
                   (long long)width, n, what);
}

static ws_status check(const ws_augment_options *options, ws_feature_shape shape, ws_error *err)
{
    const ws_status status = check_width("spec_augment_time_frames", options->time_mask_frames,
                                         shape.n_frames, "frames", err);
    if (status != WS_OK)
        return status;
    return check_width("spec_augment_frequency_bins", options->frequency_mask_bins, shape.width,
                       "bins", err);
}

/** Where a mask lies: its width is 0 .. widest, each equally likely, as is each place. */
static size_t draw_mask(ws_random *random, int64_t widest, size_t n, size_t *first)
{
    const size_t width = ws_random_below(random, (uint32_t)widest + 1);

    *first = ws_random_below(random, (uint32_t)(n - width + 1));
    return width;
}

static void run(const ws_augment_options *options, ws_random *random, ws_feature_shape shape,
                float *features)
{
    size_t first;

    for (int64_t i = 0; i < options->time_masks; i++) {
        const size_t n = draw_mask(random, options->time_mask_frames, shape.n_frames, &first);
        memset(features + first * shape.width, 0, n * shape.width * sizeof *features);
    }
    for (int64_t i = 0; i < options->frequency_masks; i++) {
        const size_t n = draw_mask(random, options->frequency_mask_bins, shape.width, &first);
        for (size_t frame = 0; n > 0 && frame < shape.n_frames; frame++)
            memset(features + frame * shape.width + first, 0, n * sizeof *features);
    }
}

const ws_feature_augmentation ws_spec_augment = {
    .name = "spec_augment",
    .purpose = WS_RANDOM_SPEC_AUGMENT,
    .is_wanted = is_wanted,
    .check = check,
    .run = run,
};
