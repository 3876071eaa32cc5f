/* libwordspot: any bytes as a model, of each kind that it opens, and a little sound.
 *
 * Input: a byte of switches, then the file of a graph or TFLite model; with switch 1 instead the
 * size of the index of a checkpoint (two bytes), the index, and its data. Switch 2: labels are
 * given; 4: endless sound; 8: another sample rate; 16: a manifest beside the model, after its size.
 */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <wordspot/wordspot.h>

#include "base/file.h"

enum { N_SAMPLES = 1000 };

enum file { MODEL, MANIFEST, INDEX, DATA, LABELS, N_FILES };

static const char *const names[N_FILES] = {"model.tflite", "model.json", "x.index",
                                           "x.data-00000-of-00001", "labels.txt"};
static char folder[64]; /* made at the first input, removed at exit */
static char paths[N_FILES][128];

static void remove_files(void)
{
    for (size_t i = 0; i < N_FILES; i++)
        (void)unlink(paths[i]);
}

static void remove_folder(void)
{
    remove_files();
    (void)rmdir(folder);
}

static void make_folder(void)
{
    (void)snprintf(folder, sizeof folder, "%s/ws_fuzz_wordspot_XXXXXX",
                   ws_dir_exists("/dev/shm") ? "/dev/shm" : "/tmp"); /* memory is faster */
    if (mkdtemp(folder) == NULL || atexit(remove_folder) != 0)
        abort();
    for (size_t i = 0; i < N_FILES; i++)
        (void)snprintf(paths[i], sizeof paths[i], "%s/%s", folder, names[i]);
}

static void write_file(enum file file, const void *bytes, size_t size)
{
    FILE *stream = fopen(paths[file], "wb");

    if (stream == NULL || fwrite(bytes, 1, size, stream) != size || fclose(stream) != 0)
        abort();
}

/** A part of the input, after its size in two bytes; shorter if the input ends. */
static const uint8_t *take_part(const uint8_t **data, size_t *left, size_t *size)
{
    *size = *left >= 2 ? (size_t)(*data)[0] + 256 * (size_t)(*data)[1] : 0;
    if (*left >= 2) {
        *data += 2;
        *left -= 2;
    }
    *size = *size < *left ? *size : *left;
    const uint8_t *part = *data;
    *data += *size;
    *left -= *size;
    return part;
}

static void open_and_push(unsigned switches)
{
    static const float sound[N_SAMPLES];
    wordspot_options options = WORDSPOT_OPTIONS_INIT;
    char prefix[128];
    wordspot *spotter;
    wordspot_error error;

    (void)snprintf(prefix, sizeof prefix, "%s/x", folder);
    options.labels = (switches & 2) != 0 ? paths[LABELS] : NULL;
    options.continuous = (switches & 4) != 0;
    options.rate_hz = (switches & 8) != 0 ? 44100 : 0;
    options.isa = "generic";
    if (wordspot_open((switches & 1) != 0 ? prefix : paths[MODEL], &options, &spotter, &error) !=
        WORDSPOT_OK) {
        if (spotter != NULL || error.message[0] == '\0')
            abort();
        return;
    }
    (void)wordspot_push_float(spotter, sound, N_SAMPLES, &error);
    (void)wordspot_finish(spotter, &error);
    wordspot_close(spotter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char labels[] = "_silence_\n_unknown_\nyes\nno\n";
    size_t n;

    if (folder[0] == '\0')
        make_folder();
    if (size == 0)
        return 0;
    const unsigned switches = *data++;
    size--;
    if ((switches & 16) != 0) {
        const uint8_t *manifest = take_part(&data, &size, &n);
        write_file(MANIFEST, manifest, n);
    }
    if ((switches & 1) != 0) {
        const uint8_t *index = take_part(&data, &size, &n);
        write_file(INDEX, index, n);
        write_file(DATA, data, size);
    } else {
        write_file(MODEL, data, size);
    }
    write_file(LABELS, labels, sizeof labels - 1);
    open_and_push(switches);
    remove_files();
    return 0;
}
