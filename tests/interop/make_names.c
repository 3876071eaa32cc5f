/* make_names DIR: reads lines of a run's name, a kind (scalar, picture, sound) and a tag, with tabs
 * between them, and adds a value of that kind to the run in DIR, for the test of odd names in
 * TensorBoard. Lines of one run follow each other. Exit code 1 if anything is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tbevents/tbevents.h"

enum { SIDE = 32, RATE_HZ = 16000, N_FRAMES = 1600, MAX_LINE = 1024 };

static tbe_status add_picture(tbe_writer *writer, const char *tag)
{
    static const uint8_t pixels[SIDE * SIDE]; /* all of the first colour */
    static const uint8_t green[3] = {0, 128, 0};
    tbe_image image;

    tbe_image_init(&image, sizeof image);
    image.format = TBE_PIXELS_PALETTE;
    image.width = SIDE;
    image.height = SIDE;
    image.pixels = pixels;
    image.palette = green;
    image.n_colours = 1;
    return tbe_add_image(writer, 1, tag, &image);
}

static tbe_status add_sound(tbe_writer *writer, const char *tag)
{
    static const float samples[N_FRAMES]; /* silence */
    tbe_audio audio;

    tbe_audio_init(&audio, sizeof audio);
    audio.format = TBE_SAMPLES_FLOAT;
    audio.sample_rate_hz = RATE_HZ;
    audio.n_frames = N_FRAMES;
    audio.samples = samples;
    return tbe_add_audio(writer, 1, tag, &audio);
}

static tbe_status add_curve(tbe_writer *writer, const char *tag)
{
    tbe_status status = TBE_OK;
    for (int64_t step = 1; status == TBE_OK && step <= 3; step++)
        status = tbe_add_scalar(writer, step, tag, (float)step);
    return status;
}

static tbe_status add(tbe_writer *writer, const char *kind, const char *tag)
{
    return strcmp(kind, "picture") == 0 ? add_picture(writer, tag)
           : strcmp(kind, "sound") == 0 ? add_sound(writer, tag)
                                        : add_curve(writer, tag);
}

static void check(const tbe_writer *writer, tbe_status status)
{
    if (status == TBE_OK)
        return;
    fprintf(stderr, "make_names: %s\n", tbe_get_message(writer));
    exit(1);
}

static tbe_writer *open_run(const char *dir, const char *run)
{
    char path[2 * MAX_LINE];

    (void)snprintf(path, sizeof path, "%s/%s", dir, run);
    tbe_writer *writer = tbe_open(path, NULL);
    check(writer, tbe_get_status(writer));
    return writer;
}

int main(int argc, char **argv)
{
    char line[MAX_LINE], run[MAX_LINE] = "";
    tbe_writer *writer = NULL;

    if (argc != 2)
        return 2;
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *kind = strchr(line, '\t');
        char *tag = kind != NULL ? strchr(kind + 1, '\t') : NULL;
        if (tag == NULL)
            return 2;
        *kind++ = '\0';
        *tag++ = '\0';
        if (writer == NULL || strcmp(run, line) != 0) {
            if (writer != NULL)
                check(writer, tbe_close(writer, NULL, 0));
            writer = open_run(argv[1], line);
            memcpy(run, line, strlen(line) + 1);
        }
        check(writer, add(writer, kind, tag));
    }
    if (writer == NULL || tbe_close(writer, NULL, 0) != TBE_OK)
        return 1;
    return 0;
}
