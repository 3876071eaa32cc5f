#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tbevents/little_endian.h"
#include "tbevents/plugins.h"
#include "tbevents/writer.h"

enum { DEFAULT_THRESHOLDS = 201, MAX_CASES = 1 << 24 /* a float counts no further */ };
enum row { TRUE_POSITIVES, FALSE_POSITIVES, TRUE_NEGATIVES, FALSE_NEGATIVES, N_COUNTS };
enum { N_ROWS = N_COUNTS + 2 }; /* precision and recall */

#define LEAST_DENOMINATOR 1e-7f /* TensorBoard's: 0 of 0 is 0 */

void tbe_pr_curve_init(tbe_pr_curve *curve, size_t struct_size)
{
    memset(curve, 0, struct_size);
    curve->struct_size = struct_size;
}

static tbe_status check_start(tbe_writer *writer, const char *tag)
{
    const tbe_status status = tbe_check_writer(writer);
    return status == TBE_OK ? tbe_check_tag(writer, tag, NULL) : status;
}

static tbe_status check_thresholds(tbe_writer *writer, const char *tag, size_t n)
{
    if (n >= 2 && n <= TBE_MAX_THRESHOLDS)
        return TBE_OK;
    return tbe_refuse(writer, n < 2 ? TBE_EINVAL : TBE_ELIMIT,
                      "the curve " TBE_QUOTE " has %zu thresholds, expected 2 to %d", tag, n,
                      TBE_MAX_THRESHOLDS);
}

static float share(float part, float rest)
{
    return part / fmaxf(part + rest, LEAST_DENOMINATOR);
}

/** Adds a curve of checked counts. @param counts [N_COUNTS] rows of n each */
static tbe_status add_curve(tbe_writer *writer, int64_t step, const char *tag, size_t n,
                            const float *const counts[N_COUNTS])
{
    uint8_t content[TBE_MAX_CONTENT_BYTES];
    uint8_t *bytes = malloc(N_ROWS * n * sizeof(float));
    uint8_t *out = bytes;

    if (bytes == NULL)
        return tbe_refuse(writer, TBE_ENOMEM, "no memory for the curve " TBE_QUOTE, tag);
    for (size_t row = 0; row < N_COUNTS; row++)
        for (size_t i = 0; i < n; i++)
            out = tbe_put_float(out, counts[row][i]);
    for (size_t i = 0; i < n; i++)
        out = tbe_put_float(out, share(counts[TRUE_POSITIVES][i], counts[FALSE_POSITIVES][i]));
    for (size_t i = 0; i < n; i++)
        out = tbe_put_float(out, share(counts[TRUE_POSITIVES][i], counts[FALSE_NEGATIVES][i]));
    tbe_tensor_value value = {
        .tag = tag,
        .plugin = "pr_curves",
        .plugin_content = {content, tbe_pr_content_write((int32_t)n, content)},
        .data_class = TBE_CLASS_TENSOR,
        .type = TBE_ELEMENT_FLOAT,
        .n_dims = 2,
        .dims = {N_ROWS, n},
        .content = {bytes, (size_t)(out - bytes)},
    };
    const tbe_status status = tbe_add_tensor(writer, step, &value);
    free(bytes);
    return status;
}

static tbe_status check_counts(tbe_writer *writer, const char *tag, size_t n,
                               const float *const counts[N_COUNTS])
{
    for (size_t row = 0; row < N_COUNTS; row++) {
        if (counts[row] == NULL)
            return tbe_refuse(writer, TBE_EINVAL, "the curve " TBE_QUOTE " lacks counts", tag);
        for (size_t i = 0; i < n; i++)
            if (!isfinite(counts[row][i]) || counts[row][i] < 0.0f)
                return tbe_refuse(writer, TBE_EINVAL,
                                  "the curve " TBE_QUOTE " has the count %g at threshold %zu", tag,
                                  (double)counts[row][i], i);
    }
    return TBE_OK;
}

tbe_status tbe_add_pr_curve(tbe_writer *writer, int64_t step, const char *tag,
                            const tbe_pr_curve *curve)
{
    tbe_pr_curve own;
    tbe_status status = check_start(writer, tag);

    if (status == TBE_OK)
        status = tbe_take(writer, tag, &own, sizeof own, curve, "tbe_pr_curve_init");
    if (status == TBE_OK)
        status = check_thresholds(writer, tag, own.n_thresholds);
    if (status != TBE_OK)
        return status;
    const float *const counts[N_COUNTS] = {own.true_positives, own.false_positives,
                                           own.true_negatives, own.false_negatives};
    status = check_counts(writer, tag, own.n_thresholds, counts);
    return status == TBE_OK ? add_curve(writer, step, tag, own.n_thresholds, counts) : status;
}

/** Counts the cases of each class by the last threshold that their score reaches.
 *  @param found [2][n] of negatives and of positives, zeroed
 *  @return the first case whose score is not 0 to 1; n_cases: none */
static size_t count_scores(size_t n_cases, const float *scores, const uint8_t *is_positive,
                           size_t n, float *found)
{
    for (size_t i = 0; i < n_cases; i++) {
        if (!(scores[i] >= 0.0f && scores[i] <= 1.0f))
            return i;
        const size_t bucket = (size_t)((double)scores[i] * (double)(n - 1));
        found[(is_positive[i] != 0 ? n : 0) + bucket] += 1.0f;
    }
    return n_cases;
}

/** Of cases by bucket the numbers at or above each threshold, and those below.
 *  @param found [n], becomes the first of them  @param below [n] */
static void accumulate(size_t n, float *found, float *below)
{
    float total = 0.0f;
    for (size_t i = n; i-- > 0;) {
        total += found[i];
        found[i] = total;
    }
    for (size_t i = 0; i < n; i++)
        below[i] = total - found[i];
}

tbe_status tbe_add_pr_scores(tbe_writer *writer, int64_t step, const char *tag, size_t n_cases,
                             const float *scores, const uint8_t *is_positive, size_t n_thresholds)
{
    const size_t n = n_thresholds != 0 ? n_thresholds : DEFAULT_THRESHOLDS;
    tbe_status status = check_start(writer, tag);

    if (status == TBE_OK && (n_cases == 0 || scores == NULL || is_positive == NULL))
        status = tbe_refuse(writer, TBE_EINVAL, "the curve " TBE_QUOTE " has no cases", tag);
    if (status == TBE_OK && n_cases > MAX_CASES)
        status = tbe_refuse(writer, TBE_ELIMIT, "the curve " TBE_QUOTE " has above %d cases", tag,
                            MAX_CASES);
    if (status == TBE_OK)
        status = check_thresholds(writer, tag, n);
    if (status != TBE_OK)
        return status;
    float *found = calloc(N_COUNTS * n, sizeof *found);
    if (found == NULL)
        return tbe_refuse(writer, TBE_ENOMEM, "no memory for the curve " TBE_QUOTE, tag);
    const size_t wrong = count_scores(n_cases, scores, is_positive, n, found);
    if (wrong < n_cases) {
        status = tbe_refuse(writer, TBE_EINVAL,
                            "the curve " TBE_QUOTE " has the score %g, expected 0 to 1", tag,
                            (double)scores[wrong]);
    } else {
        accumulate(n, found, found + 2 * n);
        accumulate(n, found + n, found + 3 * n);
        const float *const counts[N_COUNTS] = {found + n, found, found + 2 * n, found + 3 * n};
        status = add_curve(writer, step, tag, n, counts);
    }
    free(found);
    return status;
}
