/** Taking an event apart that may be of any writer, or of none. */
#ifndef TBEVENTS_READ_EVENT_H
#define TBEVENTS_READ_EVENT_H

#include "tbevents/tbevents.h"

typedef struct tbe_decoder tbe_decoder;

/** NULL when out of memory. @param max_tags  whose pages are remembered */
tbe_decoder *tbe_decoder_create(size_t max_tags);
void tbe_decoder_destroy(tbe_decoder *decoder);

/**
 * Takes a payload apart.
 *
 * @param record     filled but for its place in the file; what it points to is the decoder's and
 *                   valid until its next call
 * @param complaint  set where it fails; static
 * @return TBE_OK; TBE_EDATA: it is no event; TBE_ELIMIT: it would need more than its share of
 *         memory; TBE_ENOMEM
 */
tbe_status tbe_decoder_run(tbe_decoder *decoder, const uint8_t *payload, size_t size,
                           tbe_record *record, const char **complaint);

#endif
