/* spot MODEL LABELS: the words in 16-bit mono sound of 16 kHz on standard input, as in
 * `arecord -t raw -f S16_LE -r 16000 | spot conv.ckpt-18000`. */
#include <stdio.h>

#include <wordspot/wordspot.h>

static void print_words(wordspot *spotter)
{
    wordspot_heard heard;

    while (wordspot_next(spotter, &heard))
        printf("%.2f s %s %.2f\n", heard.start_s, heard.word, heard.score);
}

int main(int argc, char **argv)
{
    wordspot_options options = WORDSPOT_OPTIONS_INIT;
    wordspot_status status = WORDSPOT_OK;
    wordspot_error error;
    wordspot *spotter;
    int16_t samples[480];
    size_t n;

    if (argc < 2) {
        fprintf(stderr, "usage: spot MODEL [LABELS]\n");
        return 2;
    }
    if (wordspot_version() / 100 != WORDSPOT_VERSION / 100)
        fprintf(stderr, "spot: the library is another one than the header\n");
    options.rate_hz = 16000;
    options.labels = argc > 2 ? argv[2] : NULL;
    if (wordspot_open(argv[1], &options, &spotter, &error) != WORDSPOT_OK) {
        fprintf(stderr, "spot: %s\n", error.message);
        return 1;
    }
    while (status == WORDSPOT_OK && (n = fread(samples, sizeof *samples, 480, stdin)) > 0) {
        status = wordspot_push_int16(spotter, samples, n, &error);
        print_words(spotter);
    }
    wordspot_close(spotter);
    if (status != WORDSPOT_OK)
        fprintf(stderr, "spot: %s\n", error.message);
    return status == WORDSPOT_OK ? 0 : 1;
}
