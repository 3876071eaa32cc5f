/** How the original's scripts use the micro front end, for writing it and for recognising it.
 *  Private to formats/. */
#ifndef WS_FORMATS_MICRO_ATTRS_H
#define WS_FORMATS_MICRO_ATTRS_H

#include "formats/graph_message.h"

/** Samples of +-1 become whole numbers by this factor in a frozen graph; it is one more in
 *  training. */
#define WS_MICRO_SAMPLE_SCALE  32767.0f
/** ... but not for micro_device, which is told from micro by an attribute of the front end:
 * TensorFlow ignores attributes that begin with an underscore, and makes the features of micro. */
#define WS_MICRO_DEVICE_SCALE  32768.0f
#define WS_MICRO_DEVICE_ATTR   "_device_tables"
/** The output of the front end becomes a feature by this factor. */
#define WS_MICRO_FEATURE_SCALE (10.0f / 256.0f)

/** The fixed settings; some differ from the operator's defaults. */
extern const ws_attr ws_micro_attrs[];
extern const size_t ws_micro_n_attrs;

#endif
