/* dataset/fetch and download against a server that does whatever it likes: in the end the whole
 * data set is there or nothing is, and a later start resumes where this one stopped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "faults/fetch_fixture.h"
#include "fetch/space.h"
#include "support/fault_server.h"

static const char part_name[] = "good.tar.gz.part";

/* ---- as it should be ---- */

static void a_data_set_is_downloaded_and_unpacked(void **state)
{
    char path[512];
    (void)state;
    assert_true(fetch_path("plain/good.tar.gz"));
    fetch_assert_data("good");
    fetch_assert_requests("plain/good.tar.gz", "-> 200");
    (void)snprintf(path, sizeof path, "%s/good.tar.gz", fixture.archives_dir);
    assert_int_equal(fixture.n_done, fetch_size(path)); /* of the archive, to the last byte */
    assert_int_equal(fixture.n_all, fetch_size(path));
    fetch_assert_logged("Successfully downloaded good.tar.gz (");
    fetch_assert_logged("Unpacking 14 files: ");
}

static void a_query_is_not_part_of_the_name(void **state)
{
    (void)state;
    assert_true(fetch_path("plain/good.tar.gz?alt=media#top"));
    fetch_assert_data("good");
}

static void a_file_url_is_copied(void **state)
{
    char url[512];
    ws_error err;
    (void)state;
    (void)snprintf(url, sizeof url, "file://%s/good.tar.gz", fixture.archives_dir);
    assert_true(fetch_from(url, WS_OK, &err));
    fetch_assert_data("good");
}

static void a_file_url_of_nothing_is_named(void **state)
{
    (void)state;
    FETCH_FAILS("file:///nowhere/good.tar.gz", WS_ENOTFOUND, "file:///nowhere/good.tar.gz",
                "Couldn't open file");
    fetch_assert_nothing();
}

static void a_data_set_that_is_there_asks_nobody(void **state)
{
    ws_error err;
    (void)state;
    fetch_shell("mkdir -p '%s/maybe'", fixture.data_dir);
    assert_true(fetch_path("plain/unasked.tar.gz"));
    assert_true(fetch_from("", WS_OK, &err));
    fetch_shell("test \"$(ls -A '%s')\" = maybe", fixture.data_dir);
    fetch_assert_requests("plain/unasked.tar.gz", "");
}

static void without_a_url_nothing_is_made(void **state)
{
    ws_error err;
    (void)state;
    assert_true(fetch_from("", WS_OK, &err));
    fetch_shell("test -z \"$(ls -A '%s')\"", fixture.scratch);
}

static void hidden_folders_are_not_a_data_set(void **state)
{
    (void)state;
    fetch_shell("mkdir -p '%s/.cache' && touch '%s/notes.txt'", fixture.data_dir, fixture.data_dir);
    assert_true(fetch_path("plain/good.tar.gz"));
    fetch_shell("cd '%s' && rm -r .cache notes.txt", fixture.data_dir);
    fetch_assert_data("good");
}

static void an_archive_that_is_there_is_unpacked(void **state)
{
    (void)state;
    fetch_shell("mkdir -p '%s' && cp '%s/good.tar.gz' '%s'/by_hand.tar.gz", fixture.data_dir,
                fixture.archives_dir, fixture.data_dir);
    assert_true(fetch_path("plain/by_hand.tar.gz"));
    fetch_assert_data("good");
    fetch_assert_requests("plain/by_hand.tar.gz", "");
}

static void redirects_are_followed(void **state)
{
    (void)state;
    assert_true(fetch_path("redirect/good.tar.gz"));
    fetch_assert_data("good");
}

static void redirects_end(void **state)
{
    (void)state;
    FETCH_FAILS(fetch_url("loop/good.tar.gz"), WS_EIO, "/loop/good.tar.gz",
                "Maximum (10) redirects");
    fetch_assert_nothing();
}

static void redirects_do_not_lead_to_files(void **state)
{
    (void)state;
    FETCH_FAILS(fetch_url("to_file/good.tar.gz"), WS_EIO, "Protocol \"file\"");
    fetch_assert_nothing();
}

static void a_length_need_not_be_told(void **state)
{
    (void)state;
    assert_true(fetch_path("nolength/good.tar.gz"));
    fetch_assert_data("good");
}

static void a_proxy_is_asked(void **state)
{
    ws_error err;
    (void)state;
    assert_int_equal(setenv("http_proxy", fetch_url(""), 1), 0);
    const bool is_complete = fetch_from("http://nowhere.invalid/plain/good.tar.gz", WS_OK, &err);
    assert_int_equal(unsetenv("http_proxy"), 0);
    assert_true(is_complete);
    fetch_assert_data("good");
    fetch_assert_requests("http://nowhere.invalid/plain/good.tar.gz", "-> 200");
}

static void a_password_is_taken_from_netrc(void **state)
{
    char *home = getenv("HOME");
    char old_home[512];
    (void)state;
    (void)snprintf(old_home, sizeof old_home, "%s", home != NULL ? home : "/");
    FETCH_FAILS(fetch_url("private/good.tar.gz"), WS_EIO, "401 (it wants a password)");
    fetch_shell("mkdir '%s/home' && echo machine 127.0.0.1 login me password secret >'%s/home/"
                ".netrc'",
                fixture.scratch, fixture.scratch);
    char path[512];
    (void)snprintf(path, sizeof path, "%s/home", fixture.scratch);
    assert_int_equal(setenv("HOME", path, 1), 0);
    const bool is_complete = fetch_path("private/good.tar.gz");
    assert_int_equal(setenv("HOME", old_home, 1), 0);
    assert_true(is_complete);
    fetch_assert_data("good");
}

static void a_certificate_nobody_vouches_for_is_refused(void **state)
{
    ws_test_server secure;
    char path[512], url[256];
    (void)state;
    (void)snprintf(path, sizeof path, "%s/both.pem", fixture.scratch);
    fetch_shell("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 "
                "-addext subjectAltName=IP:127.0.0.1 -keyout '%s/key.pem' -out '%s/cert.pem' "
                "2>'%s/openssl.log' && cat '%s/key.pem' '%s/cert.pem' >'%s'",
                fixture.scratch, fixture.scratch, fixture.scratch, fixture.scratch, fixture.scratch,
                path);
    ws_test_server_start(&secure, fixture.archives_dir, path);
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%d/plain/good.tar.gz", secure.port);
    FETCH_FAILS(url, WS_EIO, url, "certificate");
    ws_test_server_stop(&secure);
    fetch_shell("test -z \"$(ls -A '%s')\"", fixture.data_dir);
}

/* ---- lines that break ---- */

static void a_cut_connection_is_taken_up_again(void **state)
{
    (void)state;
    assert_true(fetch_path("cut/good.tar.gz"));
    fetch_assert_data("good");
    fetch_assert_requests("cut/good.tar.gz", "-> 200; bytes=HALF- If-Range -> 206");
    fetch_assert_logged("warning: http://127.0.0.1:");
    fetch_assert_logged("; trying again");
}

static void the_next_start_resumes(void **state)
{
    (void)state;
    fixture.patience.n_tries = 1;
    FETCH_FAILS(fetch_url("cut/good.tar.gz?next"), WS_EIO, "/cut/good.tar.gz?next",
                "cannot be downloaded: ");
    assert_true(fetch_has(part_name));
    fetch_assert_requests("cut/good.tar.gz?next", "-> 200");
    assert_true(fetch_path("cut/good.tar.gz?next"));
    fetch_assert_data("good");
    fetch_assert_requests("cut/good.tar.gz?next", "-> 200; bytes=HALF- If-Range -> 206");
    fetch_assert_logged("Resuming after ");
}

static void a_server_that_always_cuts_is_given_up(void **state)
{
    (void)state;
    FETCH_FAILS(fetch_url("always_cut/good.tar.gz"), WS_EIO, "/always_cut/good.tar.gz");
    assert_true(fetch_has(part_name));
    fetch_assert_requests("always_cut/good.tar.gz",
                          "-> 200; bytes=16384- If-Range -> 206; bytes=32768- If-Range -> 206; "
                          "bytes=49152- If-Range -> 206");
}

static void a_stalled_connection_is_taken_up_again(void **state)
{
    (void)state;
    fixture.patience.stall_seconds = 1;
    assert_true(fetch_path("stall/good.tar.gz"));
    fetch_assert_data("good");
    fetch_assert_requests("stall/good.tar.gz", "-> 200; bytes=HALF- If-Range -> 206");
    fetch_assert_logged("too slow");
}

static void a_server_that_never_answers_is_given_up(void **state)
{
    (void)state;
    fixture.patience.stall_seconds = 1;
    fixture.patience.n_tries = 2;
    FETCH_FAILS(fetch_url("hang/good.tar.gz"), WS_EIO, "/hang/good.tar.gz", "too slow");
    fetch_assert_nothing();
    fetch_assert_requests("hang/good.tar.gz", "-> nothing; -> nothing");
}

static void nobody_listening_is_said_at_once(void **state)
{
    ws_test_server gone;
    char url[256];
    (void)state;
    ws_test_server_start(&gone, fixture.archives_dir, NULL);
    ws_test_server_stop(&gone);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/good.tar.gz", gone.port);
    fixture.patience.wait_seconds = 100;
    FETCH_FAILS(url, WS_EIO, url, "connect");
    fetch_assert_nothing();
}

static void a_length_that_is_not_told_leaves_the_checksum(void **state)
{
    (void)state;
    FETCH_FAILS(fetch_url("nolength_cut/good.tar.gz"), WS_EFORMAT, "in the middle of its data",
                "is deleted");
    fetch_assert_nothing();
    assert_true(fetch_path("nolength_cut/good.tar.gz"));
    fetch_assert_data("good");
}

/* ---- servers that cannot, or will not ---- */

static void a_busy_server_is_asked_again(void **state)
{
    (void)state;
    assert_true(fetch_path("busy/good.tar.gz"));
    fetch_assert_data("good");
    fetch_assert_requests("busy/good.tar.gz", "-> 503; -> 200");
    fetch_assert_logged("503 (service unavailable), expected the file; trying again");
}

static void fails_with_code(const char *path, ws_status status, const char *text,
                            const char *requests)
{
    FETCH_FAILS(fetch_url(path), status, fetch_url(path), text);
    fetch_assert_nothing();
    fetch_assert_requests(path, requests);
}

static void a_404_is_named(void **state)
{
    (void)state;
    fails_with_code("404/good.tar.gz", WS_ENOTFOUND,
                    "the server answered 404 (there is no such file)", "-> 404");
}

static void a_403_is_named(void **state)
{
    (void)state;
    fails_with_code("403/good.tar.gz", WS_EIO, "the server answered 403 (forbidden)", "-> 403");
}

static void a_416_is_named(void **state)
{
    (void)state;
    fails_with_code("416/good.tar.gz", WS_EIO, "the server answered 416 (no such bytes)", "-> 416");
}

static void a_500_is_named_after_some_tries(void **state)
{
    (void)state;
    fails_with_code("500/good.tar.gz", WS_EIO, "the server answered 500 (internal server error)",
                    "-> 500; -> 500; -> 500; -> 500");
}

static void a_failure_leaves_the_part(void **state)
{
    (void)state;
    fixture.patience.n_tries = 1;
    FETCH_FAILS(fetch_url("cut/good.tar.gz?part"), WS_EIO, "cannot be downloaded: ");
    /* the same file, of an address that is gone now: what is there is kept until it is replaced */
    FETCH_FAILS(fetch_url("404/good.tar.gz"), WS_ENOTFOUND, "404");
    assert_true(fetch_has(part_name));
    assert_true(fetch_path("cut/good.tar.gz?part"));
    fetch_assert_data("good");
    fetch_assert_requests("cut/good.tar.gz?part", "-> 200; bytes=HALF- If-Range -> 206");
}

static void a_part_of_another_address_is_not_used(void **state)
{
    (void)state;
    fixture.patience.n_tries = 1;
    FETCH_FAILS(fetch_url("cut/good.tar.gz?a"), WS_EIO, "cannot be downloaded: ");
    assert_true(fetch_path("plain/good.tar.gz?b"));
    fetch_assert_data("good");
    fetch_assert_requests("plain/good.tar.gz?b", "-> 200");
}

static void a_part_that_nothing_is_known_of_is_not_used(void **state)
{
    static const char *const infos[] = {"rubbish", "url: x\nbytes: -5", ""};
    (void)state;
    for (size_t i = 0; i < sizeof infos / sizeof *infos; i++) {
        fetch_shell("mkdir -p '%s' && cd '%s' && printf '%s' >good.tar.gz.part.info && "
                    "printf wrong >good.tar.gz.part",
                    fixture.data_dir, fixture.data_dir, infos[i]);
        assert_true(fetch_path("plain/good.tar.gz?info"));
        fetch_assert_data("good");
        fetch_shell("rm -r '%s'", fixture.data_dir);
    }
    fetch_assert_requests("plain/good.tar.gz?info", "-> 200; -> 200; -> 200");
}

static void a_server_without_ranges_sends_all_again(void **state)
{
    (void)state;
    assert_true(fetch_path("norange/good.tar.gz"));
    fetch_assert_data("good");
    fetch_assert_requests("norange/good.tar.gz", "-> 200; bytes=HALF- If-Range -> 200");
    fetch_assert_logged("cannot be continued");
}

static void a_refused_range_is_asked_for_as_a_whole(void **state)
{
    (void)state;
    assert_true(fetch_path("no_such_range/good.tar.gz"));
    fetch_assert_data("good");
    fetch_assert_requests("no_such_range/good.tar.gz",
                          "-> 200; bytes=HALF- If-Range -> 416; -> 200");
}

static void a_changed_file_is_not_joined_to_the_old_one(void **state)
{
    (void)state;
    assert_true(fetch_path("changed/good.tar.gz"));
    fetch_assert_data("other");
    fetch_assert_requests("changed/good.tar.gz", "-> 200; bytes=HALF- If-Range -> 200");
}

static void nor_by_a_server_that_does_not_compare(void **state)
{
    (void)state;
    assert_true(fetch_path("changed_blindly/good.tar.gz"));
    fetch_assert_data("other");
    fetch_assert_requests("changed_blindly/good.tar.gz",
                          "-> 200; bytes=HALF- If-Range -> 206; -> 200");
}

static void nor_by_one_that_only_tells_lengths(void **state)
{
    (void)state;
    assert_true(fetch_path("changed_namelessly/good.tar.gz"));
    fetch_assert_data("other");
    fetch_assert_requests("changed_namelessly/good.tar.gz", "-> 200; bytes=HALF- -> 206; -> 200");
}

/* ---- room ---- */

static void room_is_asked_for_before_it_begins(void **state)
{
    char path[128];
    ws_space space;
    ws_error err;
    (void)state;
    assert_int_equal(ws_space_get(fixture.scratch, &space, &err), WS_OK);
    if (space.n_free >= (uint64_t)WS_DOWNLOAD_MAX_BYTES)
        skip();
    /* fits once, but what is in it does not fit beside it */
    (void)snprintf(path, sizeof path, "claims/%llu/good.tar.gz",
                   (unsigned long long)space.n_free / 10 * 9);
    FETCH_FAILS(fetch_url(path), WS_EIO, "needs at least ", "B on the disk of ", "B free");
    fetch_assert_nothing();
}

static void too_long_a_file_is_refused(void **state)
{
    char path[128];
    (void)state;
    (void)snprintf(path, sizeof path, "claims/%lld/good.tar.gz",
                   (long long)WS_DOWNLOAD_MAX_BYTES + 1);
    FETCH_FAILS(fetch_url(path), WS_ELIMIT, "1099511627777 bytes, expected at most 1099511627776");
    fetch_assert_nothing();
}

static void a_full_disk_leaves_a_part(void **state)
{
    struct rlimit limit;
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    const struct rlimit small = {.rlim_cur = 100000, .rlim_max = limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    ws_error err;
    (void)fetch_from(fetch_url("plain/good.tar.gz?full"), WS_EIO, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_non_null(strstr(err.message, "good.tar.gz.part: cannot be written after 100000 bytes"));
    assert_non_null(strstr(err.message, "File too large"));
    assert_true(fetch_has(part_name));
    assert_true(fetch_path("plain/good.tar.gz?full"));
    fetch_assert_data("good");
    fetch_assert_requests("plain/good.tar.gz?full", "-> 200; bytes=100000- If-Range -> 206");
}

/* ---- a stop ---- */

static void a_stop_keeps_what_has_come(void **state)
{
    (void)state;
    fixture.stop_activity = "downloading";
    fixture.stop_at = 50000;
    assert_false(fetch_path("slow/good.tar.gz"));
    assert_true(fetch_has(part_name));
    fixture.stop_activity = NULL;
    assert_true(fetch_path("slow/good.tar.gz"));
    fetch_assert_data("good");
    fetch_assert_logged("Resuming after ");
}

#define FETCH_TEST(name) cmocka_unit_test_setup_teardown(name, fetch_begin, fetch_end)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        FETCH_TEST(a_data_set_is_downloaded_and_unpacked),
        FETCH_TEST(a_query_is_not_part_of_the_name),
        FETCH_TEST(a_file_url_is_copied),
        FETCH_TEST(a_file_url_of_nothing_is_named),
        FETCH_TEST(a_data_set_that_is_there_asks_nobody),
        FETCH_TEST(without_a_url_nothing_is_made),
        FETCH_TEST(hidden_folders_are_not_a_data_set),
        FETCH_TEST(an_archive_that_is_there_is_unpacked),
        FETCH_TEST(redirects_are_followed),
        FETCH_TEST(redirects_end),
        FETCH_TEST(redirects_do_not_lead_to_files),
        FETCH_TEST(a_length_need_not_be_told),
        FETCH_TEST(a_proxy_is_asked),
        FETCH_TEST(a_password_is_taken_from_netrc),
        FETCH_TEST(a_certificate_nobody_vouches_for_is_refused),
        FETCH_TEST(a_cut_connection_is_taken_up_again),
        FETCH_TEST(the_next_start_resumes),
        FETCH_TEST(a_server_that_always_cuts_is_given_up),
        FETCH_TEST(a_stalled_connection_is_taken_up_again),
        FETCH_TEST(a_server_that_never_answers_is_given_up),
        FETCH_TEST(nobody_listening_is_said_at_once),
        FETCH_TEST(a_length_that_is_not_told_leaves_the_checksum),
        FETCH_TEST(a_busy_server_is_asked_again),
        FETCH_TEST(a_404_is_named),
        FETCH_TEST(a_403_is_named),
        FETCH_TEST(a_416_is_named),
        FETCH_TEST(a_500_is_named_after_some_tries),
        FETCH_TEST(a_failure_leaves_the_part),
        FETCH_TEST(a_part_of_another_address_is_not_used),
        FETCH_TEST(a_part_that_nothing_is_known_of_is_not_used),
        FETCH_TEST(a_server_without_ranges_sends_all_again),
        FETCH_TEST(a_refused_range_is_asked_for_as_a_whole),
        FETCH_TEST(a_changed_file_is_not_joined_to_the_old_one),
        FETCH_TEST(nor_by_a_server_that_does_not_compare),
        FETCH_TEST(nor_by_one_that_only_tells_lengths),
        FETCH_TEST(room_is_asked_for_before_it_begins),
        FETCH_TEST(too_long_a_file_is_refused),
        FETCH_TEST(a_full_disk_leaves_a_part),
        FETCH_TEST(a_stop_keeps_what_has_come),
    };
    return cmocka_run_group_tests(tests, fetch_make_archives, fetch_remove_archives);
}
