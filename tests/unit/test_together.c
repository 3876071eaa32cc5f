/* train/together: the data set of several ranks. Rank 0 alone reads directories; all ranks get the
 * same clips and noise from directories of their own; a file that a rank lacks is named. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/crc32c.h"
#include "base/file.h"
#include "base/path.h"
#include "support/check.h"
#include "support/local_ranks.h"
#include "support/sound_file.h"
#include "train/data_set.h"
#include "train/together.h"

enum { MAX_RANKS = 3, RATE_HZ = 8000, N_SAMPLES = RATE_HZ / 4, N_CLIPS = 12 };

/** What a rank has found. */
typedef struct found {
    ws_status status;
    char message[1024];
    uint32_t sum; /* of the index and the noise, without directories */
    int n_listed; /* directories */
} found;

/** Of a trial: which directory each rank has, and memory of all ranks. */
typedef struct trial {
    bool is_shared;
    found *found; /* [MAX_RANKS] */
} trial;

static int n_listed;

/** In place of the C library's: counts. */
DIR *opendir(const char *path)
{
    const int file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    n_listed++;
    return file >= 0 ? fdopendir(file) : NULL;
}

static void write_sound(const char *path, float level)
{
    static float samples[N_SAMPLES];

    for (size_t i = 0; i < N_SAMPLES; i++)
        samples[i] = i % 20 < 10 ? level : -level;
    assert_int_equal(ws_dir_create_parent(path, NULL), WS_OK);
    ws_test_sound_write(path, &(ws_test_sound){.kind = WS_TEST_WAV_16,
                                               .sample_rate_hz = RATE_HZ,
                                               .n_channels = 1,
                                               .samples = samples,
                                               .n_frames = N_SAMPLES});
}

/** The path of a file of a rank's directory. */
static const char *path_in(size_t rank, const char *name)
{
    static char path[512];

    (void)snprintf(path, sizeof path, "%s/own%zu/%s", ws_test_dir, rank, name);
    return path;
}

static int make_data(void **state)
{
    static const char *const words[] = {"yes", "no", "Other"};
    char name[64];

    if (ws_test_dir_set_up(state) != 0)
        return 1;
    for (size_t rank = 0; rank < MAX_RANKS; rank++) {
        for (unsigned i = 0; i < 3 * N_CLIPS; i++) {
            (void)snprintf(name, sizeof name, "%s/%08x_nohash_0.wav", words[i % 3],
                           i * 2654435761u);
            write_sound(path_in(rank, name), 0.5f);
        }
        write_sound(path_in(rank, "_background_noise_/hum.wav"), 0.25f);
        write_sound(path_in(rank, "_background_noise_/deep/wind.wav"), 0.125f);
    }
    return 0;
}

static uint32_t sum_text(uint32_t crc, const char *text)
{
    return ws_crc32c(crc, text, strlen(text) + 1);
}

static uint32_t sum_data(const ws_run *run)
{
    uint32_t crc = 0;
    ws_random random;

    for (size_t i = 0; i < ws_index_n_labels(run->index); i++)
        crc = sum_text(crc, ws_index_label(run->index, i));
    for (size_t i = 0; i < ws_index_n_files(run->index); i++)
        crc = sum_text(crc, ws_path_tail(ws_index_path(run->index, i)));
    for (int set = 0; set < WS_N_SETS; set++)
        for (size_t i = 0; i < ws_index_n_clips(run->index, (ws_set)set); i++) {
            const ws_clip clip = ws_index_clip(run->index, (ws_set)set, i);
            crc = ws_crc32c(crc, &clip.label, sizeof clip.label);
            crc = sum_text(crc, ws_path_tail(clip.path));
        }
    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, 0);
    for (int i = 0; i < 20; i++)
        crc = sum_text(crc, ws_path_tail(ws_index_draw_unknown(run->index, i % 2, &random).path));
    for (size_t i = 0; i < ws_noise_n_sounds(run->noise); i++) {
        size_t n;
        const float *samples = ws_noise_sound(run->noise, i, &n);
        crc = ws_crc32c(crc, samples, n * sizeof *samples);
    }
    return crc;
}

static int open_data(ws_ranks *ranks, void *user)
{
    const trial *t = user;
    const size_t rank = ws_ranks_rank(ranks);
    const ws_train_hooks hooks = {.ranks = ranks};
    ws_error err = {0};
    char dir[300];

    (void)snprintf(dir, sizeof dir, "%s/own%zu/", ws_test_dir, t->is_shared ? 0 : rank);
    ws_run run = {
        .ranks = ranks,
        .hooks = &hooks,
        .options = {.data_dir = dir,
                    .noise_dir = "",
                    .noise_snr = "",
                    .silence = "original",
                    .wanted_words = "yes,no",
                    .silence_percentage = 10.0,
                    .unknown_percentage = 20.0,
                    .validation_percentage = 20,
                    .testing_percentage = 20},
        .feature_settings = {.sample_rate_hz = RATE_HZ, .desired_samples = N_SAMPLES},
    };
    const ws_index_options options = ws_data_set_index_options(&run.options);
    n_listed = 0;
    ws_status status = ws_together_open_index(&run, &options, &err);
    if (status == WS_OK)
        status = ws_together_open_noise(&run, &err);
    found *own = &t->found[rank];
    *own = (found){.status = status, .n_listed = n_listed};
    (void)snprintf(own->message, sizeof own->message, "%s", err.message);
    if (status == WS_OK)
        own->sum = sum_data(&run);
    ws_noise_destroy(run.noise);
    ws_index_destroy(run.index);
    return 0;
}

/** Opens the data on n_ranks ranks. @param found  [MAX_RANKS] filled */
static void try_on(size_t n_ranks, bool is_shared, found *found_by)
{
    int codes[MAX_RANKS];
    trial t = {.is_shared = is_shared, .found = local_ranks_memory(MAX_RANKS * sizeof *t.found)};

    local_ranks_run(n_ranks, open_data, &t, codes);
    for (size_t r = 0; r < n_ranks; r++)
        assert_int_equal(codes[r], 0);
    memcpy(found_by, t.found, n_ranks * sizeof *found_by);
    local_ranks_free(t.found, MAX_RANKS * sizeof *t.found);
}

/** All ranks fail with the same sentence, which has these parts. */
static void expect_fault(ws_status status, const char *start, const char *part)
{
    found f[MAX_RANKS];

    try_on(MAX_RANKS, false, f);
    for (size_t r = 0; r < MAX_RANKS; r++) {
        assert_int_equal(f[r].status, status);
        assert_string_equal(f[r].message, f[0].message);
    }
    if (strncmp(f[0].message, start, strlen(start)) != 0 || strstr(f[0].message, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\", \"%s\"", f[0].message, start, part);
}

static void rank_0_alone_lists_directories(void **state)
{
    found alone[MAX_RANKS], several[MAX_RANKS];

    (void)state;
    try_on(1, true, alone);
    assert_string_equal(alone[0].message, "");
    assert_true(alone[0].n_listed > 3);
    for (int is_shared = 0; is_shared < 2; is_shared++) {
        try_on(MAX_RANKS, is_shared, several);
        for (size_t r = 0; r < MAX_RANKS; r++) {
            assert_string_equal(several[r].message, "");
            assert_int_equal(several[r].status, WS_OK);
            assert_int_equal(several[r].sum, alone[0].sum);
            assert_int_equal(several[r].n_listed, r == 0 ? alone[0].n_listed : 0);
        }
    }
}

static void further_files_of_a_rank_are_not_seen(void **state)
{
    found before[MAX_RANKS], after[MAX_RANKS];

    (void)state;
    try_on(MAX_RANKS, false, before);
    write_sound(path_in(1, "yes/00000000_nohash_7.wav"), 0.5f);
    write_sound(path_in(2, "_background_noise_/a.wav"), 0.5f);
    try_on(MAX_RANKS, false, after);
    assert_string_equal(after[1].message, "");
    assert_int_equal(after[1].sum, before[0].sum);
    assert_int_equal(after[2].sum, before[0].sum);
}

static void a_missing_file_is_named(void **state)
{
    const char *clip = path_in(2, "Other/3c6ef362_nohash_0.wav");

    (void)state;
    assert_int_equal(unlink(clip), 0);
    expect_fault(WS_ENOTFOUND, "rank 2: ", clip);
    write_sound(clip, 0.5f);
    clip = path_in(1, "_background_noise_/deep/wind.wav");
    assert_int_equal(unlink(clip), 0);
    expect_fault(WS_ENOTFOUND, "rank 1: ", clip);
}

static void other_noise_is_refused(void **state)
{
    (void)state;
    write_sound(path_in(2, "_background_noise_/hum.wav"), 0.26f);
    expect_fault(WS_EINVAL, "rank 2 ", "the background noise");
}

static void faults_of_rank_0_are_those_of_all(void **state)
{
    (void)state;
    assert_int_equal(ws_dir_remove_all(path_in(0, "no"), NULL), WS_OK);
    expect_fault(WS_ENOTFOUND, "--wanted_words: ", "there is no folder \"no\"");
    assert_int_equal(ws_dir_remove_all(path_in(0, ""), NULL), WS_OK);
    expect_fault(WS_ENOTFOUND, "--data_dir: ", "own0");
}

static void without_noise_no_rank_has_any(void **state)
{
    found f[MAX_RANKS];

    (void)state;
    assert_int_equal(ws_dir_remove_all(path_in(0, "_background_noise_"), NULL), WS_OK);
    try_on(MAX_RANKS, false, f);
    for (size_t r = 0; r < MAX_RANKS; r++) {
        assert_string_equal(f[r].message, "");
        assert_int_equal(f[r].sum, f[0].sum);
    }
}

#define ON_DATA(test) cmocka_unit_test_setup_teardown(test, make_data, ws_test_dir_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DATA(rank_0_alone_lists_directories),    ON_DATA(further_files_of_a_rank_are_not_seen),
        ON_DATA(a_missing_file_is_named),           ON_DATA(other_noise_is_refused),
        ON_DATA(faults_of_rank_0_are_those_of_all), ON_DATA(without_noise_no_rank_has_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
