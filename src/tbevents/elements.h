/** Arrays of structures in the memory of a caller that may know fewer or more of their fields. */
#ifndef TBEVENTS_ELEMENTS_H
#define TBEVENTS_ELEMENTS_H

#include "tbevents/pool.h"
#include "tbevents/writer.h"

typedef struct tbe_elements {
    const char *what;  /* what they are, in a sentence: "charts" */
    size_t n, max;     /* how many there are, and may be */
    const void *array; /* [n] the caller's */
    size_t size;       /* of one of the caller's; 0: as in version 1.0 */
    size_t own_size;   /* of one of ours */
} tbe_elements;

/**
 * Copies an array, as far as both sides know the fields; the others are 0.
 *
 * @param own  set to the copies, [n], in the pool
 * @return TBE_OK; TBE_EINVAL: there is no array, its size cannot be, or a field that we do not know
 *         is not 0; TBE_ELIMIT, TBE_ENOMEM
 */
tbe_status tbe_take_elements(tbe_writer *writer, tbe_pool *pool, const tbe_elements *theirs,
                             void **own);

#endif
