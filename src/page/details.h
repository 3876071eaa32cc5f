/** All about one run: matrix, words, mistakes, precision and recall, network, settings. */
#ifndef WS_PAGE_DETAILS_H
#define WS_PAGE_DETAILS_H

#include "base/buf.h"
#include "page/summary.h"

/** Bytes of pictures and sounds that a page may have, before base64. */
enum { WS_PAGE_MEDIA_BYTES = 1900000 };

/**
 * Pushes the section of a run, "run<number>".
 *
 * @param number       of its own on the page
 * @param is_open      whether its parts are unfolded at first
 * @param media_bytes  what is left of WS_PAGE_MEDIA_BYTES; reduced
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_page_push_details(ws_buf *buf, const ws_page_result *result,
                                             size_t number, bool is_open, size_t *media_bytes,
                                             ws_error *err);

#endif
