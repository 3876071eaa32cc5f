/** Values in the form that both of TensorBoard's loaders show. */
#ifndef WS_INSPECT_MEND_H
#define WS_INSPECT_MEND_H

#include "inspect/check.h"

/** A value that stands in place of another. Its parts point to each other and to the old value, so
 *  it must not be moved. */
typedef struct ws_mended {
    Tbproto__Summary__Value value;
    bool is_changed; /* it is not the old one */
    bool is_rounded; /* its number is a float that is not quite the old number */
    bool is_renamed;

    Tbproto__HistogramProto histogram;
    double *edges; /* owned; NULL: the old ones */
    char *tag;     /* owned; NULL: the old one's */
    Tbproto__SummaryMetadata metadata;
    Tbproto__TensorProto tensor;
    Tbproto__TensorShapeProto shape;
    Tbproto__TensorShapeProto__Dim dim;
    Tbproto__TensorShapeProto__Dim *dims;
} ws_mended;

/**
 * Applies the remedies of one value.
 *
 * @param mended   set; for ws_mended_deinit(), also after a failure
 * @param old      borrowed as long as mended
 * @param read     the same value as the reader gives it
 * @param checked  what the check says of it
 * @param known    the check of the whole run, which tells free tags
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_mended_init(ws_mended *mended, const Tbproto__Summary__Value *old,
                                       const tbe_value *read, const ws_checked_value *checked,
                                       const ws_event_check *known, ws_error *err);
void ws_mended_deinit(ws_mended *mended);

#endif
