/**
 * Where a graph with `average` features says its sample rate, which nothing in it needs: an
 * attribute of the pooling that makes them. TensorFlow passes over attributes that begin with an
 * underscore and keeps them where it rewrites graphs; a node that nothing reads it would drop.
 * Private to formats/.
 */
#ifndef WS_FORMATS_RATE_ATTR_H
#define WS_FORMATS_RATE_ATTR_H

#define WS_RATE_ATTR "_sample_rate" /* Hz, a whole number; absent from TensorFlow's own graphs */

#endif
