/* events_tool FILE...: reads event files with tbevents, to their ends. Prints of each its number of
 * records, and of bytes of half a record at its end, which a killed writer may leave. */
#include <stdio.h>

#include "tbevents/tbevents.h"

/** @return whether nothing in it is damaged */
static int read_file(const char *path)
{
    tbe_record record;
    tbe_status status;
    size_t n_records = 0;
    tbe_reader *reader = tbe_reader_open(path, NULL);

    tbe_record_init(&record, sizeof record);
    while ((status = tbe_reader_read(reader, &record)) == TBE_OK)
        n_records++;
    if (status == TBE_END)
        printf("%zu %llu\n", n_records, (unsigned long long)tbe_reader_get_n_torn(reader));
    else
        fprintf(stderr, "events_tool: %s\n", tbe_reader_get_message(reader));
    tbe_reader_close(reader);
    return status == TBE_END;
}

int main(int argc, char **argv)
{
    int is_good = 1;
    for (int i = 1; i < argc; i++)
        is_good &= read_file(argv[i]);
    return is_good ? 0 : 1;
}
