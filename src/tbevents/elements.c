#include "tbevents/elements.h"

#include <string.h>

enum { MAX_SIZE = 4096 }; /* of an element, in bytes */

static bool take(const tbe_elements *theirs, size_t size, size_t i, unsigned char *own)
{
    const unsigned char *one = (const unsigned char *)theirs->array + i * size;

    for (size_t k = theirs->own_size; k < size; k++)
        if (one[k] != 0)
            return false;
    memcpy(own, one, size < theirs->own_size ? size : theirs->own_size);
    return true;
}

tbe_status tbe_take_elements(tbe_writer *writer, tbe_pool *pool, const tbe_elements *theirs,
                             void **own)
{
    /* once a structure has grown, 0 is still its size in version 1.0 */
    const size_t size = theirs->size != 0 ? theirs->size : theirs->own_size;

    if (size < sizeof(char *) || size > MAX_SIZE || (theirs->n > 0 && theirs->array == NULL))
        return tbe_refuse(writer, TBE_EINVAL, "there are no %s, or the size of one is wrong",
                          theirs->what);
    if (theirs->n > theirs->max)
        return tbe_refuse(writer, TBE_ELIMIT, "%zu %s are above the %zu allowed", theirs->n,
                          theirs->what, theirs->max);
    unsigned char *copies = tbe_pool_new(pool, theirs->n, theirs->own_size);
    if (copies == NULL)
        return tbe_refuse(writer, TBE_ENOMEM, "no memory for %s", theirs->what);
    for (size_t i = 0; i < theirs->n; i++)
        if (!take(theirs, size, i, copies + i * theirs->own_size))
            return tbe_refuse(writer, TBE_EINVAL,
                              "number %zu of the %s has fields that this library does not know", i,
                              theirs->what);
    *own = copies;
    return TBE_OK;
}
