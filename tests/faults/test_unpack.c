/* dataset/fetch, unpack, archive and gunzip on archives that are broken, or meant to break out of
 * the directory: what comes from a server is refused and deleted before anything is unpacked; what
 * somebody has put there is refused and left alone. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dir_lock.h"
#include "base/file.h"
#include "base/random.h"
#include "faults/fetch_fixture.h"

enum { MAX_FILE_BYTES = 1 << 20 };

/* ---- archives that are refused, a test each ---- */

typedef struct bad_archive {
    const char *name;
    ws_status status;
    const char *text; /* in the error */
} bad_archive;

static const bad_archive bad_archives[] = {
    {"truncated", WS_EFORMAT, "in the middle of its data"},
    {"no_trailer", WS_EFORMAT, "in the middle of its data"},
    {"nearly", WS_EFORMAT, "in the middle of its data"},
    {"corrupt", WS_EFORMAT, "damaged"},
    {"corrupt_early", WS_EFORMAT, "damaged"},
    {"wrong_checksum", WS_EFORMAT, "incorrect data check"},
    {"wrong_length", WS_EFORMAT, "incorrect length check"},
    {"garbage_behind", WS_EFORMAT, "incorrect header check"},
    {"tar_truncated", WS_EFORMAT, "damaged as a tar archive near entry 10 (Truncated tar archive)"},
    {"tar_corrupt", WS_EFORMAT, "damaged as a tar archive near entry 2 "},
    {"no_end_mark", WS_EFORMAT, "does not end as a tar archive does, after its entry 16"},
    {"empty", WS_EFORMAT, "is empty"},
    {"page", WS_EFORMAT, "not a gzip file, expected a .tar.gz archive"},
    {"text", WS_EFORMAT, "damaged as a tar archive near entry 1 (Unrecognized archive format)"},
    {"nothing_inside", WS_EFORMAT, "has no files in it"},
    {"dotdot", WS_EFORMAT, "entry 16, \"yes/../../evil.wav\", leads out of the directory"},
    {"absolute", WS_EFORMAT, "entry 16, \"/tmp/evil.wav\", has an absolute name"},
    {"symlink", WS_EFORMAT, "entry 16, \"yes/link.wav\", is a symbolic link"},
    {"symlink_dir", WS_EFORMAT, "entry 16, \"evil\", is a symbolic link"},
    {"hardlink", WS_EFORMAT, "entry 16, \"yes/hard.wav\", is a hard link"},
    {"device", WS_EFORMAT, "entry 16, \"yes/null.wav\", is a device"},
    {"pipe", WS_EFORMAT, "entry 16, \"yes/pipe.wav\", is a pipe"},
    {"control", WS_EFORMAT, "entry 16, \"yes/a?b.wav\", has a control character in its name"},
    {"own_name", WS_EFORMAT, "\"own_name.tar.gz\", a name that the unpacking itself needs"},
    {"own_folder", WS_EFORMAT, "\".unpacked/yes/a.wav\", a name that the unpacking itself needs"},
    {"long_name", WS_EFORMAT, "has too long a name"},
    {"giant", WS_ELIMIT, "has more than 1099511627776 bytes in it"},
    {"endless", WS_ELIMIT, "has more than 1048576 entries"},
};
enum { N_BAD_ARCHIVES = sizeof bad_archives / sizeof *bad_archives };

static void a_bad_archive_is_deleted(void **state)
{
    const bad_archive *bad = *state;
    char path[128];

    (void)snprintf(path, sizeof path, "plain/%s.tar.gz", bad->name);
    FETCH_FAILS(fetch_url(path), bad->status, bad->text, fetch_url(path), "is deleted");
    fetch_assert_nothing();
}

static void a_bad_archive_of_somebody_is_kept(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_BAD_ARCHIVES; i++) {
        const bad_archive *bad = &bad_archives[i];
        char url[128];
        if (strcmp(bad->name, "own_name") == 0) /* the name that this one is about is another now */
            continue;
        fetch_shell("mkdir -p '%s' && cp '%s/%s.tar.gz' '%s/mine.tar.gz'", fixture.data_dir,
                    fixture.archives_dir, bad->name, fixture.data_dir);
        (void)snprintf(url, sizeof url, "http://nowhere.invalid/mine.tar.gz");
        FETCH_FAILS(url, bad->status, bad->text, "data/mine.tar.gz: ", "if you remove it");
        fetch_shell("cd '%s' && test \"$(ls -A)\" = mine.tar.gz && cmp mine.tar.gz '%s/%s.tar.gz'",
                    fixture.data_dir, fixture.archives_dir, bad->name);
    }
}

/** Any archive that is cut anywhere, or has one bit turned, is refused. */
static void no_cut_and_no_turned_bit_goes_unseen(void **state)
{
    enum { N_TRIES = 60, N_HEADER = 10 /* gzip's, whose time stamp nothing guards */ };
    char path[1024];
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    ws_random random;
    ws_error err;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/good.tar.gz", fixture.archives_dir);
    assert_int_equal(ws_file_read(path, MAX_FILE_BYTES, &bytes, &n_bytes, &err), WS_OK);
    (void)snprintf(path, sizeof path, "%s/mine.tar.gz", fixture.data_dir);
    assert_int_equal(ws_dir_create_all(fixture.data_dir, &err), WS_OK);
    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, 0);
    for (int i = 0; i < N_TRIES; i++) {
        const size_t at = N_HEADER + ws_random_below(&random, (uint32_t)n_bytes - N_HEADER);
        const unsigned char turned = (unsigned char)(1u << ws_random_below(&random, 8));
        bytes[at] ^= turned;
        assert_int_equal(ws_file_write(path, bytes, i % 2 == 0 ? at : n_bytes, &err), WS_OK);
        bytes[at] ^= turned;
        (void)fetch_from("http://nowhere.invalid/mine.tar.gz", WS_EFORMAT, &err);
        fetch_shell("test \"$(ls -A '%s')\" = mine.tar.gz", fixture.data_dir);
    }
    free(bytes);
}

/* ---- archives that are good ---- */

static void members_and_padding_are_gzip_too(void **state)
{
    (void)state;
    assert_true(fetch_path("plain/members.tar.gz"));
    fetch_shell("diff -r --exclude='*.tar.gz' '%s/good' '%s'", fixture.archives_dir,
                fixture.data_dir);
}

static void a_file_in_the_way_leaves_nothing(void **state)
{
    (void)state;
    FETCH_FAILS(fetch_url("plain/file_as_folder.tar.gz"), WS_EEXISTS, "README.md",
                "a file is in the way");
    fetch_shell("test \"$(ls -A '%s')\" = file_as_folder.tar.gz", fixture.data_dir);
}

static void a_file_of_the_users_own_stays(void **state)
{
    (void)state;
    fetch_shell("mkdir -p '%s' && echo mine >'%s/README.md'", fixture.data_dir, fixture.data_dir);
    assert_true(fetch_path("plain/good.tar.gz"));
    fetch_shell("test \"$(cat '%s/README.md')\" = mine", fixture.data_dir);
    fetch_shell("cp '%s/good/README.md' '%s'", fixture.archives_dir, fixture.data_dir);
    fetch_assert_data("good"); /* all else is there */
}

/* ---- ends at any time ---- */

static void a_stop_while_checking_keeps_the_download(void **state)
{
    (void)state;
    fixture.stop_activity = "checking";
    fixture.stop_at = 60000;
    assert_false(fetch_path("plain/good.tar.gz?check"));
    fetch_shell("test \"$(ls -A '%s' | tr '\\n' ' ')\" = 'good.tar.gz.part good.tar.gz.part.info '",
                fixture.data_dir);
    fixture.stop_activity = NULL;
    assert_true(fetch_path("plain/good.tar.gz?check"));
    fetch_assert_data("good");
    fetch_assert_requests("plain/good.tar.gz?check", "-> 200");
}

static void a_stop_while_unpacking_keeps_the_archive(void **state)
{
    (void)state;
    fixture.stop_activity = "unpacking";
    fixture.stop_at = 60000;
    assert_false(fetch_path("plain/good.tar.gz?unpack"));
    fetch_shell("test \"$(ls -A '%s')\" = good.tar.gz", fixture.data_dir);
    fixture.stop_activity = NULL;
    assert_true(fetch_path("plain/good.tar.gz?unpack"));
    fetch_assert_data("good");
    fetch_assert_requests("plain/good.tar.gz?unpack", "-> 200");
}

static void a_killed_unpacking_starts_again(void **state)
{
    (void)state;
    fetch_shell("mkdir -p '%s/.unpacking/yes' && cd '%s' && cp '%s/good.tar.gz' . && "
                "echo half >.unpacking/yes/half.wav && ln -s / .unpacking/link",
                fixture.data_dir, fixture.data_dir, fixture.archives_dir);
    assert_true(fetch_path("plain/good.tar.gz?killed"));
    fetch_assert_data("good");
    fetch_assert_requests("plain/good.tar.gz?killed", "");
}

static void half_a_data_set_is_completed(void **state)
{
    ws_error err;
    (void)state;
    /* all was unpacked, and some of it moved, when the program was killed; no URL is needed */
    fetch_shell("mkdir -p '%s' && cd '%s' && cp -r '%s/good' .unpacked && cp '%s/good.tar.gz' . && "
                "mv .unpacked/yes .unpacked/README.md .",
                fixture.data_dir, fixture.data_dir, fixture.archives_dir, fixture.archives_dir);
    assert_true(fetch_from("", WS_OK, &err));
    fetch_assert_data("good");
}

/** kill -9 at any moment: the data set is never there in part without a start completing it. */
static void a_kill_at_any_moment_loses_nothing(void **state)
{
    enum { N_KILLS = 12, MAX_DELAY_US = 60000 };
    char url[128];
    ws_random random;
    ws_error err;
    (void)state;
    ws_random_init(&random, 2, WS_RANDOM_TEST, 0, 0);
    for (int i = 0; i < N_KILLS; i++) {
        const struct timespec delay = {.tv_nsec =
                                           1000 * (long)ws_random_below(&random, MAX_DELAY_US)};
        (void)snprintf(url, sizeof url, "%s?kill%d", fetch_url("plain/good.tar.gz"), i);
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            (void)fetch_from(url, WS_OK, &err);
            _exit(0);
        }
        (void)nanosleep(&delay, NULL);
        (void)kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        assert_true(fetch_from(url, WS_OK, &err));
        fetch_assert_data("good");
        fetch_shell("rm -rf '%s'", fixture.data_dir);
    }
}

static void a_full_disk_leaves_the_archive(void **state)
{
    struct rlimit limit;
    ws_error err;
    (void)state;
    fetch_shell("mkdir -p '%s' && cp '%s/good.tar.gz' '%s'", fixture.data_dir, fixture.archives_dir,
                fixture.data_dir);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    const struct rlimit small = {.rlim_cur = 10000, .rlim_max = limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    (void)fetch_from(fetch_url("plain/good.tar.gz"), WS_EIO, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_non_null(strstr(err.message, ".wav: cannot be written: File too large"));
    fetch_shell("test \"$(ls -A '%s')\" = good.tar.gz", fixture.data_dir);
    assert_true(fetch_path("plain/good.tar.gz"));
    fetch_assert_data("good");
}

static void two_at_a_time_are_refused(void **state)
{
    ws_error err;
    int lock;
    (void)state;
    fetch_shell("mkdir -p '%s'", fixture.data_dir);
    assert_int_equal(ws_dir_lock_open(fixture.data_dir, "test", &lock, &err), WS_OK);
    FETCH_FAILS(fetch_url("plain/good.tar.gz"), WS_EEXISTS, "another wordspot is at work in it");
    assert_int_equal(close(lock), 0);
    assert_true(fetch_path("plain/good.tar.gz"));
    fetch_assert_data("good");
}

#define FETCH_TEST(name) cmocka_unit_test_setup_teardown(name, fetch_begin, fetch_end)

static const struct CMUnitTest other_tests[] = {
    FETCH_TEST(a_bad_archive_of_somebody_is_kept),
    FETCH_TEST(no_cut_and_no_turned_bit_goes_unseen),
    FETCH_TEST(members_and_padding_are_gzip_too),
    FETCH_TEST(a_file_in_the_way_leaves_nothing),
    FETCH_TEST(a_file_of_the_users_own_stays),
    FETCH_TEST(a_stop_while_checking_keeps_the_download),
    FETCH_TEST(a_stop_while_unpacking_keeps_the_archive),
    FETCH_TEST(a_killed_unpacking_starts_again),
    FETCH_TEST(half_a_data_set_is_completed),
    FETCH_TEST(a_kill_at_any_moment_loses_nothing),
    FETCH_TEST(a_full_disk_leaves_the_archive),
    FETCH_TEST(two_at_a_time_are_refused),
};
enum { N_OTHER_TESTS = sizeof other_tests / sizeof *other_tests };

int main(void)
{
    static bad_archive cases[N_BAD_ARCHIVES];
    struct CMUnitTest tests[N_BAD_ARCHIVES + N_OTHER_TESTS];

    memcpy(cases, bad_archives, sizeof cases);
    for (size_t i = 0; i < N_BAD_ARCHIVES; i++)
        tests[i] = (struct CMUnitTest){cases[i].name, a_bad_archive_is_deleted, fetch_begin,
                                       fetch_end, &cases[i]};
    memcpy(tests + N_BAD_ARCHIVES, other_tests, sizeof other_tests);
    return cmocka_run_group_tests(tests, fetch_make_archives, fetch_remove_archives);
}
