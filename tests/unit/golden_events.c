#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/event_file.h"
#include "unit/golden_events.h"

tbe_writer *golden_open(void)
{
    const tbe_options options = fixed_options(3.0);
    tbe_writer *writer = tbe_open(scratch_dir, &options);
    assert_int_equal(tbe_get_status(writer), TBE_OK);
    return writer;
}

void golden_assert(tbe_writer *writer, const char *hex)
{
    event_file *file = close_and_read(writer, TBE_OK);
    assert_int_equal(file->n_records, 3);
    assert_record(file, 2, hex);
    event_file_destroy(file);
}

void golden_assert_n(tbe_writer *writer, tbe_status first, size_t n)
{
    event_file *file = close_and_read(writer, first);
    assert_int_equal(file->n_records, 2 + n);
    event_file_destroy(file);
}
