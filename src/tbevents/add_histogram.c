#include <math.h>
#include <stdlib.h>

#include "tbevents/little_endian.h"
#include "tbevents/writer.h"

enum { N_BUCKETS = 30, ROW_BYTES = 3 * sizeof(double) };

static tbe_status check_start(tbe_writer *writer, const char *tag)
{
    const tbe_status status = tbe_check_writer(writer);
    return status == TBE_OK ? tbe_check_tag(writer, tag, NULL) : status;
}

/** Adds checked buckets. @param bytes  [n_buckets * ROW_BYTES], room for them as the file has them
 */
static tbe_status add_buckets(tbe_writer *writer, int64_t step, const char *tag, size_t n_buckets,
                              const double (*buckets)[3], uint8_t *bytes)
{
    uint8_t *out = bytes;
    for (size_t i = 0; i < n_buckets; i++)
        for (size_t j = 0; j < 3; j++)
            out = tbe_put_double(out, buckets[i][j]);
    tbe_tensor_value value = {
        .tag = tag,
        .plugin = "histograms",
        .data_class = TBE_CLASS_TENSOR,
        .type = TBE_ELEMENT_DOUBLE,
        .n_dims = 2,
        .dims = {n_buckets, 3},
        .content = {bytes, n_buckets * ROW_BYTES},
    };
    return tbe_add_tensor(writer, step, &value);
}

static tbe_status check_buckets(tbe_writer *writer, const char *tag, size_t n_buckets,
                                const double (*buckets)[3])
{
    if (buckets == NULL || n_buckets == 0)
        return tbe_refuse(writer, TBE_EINVAL, "the histogram " TBE_QUOTE " has no buckets", tag);
    if (n_buckets > TBE_MAX_BUCKETS)
        return tbe_refuse(writer, TBE_ELIMIT,
                          "the histogram " TBE_QUOTE " has %zu buckets, above the %d allowed", tag,
                          n_buckets, TBE_MAX_BUCKETS);
    double total = 0.0;
    for (size_t i = 0; i < n_buckets; i++) {
        total += buckets[i][2];
        const double left = buckets[i][0], right = buckets[i][1], count = buckets[i][2];
        const bool follows = i == 0 || left >= buckets[i - 1][1];
        if (!isfinite(left) || !isfinite(right) || !isfinite(total) || !follows || left > right ||
            count < 0.0)
            return tbe_refuse(writer, TBE_EINVAL,
                              "the histogram " TBE_QUOTE " has a bucket %zu from %g to %g with %g; "
                              "edges must rise, counts be 0 or more",
                              tag, i, left, right, count);
    }
    return TBE_OK;
}

tbe_status tbe_add_histogram_buckets(tbe_writer *writer, int64_t step, const char *tag,
                                     size_t n_buckets, const double (*buckets)[3])
{
    tbe_status status = check_start(writer, tag);

    if (status == TBE_OK)
        status = check_buckets(writer, tag, n_buckets, buckets);
    if (status != TBE_OK)
        return status;
    uint8_t *bytes = malloc(n_buckets * ROW_BYTES);
    if (bytes == NULL)
        return tbe_refuse(writer, TBE_ENOMEM, "no memory for the histogram " TBE_QUOTE, tag);
    status = add_buckets(writer, step, tag, n_buckets, buckets, bytes);
    free(bytes);
    return status;
}

typedef struct value_range {
    double least, most; /* of the finite values */
    size_t n_finite;
} value_range;

static value_range find_range(size_t n, const float *values)
{
    value_range found = {HUGE_VAL, -HUGE_VAL, 0};
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i]))
            continue;
        found.least = fmin(found.least, (double)values[i]);
        found.most = fmax(found.most, (double)values[i]);
        found.n_finite++;
    }
    return found;
}

/** Of equal values all buckets are that value, and the last has them all, as TensorFlow does. */
static void set_edges(const value_range *range, double (*buckets)[3])
{
    const double width = (range->most - range->least) / N_BUCKETS;
    for (size_t i = 0; i < N_BUCKETS; i++) {
        buckets[i][0] = range->least + (double)i * width;
        buckets[i][1] = i + 1 < N_BUCKETS ? range->least + (double)(i + 1) * width : range->most;
        buckets[i][2] = 0.0;
    }
}

static void count_values(const value_range *range, size_t n, const float *values,
                         double (*buckets)[3])
{
    const double scale =
        range->most > range->least ? N_BUCKETS / (range->most - range->least) : HUGE_VAL;
    size_t counts[N_BUCKETS] = {0};

    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i]))
            continue;
        const double at = ((double)values[i] - range->least) * scale; /* NaN where all are equal */
        counts[at < N_BUCKETS ? (size_t)at : N_BUCKETS - 1]++;
    }
    for (size_t i = 0; i < N_BUCKETS; i++)
        buckets[i][2] = (double)counts[i];
}

tbe_status tbe_add_histogram(tbe_writer *writer, int64_t step, const char *tag, size_t n_values,
                             const float *values, size_t *n_skipped)
{
    double buckets[N_BUCKETS][3];
    uint8_t bytes[N_BUCKETS * ROW_BYTES];
    const tbe_status status = check_start(writer, tag);

    if (status != TBE_OK)
        return status;
    if (values == NULL || n_values == 0)
        return tbe_refuse(writer, TBE_EINVAL, "the histogram " TBE_QUOTE " has no values", tag);
    const value_range range = find_range(n_values, values);
    if (n_skipped != NULL)
        *n_skipped = n_values - range.n_finite;
    else if (range.n_finite < n_values)
        return tbe_refuse(writer, TBE_EINVAL,
                          "the histogram " TBE_QUOTE " has %zu values that are not finite", tag,
                          n_values - range.n_finite);
    if (range.n_finite == 0)
        return TBE_OK;
    set_edges(&range, buckets);
    count_values(&range, n_values, values, buckets);
    return add_buckets(writer, step, tag, N_BUCKETS, (const double(*)[3])buckets, bytes);
}
