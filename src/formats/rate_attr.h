/**
 * The sample rate of a graph with `average` or `log_mel` features, which no node in it needs: an
 * attribute of the pooling or the logarithm that makes them. TensorFlow ignores attributes that begin with an
 * underscore and keeps them when it rewrites graphs, but it would drop an unused node. Private to
 * formats/.
 */
#ifndef WS_FORMATS_RATE_ATTR_H
#define WS_FORMATS_RATE_ATTR_H

#define WS_RATE_ATTR "_sample_rate" /* Hz, a whole number; absent from TensorFlow's own graphs */

#endif
