/* What a user of tbevents writes: a hundred steps of one curve. */
#include <stdio.h>
#include <tbevents/tbevents.h>

int main(int argc, char **argv)
{
    char message[256];
    tbe_options options = TBE_OPTIONS_INIT;
    if (tbe_version() < TBE_VERSION) {
        fprintf(stderr, "tbevents %s or later is needed\n", TBE_VERSION_STRING);
        return 1;
    }
    options.writer_name = "example";
    tbe_writer *writer = tbe_open(argc > 1 ? argv[1] : "logs/example", &options);
    for (int step = 0; step < 100; step++)
        tbe_add_scalar(writer, step, "example/square", (float)(step * step));
    if (tbe_close(writer, message, sizeof message) == TBE_OK)
        return 0;
    fprintf(stderr, "%s\n", message);
    return 1;
}
