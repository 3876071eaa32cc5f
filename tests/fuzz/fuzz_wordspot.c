/* libwordspot: any bytes as a model, of each kind that it opens, and a little sound.
 *
 * Input: a byte of switches, then the file of a graph or TFLite model; with switch 1 instead the
 * size of the index of a checkpoint (two bytes), the index, and its data. Switch 2: labels are
 * given; 4: endless sound; 8: another sample rate; 16: a manifest beside the model, after its size;
 * 32: the file is that of a SavedModel; 64: in the corpus, a model that must be opened and heard.
 */
#include "fuzz/fuzz.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <wordspot/wordspot.h>

#include "base/file.h"

enum { N_SAMPLES = 26000 }; /* a second at 24 kHz and more */

enum file { MODEL, MANIFEST, INDEX, DATA, LABELS, SAVED_MODEL, N_FILES };

static const char *const names[N_FILES] = {"model.tflite", "model.json",
                                           "x.index",      "x.data-00000-of-00001",
                                           "labels.txt",   "saved/saved_model.pb"};
static char folder[64]; /* made at the first input, removed at exit */
static char saved[96];  /* the directory of a SavedModel in it */
static char paths[N_FILES][128];

static void remove_files(void)
{
    for (size_t i = 0; i < N_FILES; i++)
        (void)unlink(paths[i]);
}

static void remove_folder(void)
{
    remove_files();
    (void)rmdir(saved);
    (void)rmdir(folder);
}

static void make_folder(void)
{
    (void)snprintf(folder, sizeof folder, "%s/ws_fuzz_wordspot_XXXXXX",
                   ws_dir_exists("/dev/shm") ? "/dev/shm" : "/tmp"); /* memory is faster */
    if (mkdtemp(folder) == NULL || atexit(remove_folder) != 0)
        abort();
    (void)snprintf(saved, sizeof saved, "%s/saved", folder);
    if (mkdir(saved, 0700) != 0)
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

static const char *find_model(unsigned switches, const char *prefix)
{
    if ((switches & 1) != 0)
        return prefix;
    return (switches & 32) != 0 ? saved : paths[MODEL];
}

static void count_window(void *user, const float *scores, double start_s, double end_s)
{
    size_t *n_windows = user;

    (void)scores, (void)start_s, (void)end_s;
    ++*n_windows;
}

/** A seed that is refused would find nothing. libFuzzer damages them. */
static void check_seed(unsigned switches, bool is_right)
{
#ifdef WS_REPLAY
    if ((switches & 64) != 0 && !is_right)
        abort();
#else
    (void)switches, (void)is_right;
#endif
}

static void open_and_push(unsigned switches)
{
    static const float sound[N_SAMPLES];
    wordspot_options options = WORDSPOT_OPTIONS_INIT;
    char prefix[128];
    size_t n_windows = 0;
    wordspot *spotter;
    wordspot_error error;

    (void)snprintf(prefix, sizeof prefix, "%s/x", folder);
    options.labels = (switches & 2) != 0 ? paths[LABELS] : NULL;
    options.continuous = (switches & 4) != 0;
    options.rate_hz = (switches & 8) != 0 ? 24000 : 0;
    options.isa = "generic";
    options.on_scores = count_window;
    options.user = &n_windows;
    options.min_count = 1; /* a model of long strides has few windows in an average */
    if (wordspot_open(find_model(switches, prefix), &options, &spotter, &error) != WORDSPOT_OK) {
        check_seed(switches, false);
        if (spotter != NULL || error.message[0] == '\0')
            abort();
        return;
    }
    (void)wordspot_push_float(spotter, sound, N_SAMPLES, &error);
    (void)wordspot_finish(spotter, &error);
    check_seed(switches, n_windows > 0);
    wordspot_close(spotter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char labels[] = "_silence_\n_unknown_\nyes\n";
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
        write_file((switches & 32) != 0 ? SAVED_MODEL : MODEL, data, size);
    }
    write_file(LABELS, labels, sizeof labels - 1);
    open_and_push(switches);
    remove_files();
    return 0;
}
