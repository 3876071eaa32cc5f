#include "inspect/mend.h"

#include <math.h>
#include <stdlib.h>

#include "base/text.h"

/** The tensor's strings with a shape of rank 1. */
static void add_shape(ws_mended *mended)
{
    mended->tensor = *mended->value.tensor;
    tbproto__tensor_shape_proto__init(&mended->shape);
    tbproto__tensor_shape_proto__dim__init(&mended->dim);
    mended->dim.size = (int64_t)mended->tensor.n_string_val;
    mended->dims = &mended->dim;
    mended->shape.dim = &mended->dims;
    mended->shape.n_dim = 1;
    mended->tensor.tensor_shape = &mended->shape;
    mended->value.tensor = &mended->tensor;
    mended->is_changed = true;
}

static void clear_class(ws_mended *mended)
{
    if (mended->value.metadata == NULL)
        return;
    mended->metadata = *mended->value.metadata;
    mended->metadata.data_class = TBPROTO__DATA_CLASS__DATA_CLASS_UNKNOWN;
    mended->value.metadata = &mended->metadata;
    mended->is_changed = true;
}

static bool is_same(double a, double b)
{
    return (isnan(a) && isnan(b)) || !(a < b || a > b);
}

/** Whether a float holds the number that was read exactly. */
static bool is_exact(float number, const tbe_value *read)
{
    const double limit = 9223372036854775808.0;

    if (!is_same((double)number, read->numbers[0]))
        return false;
    if (read->integer == 0 || read->data_type == TBE_TYPE_UINT64)
        return read->data_type != TBE_TYPE_UINT64 || (uint64_t)read->integer < (uint64_t)1 << 53;
    return fabs((double)number) < limit && (int64_t)number == read->integer;
}

static void make_scalar(ws_mended *mended, const tbe_value *read)
{
    const float number = (float)read->numbers[0];

    mended->value.value_case = TBPROTO__SUMMARY__VALUE__VALUE_SIMPLE_VALUE;
    mended->value.simple_value = number;
    mended->is_rounded = !is_exact(number, read);
    mended->is_changed = true;
}

/** An edge for each count, as Python's loader reads it: the last one is the maximum. */
static ws_status fit_edges(ws_mended *mended, ws_error *err)
{
    const Tbproto__HistogramProto *old = mended->value.histo;
    const size_t n = old->n_bucket;

    mended->histogram = *old;
    mended->edges = malloc((n + 1) * sizeof *mended->edges);
    if (mended->edges == NULL)
        return ws_fail_memory(err, "a histogram");
    for (size_t i = 0; i < n; i++)
        mended->edges[i] = i + 1 < n ? old->bucket_limit[i] : old->max;
    mended->histogram.n_bucket_limit = n;
    mended->histogram.bucket_limit = mended->edges;
    mended->value.histo = &mended->histogram;
    mended->is_changed = true;
    return WS_OK;
}

/** Gives it a tag that the run does not have: "loss_histograms". */
static ws_status rename(ws_mended *mended, const ws_checked_value *checked,
                        const ws_event_check *known, ws_error *err)
{
    const char *old = mended->value.tag;

    mended->tag = ws_text_format("%s_%s", old, checked->page);
    for (int number = 2; mended->tag != NULL && ws_event_check_has_tag(known, mended->tag);
         number++) {
        free(mended->tag);
        mended->tag = ws_text_format("%s_%s_%d", old, checked->page, number);
    }
    if (mended->tag == NULL)
        return ws_fail_memory(err, "tags");
    mended->value.tag = mended->tag;
    if (checked->has_wrong_page)
        mended->value.metadata = NULL; /* both loaders fill it in by the form */
    mended->is_renamed = true;
    mended->is_changed = true;
    return WS_OK;
}

ws_status ws_mended_init(ws_mended *mended, const Tbproto__Summary__Value *old,
                         const tbe_value *read, const ws_checked_value *checked,
                         const ws_event_check *known, ws_error *err)
{
    ws_status status = WS_OK;

    *mended = (ws_mended){.value = *old};
    if (ws_checked_has(checked, WS_REMEDY_ADD_SHAPE))
        add_shape(mended);
    if (ws_checked_has(checked, WS_REMEDY_CLEAR_CLASS))
        clear_class(mended);
    if (ws_checked_has(checked, WS_REMEDY_AS_SCALAR))
        make_scalar(mended, read);
    if (ws_checked_has(checked, WS_REMEDY_FIT_EDGES))
        status = fit_edges(mended, err);
    if (status == WS_OK && ws_checked_has(checked, WS_REMEDY_RENAME))
        status = rename(mended, checked, known, err);
    return status;
}

void ws_mended_deinit(ws_mended *mended)
{
    free(mended->tag);
    free(mended->edges);
    mended->tag = NULL;
    mended->edges = NULL;
}
