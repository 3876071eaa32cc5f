/** What the tests of fetching share: a server with archives, a data directory for each test, and
 *  what is there before and after. */
#ifndef WS_TESTS_FAULTS_FETCH_FIXTURE_H
#define WS_TESTS_FAULTS_FETCH_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "fetch/fetch.h"

/** Where things are, and what was seen of the last fetch; all but the patience is for reading. */
typedef struct fetch_fixture {
    char archives_dir[256]; /* what make_archives.py makes, and good/ and other/ unpacked by tar */
    int port;
    char scratch[256];
    char data_dir[512];
    char log[1 << 14];         /* the lines of this test's fetches */
    uint64_t n_done, n_all;    /* as last told */
    ws_patience patience;      /* for a test to change */
    const char *stop_activity; /* the watch ends this one ... */
    uint64_t stop_at;          /* ... from that many bytes on; NULL: never */
} fetch_fixture;

extern fetch_fixture fixture;

/* for cmocka: of a group, and of each test */
int fetch_make_archives(void **state);
int fetch_remove_archives(void **state);
int fetch_begin(void **state);
int fetch_end(void **state);

/** Runs a command of the shell, which must succeed. */
void fetch_shell(const char *format, ...) WS_PRINTF(1, 2);

/** The server's address of a path; valid until the next call. */
const char *fetch_url(const char *path);

/** Fetches a URL into the data directory; asserts the status. @return whether it was completed */
bool fetch_from(const char *url, ws_status wanted, ws_error *err);
/** From our server, without failing. */
bool fetch_path(const char *path);
/** Asserts that it fails so, with all these texts in an error of one line. */
void fetch_fails(const char *url, ws_status wanted, const char *const *texts);
#define FETCH_FAILS(url, status, ...) \
    fetch_fails((url), (status), (const char *const[]){__VA_ARGS__, NULL})

/** Whether a name is in the data directory. */
bool fetch_has(const char *name);
/** Bytes of a file, by its whole name. */
long long fetch_size(const char *path);
/** The data directory has all of that archive as tar unpacks it, the archive, and nothing else. */
void fetch_assert_data(const char *name);
/** Nothing of an archive, unpacked or under way, is there or where it could have led to. */
void fetch_assert_nothing(void);
void fetch_assert_logged(const char *text);
/** What the server noted of requests for that path, as "-> 200; Range ... -> 206"; HALF stands for
 *  the half of good.tar.gz in bytes. */
void fetch_assert_requests(const char *path, const char *wanted);

#endif
