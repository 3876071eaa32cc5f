/** The network of a run as a list of operators, out of the graph and the times in its event files.
 */
#ifndef WS_PAGE_NETWORK_H
#define WS_PAGE_NETWORK_H

#include "base/buf.h"
#include "page/gather.h"

enum { WS_PAGE_MAX_NODES = 400 };

typedef struct ws_page_node {
    char *name, *op, *shape; /* owned; shape of a clip's output, as in "49 x 20 x 8"; "" */
    int64_t parameters, multiplications; /* -1: not known */
    double seconds;                      /* of a step; NaN: not measured */
    size_t *inputs;                      /* [n_inputs] owned: places of earlier nodes */
    size_t n_inputs;
} ws_page_node;

/** All zeros: no network was found. */
typedef struct ws_page_network {
    ws_page_node *nodes; /* [n_nodes] owned, in the order of the graph */
    size_t n_nodes;
    size_t n_left_out; /* beyond WS_PAGE_MAX_NODES */
} ws_page_network;

/** Reads the graph of a run, of whichever part has one. Other data is left out.
 *  @param network  set; for ws_page_network_deinit() @return WS_OK or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_page_network_read(ws_page_network *network, const ws_page_run *run);
void ws_page_network_deinit(ws_page_network *network);

/** A figure of boxes with arrows, and what is known of each beside it. @param run  a number of its
 *  own on the page */
void ws_page_network_push(ws_buf *buf, const ws_page_network *network, size_t run);

#endif
