/* The projector's files of a run, and the thumbnails in them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/text.h"
#include "base/utf8.h"
#include "dataset/labels.h"
#include "report/thumbnails.h"
#include "unit/network_report.h"

enum { N_COLUMNS = 6, MAX_FILE = 1 << 20, N_ODD = 40 };

static const network_report_case only_projector = {
    .model = "single_fc", .views = "projector", .first_step = 1};

/** Adds clips whose folder and names are not text; all are unknown words. */
static int make_odd(void **state)
{
    char from[600], to[800], dir[600];
    unsigned char *clip;
    size_t size;

    (void)source_make_whole(state);
    (void)snprintf(from, sizeof from, "%s/yes/yes0_nohash_0.wav", source_dir());
    (void)snprintf(dir, sizeof dir, "%s/b\xff\td\nx", source_dir());
    assert_int_equal(ws_dir_create_all(dir, NULL), WS_OK);
    assert_int_equal(ws_file_read(from, MAX_FILE, &clip, &size, NULL), WS_OK);
    for (int i = 0; i < N_ODD; i++) {
        (void)snprintf(to, sizeof to, "%s/\xc3\xbc\t\xc3%d\n_nohash_0.wav", dir, i);
        assert_int_equal(ws_file_write(to, clip, size, NULL), WS_OK);
    }
    free(clip);
    return 0;
}

static char *read_text(const network_report *f, const char *name, size_t *size)
{
    unsigned char *text;
    char path[300];
    (void)snprintf(path, sizeof path, "validation/%s", name);
    assert_int_equal(ws_file_read(network_report_path(f, path), MAX_FILE, &text, size, NULL),
                     WS_OK);
    return (char *)text;
}

static void check_row(const network_report *f, size_t i, char *line)
{
    ws_text_list cells = {.items = NULL};
    const ws_clip clip = ws_index_clip(f->data->index, WS_SET_VALIDATION, f->entries[i]);
    const char *word = ws_index_label(f->data->index, (size_t)f->labels[i]);

    assert_int_equal(ws_text_list_push_split(&cells, line, '\t'), WS_OK);
    assert_int_equal(cells.n_items, N_COLUMNS);
    assert_string_equal(cells.items[0], word);
    assert_string_equal(cells.items[2],
                        strcmp(cells.items[0], cells.items[1]) == 0 ? "right" : "wrong");
    if (clip.label == WS_SILENCE_INDEX) {
        assert_string_equal(cells.items[4], "-");
        assert_string_equal(cells.items[5], "-");
    } else if (strstr(clip.path, "/yes/") != NULL) {
        char file[64];
        (void)snprintf(file, sizeof file, "yes/%s_nohash_0.", cells.items[4]);
        assert_memory_equal(cells.items[5], file, strlen(file));
    }
    ws_text_list_deinit(&cells);
}

static void check_labels(const network_report *f)
{
    ws_text_list rows = {.items = NULL};
    size_t size;
    char *text = read_text(f, "logits_labels.tsv", &size);

    assert_int_equal(strlen(text), size);
    assert_int_equal(ws_text_list_push_split(&rows, text, '\n'), WS_OK);
    assert_int_equal(rows.n_items, f->n_clips + 2); /* titles, and the text after the last */
    assert_string_equal(rows.items[0], "word\theard\tresult\tconfidence\tspeaker\tfile");
    for (size_t i = 0; i < f->n_clips; i++) {
        for (const char *p = rows.items[i + 1]; *p != '\0';) {
            uint32_t code;
            const size_t n = ws_utf8_read(p, &code);
            assert_true(n > 0 && (code == '\t' || !ws_utf8_is_control(code)));
            p += n;
        }
        check_row(f, i, rows.items[i + 1]);
    }
    ws_text_list_deinit(&rows);
    free(text);
}

static void check_vectors(const network_report *f)
{
    size_t size;
    char *bytes = read_text(f, "logits_vectors.bytes", &size);
    const size_t expected = f->n_clips * ws_graph_n_labels(&f->graph) * sizeof(float);

    assert_int_equal(size, expected);
    assert_memory_equal(bytes, f->logits, expected);
    free(bytes);
}

static void files_tell_of_every_clip(void **state)
{
    network_report *f = network_report_open(&only_projector);
    size_t size;
    (void)state;
    network_report_push_evaluation(f, 1, false);
    f->logits[0] += 1.0f; /* the last evaluation is what counts */
    network_report_push_evaluation(f, 2, true);
    f->data->lines = (lines){.n = 0}; /* the log lines about the clips */
    ws_report_push_end(f->report, &(ws_report_end){.step = 2});
    network_report_finish(f);
    assert_string_equal(f->data->lines.text, "");
    check_labels(f);
    check_vectors(f);
    char *labels = read_text(f, "logits_labels.tsv", &size);
    assert_non_null(strstr(labels, "\t\xc3\xbc??")); /* a name that was no text is there, too */
    assert_non_null(strstr(labels, "\tb??d?x/\xc3\xbc??"));
    free(labels);
    char *config = read_text(f, "projector_config.pbtxt", &size);
    assert_non_null(strstr(config, "tensor_path: \"logits_vectors.bytes\""));
    assert_non_null(strstr(config, "single_image_dim: 48\n    single_image_dim: 40\n"));
    free(config);
    network_report_close(f);
}

static void a_run_without_evaluation_has_no_figures(void **state)
{
    network_report *f = network_report_open(&only_projector);
    (void)state;
    ws_report_push_end(f->report, &(ws_report_end){.reason = "stopped", .step = 0});
    network_report_finish(f);
    assert_false(ws_file_exists(network_report_path(f, "validation/projector_config.pbtxt")));
    network_report_close(f);
}

static void numbers_that_are_not_finite_are_reported(void **state)
{
    network_report *f = network_report_open(&only_projector);
    (void)state;
    f->logits[1] = NAN;
    network_report_push_evaluation(f, 1, true);
    ws_report_push_end(f->report, &(ws_report_end){.step = 1});
    network_report_finish(f);
    assert_non_null(strstr(f->data->lines.text, "the projector gets no new files: point 0 "));
    assert_false(ws_file_exists(network_report_path(f, "validation/projector_config.pbtxt")));
    network_report_close(f);
}

/* Fingerprints whose numbers are bands. */
static const ws_report_sound plain_sound = {.n_frames = 98, .width = 43, .n_bands = 43};

/** The row with the darkest pixel in the middle of thumbnail i. */
static size_t find_darkest(const ws_thumbnails *t, size_t i)
{
    size_t best = 0;
    const uint8_t *column = t->pixels + i * t->width * t->height + t->width / 2;
    for (size_t y = 1; y < t->height; y++)
        if (column[y * t->width] > column[best * t->width])
            best = y;
    return best;
}

static void cepstra_are_seen_as_bands(void **state)
{
    static const size_t loud[] = {0, 7, 20, 39};
    const double pi = 3.14159265358979323846;
    network_report *f = network_report_open(&only_projector);
    const ws_report_sound *sound = &ws_observed_get(f->observed)->sound;
    const size_t size = sound->n_frames * sound->width;
    float *fingerprint = calloc(size, sizeof *fingerprint);
    ws_thumbnails t;
    (void)state;

    assert_non_null(fingerprint);
    assert_int_equal(sound->width, 40);
    assert_int_equal(ws_thumbnails_init(&t, sound, 4, NULL), WS_OK);
    assert_int_equal(t.height, 40);
    assert_int_equal(t.width, 48);
    for (size_t i = 0; i < 4; i++) {
        /* the cosine transform of a spectrum that is 1 in one band only */
        for (size_t k = 0; k < size; k++)
            fingerprint[k] = (float)(sqrt(2.0 / 40.0) *
                                     cos(pi * (double)(k % 40) * ((double)loud[i] + 0.5) / 40.0));
        ws_thumbnails_set(&t, i, fingerprint);
    }
    for (size_t i = 0; i < 4; i++)
        for (size_t y = 0; y < 40; y++)
            assert_true(fabs((double)t.values[(i * 40 + y) * t.width + 3] -
                             (39 - y == loud[i] ? 1.0 : 0.0)) < 1e-5);
    ws_thumbnails_finish(&t);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(find_darkest(&t, i), 39 - loud[i]);
    ws_thumbnails_deinit(&t);
    free(fingerprint);
    network_report_close(f);
}

static void bins_stand_on_their_heads(void **state)
{
    float *fingerprint = calloc(plain_sound.n_frames * plain_sound.width, sizeof *fingerprint);
    ws_thumbnails t;
    (void)state;

    assert_non_null(fingerprint);
    assert_int_equal(ws_thumbnails_init(&t, &plain_sound, 1, NULL), WS_OK);
    for (size_t frame = 0; frame < plain_sound.n_frames; frame++)
        fingerprint[frame * plain_sound.width + 2] = 5.0f;
    ws_thumbnails_set(&t, 0, fingerprint);
    ws_thumbnails_finish(&t);
    assert_int_equal(find_darkest(&t, 0), t.height - 3);
    ws_thumbnails_deinit(&t);
    free(fingerprint);
}

static void many_clips_make_small_ones(void **state)
{
    static const size_t counts[] = {1, 2, 800, 816, 4445, 10000, 100000};
    size_t last = SIZE_MAX;
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        ws_thumbnails t;
        assert_int_equal(ws_thumbnails_init(&t, &plain_sound, counts[i], NULL), WS_OK);
        const size_t side = (size_t)ceil(sqrt((double)counts[i]));
        assert_true(side * t.width <= 8192 && side * t.height <= 8192);
        assert_true(side * side * t.width * t.height <= 2 << 20);
        assert_true(t.width * t.height <= last);
        last = t.width * t.height;
        ws_thumbnails_finish(&t); /* of silence: all of one shade */
        assert_int_equal(t.pixels[0], 0);
        ws_thumbnails_deinit(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_tell_of_every_clip),
        cmocka_unit_test(a_run_without_evaluation_has_no_figures),
        cmocka_unit_test(numbers_that_are_not_finite_are_reported),
        cmocka_unit_test(cepstra_are_seen_as_bands),
        cmocka_unit_test(bins_stand_on_their_heads),
        cmocka_unit_test(many_clips_make_small_ones),
    };
    return cmocka_run_group_tests(tests, make_odd, source_remove);
}
