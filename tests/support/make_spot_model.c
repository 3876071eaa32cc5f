/* make_spot_model DIR: writes model.pb, labels.txt and sound.raw (16-bit, 16 kHz, mono) into an
 * existing folder: a model of random weights in whose sound the words are heard, for tests of the
 * installed library. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "formats/frozen.h"
#include "models/model.h"

enum { RATE_HZ = 16000, N = 12 * RATE_HZ, N_LABELS = 4 };

static int fail(const char *what)
{
    (void)fprintf(stderr, "make_spot_model: %s\n", what);
    return 1;
}

/** The single layer prefers a label by the pitch of what it sees. */
static int write_model(const char *path)
{
    ws_frozen *frozen = calloc(1, sizeof *frozen);
    ws_feature_settings settings;
    const ws_model *model;
    ws_error err;

    frozen->features = (ws_feature_options){"mfcc", RATE_HZ, 1000, 30.0, 10.0, 40};
    if (ws_feature_settings_init(&frozen->features, &settings, &err) != WS_OK ||
        ws_model_find(&model, "single_fc", &err) != WS_OK ||
        model->build(&frozen->graph,
                     &(ws_model_settings){settings.n_frames, settings.width, N_LABELS, NULL},
                     &err) != WS_OK)
        return fail(err.message);
    frozen->parameters = calloc(frozen->graph.n_weights, sizeof *frozen->parameters);
    for (size_t i = 0; i + N_LABELS < frozen->graph.n_weights; i++) {
        const size_t k = i / N_LABELS % 40, label = i % N_LABELS;
        /* not of loudness */
        frozen->parameters[i] = k < 2 ? 0.0f : 0.1f * (float)cos(0.7 * (double)(k * (label + 1)));
    }
    const ws_status status = ws_frozen_write(path, "graph_def", frozen, NULL, &err);
    ws_frozen_deinit(frozen);
    free(frozen);
    return status == WS_OK ? 0 : fail(err.message);
}

static int write_sound(FILE *file)
{
    for (size_t i = 0; i < N; i++) {
        const double hz = 200.0 + 350.0 * (double)(i / RATE_HZ * 5 % 11);
        const int16_t sample =
            (int16_t)lrint(9000.0 * sin(6.283185307179586 * hz * (double)i / RATE_HZ));
        if (fwrite(&sample, sizeof sample, 1, file) != 1)
            return fail("the sound cannot be written");
    }
    return 0;
}

static int write_file(const char *dir, const char *name, int (*write)(FILE *file))
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return fail("a file cannot be written");
    const int result = write(file);
    return fclose(file) == 0 ? result : fail("a file cannot be written");
}

static int write_labels(FILE *file)
{
    return fputs("_silence_\n_unknown_\nyes\nno\n", file) >= 0 ? 0 : fail("no labels");
}

int main(int argc, char **argv)
{
    char path[4096];

    if (argc != 2)
        return fail("expected a folder");
    (void)snprintf(path, sizeof path, "%s/model.pb", argv[1]);
    if (write_model(path) != 0 || write_file(argv[1], "labels.txt", write_labels) != 0)
        return 1;
    return write_file(argv[1], "sound.raw", write_sound);
}
