/**
 * The names of the scores in a graph, which TensorFlow has no place for: an attribute of the node
 * that gives the scores, as with the sample rate (rate_attr.h). Private to formats/.
 */
#ifndef WS_FORMATS_LABELS_ATTR_H
#define WS_FORMATS_LABELS_ATTR_H

#define WS_LABELS_ATTR "_labels" /* a comma list; absent from TensorFlow's own graphs */

#endif
