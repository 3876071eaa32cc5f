/**
 * How every fallible function of Wordspot answers.
 *
 * A function returns a ws_status. Where the fault is known it also writes one finished sentence
 * into the caller's ws_error (which may be NULL: "not interested"); every function above passes
 * both on unchanged. Only cmd/ turns them into text on a terminal and an exit code.
 */
#ifndef WS_BASE_STATUS_H
#define WS_BASE_STATUS_H

#if defined(__GNUC__)
#define WS_MUST_CHECK __attribute__((warn_unused_result))
#define WS_PRINTF(format_index, first_index) \
    __attribute__((format(printf, format_index, first_index)))
#else
#define WS_MUST_CHECK
#define WS_PRINTF(format_index, first_index)
#endif

/** Code and text of each status in one place: X(suffix, value, text). */
#define WS_STATUS_MAP(X)                       \
    X(OK, 0, "success")                        \
    X(ENOMEM, -1, "out of memory")             \
    X(EINVAL, -2, "invalid argument")          \
    X(EUSAGE, -3, "wrong use of a flag")       \
    X(EIO, -4, "input or output failed")       \
    X(EFORMAT, -5, "malformed data")           \
    X(ENOTFOUND, -6, "not found")              \
    X(EEXISTS, -7, "exists already")           \
    X(ELIMIT, -8, "beyond a declared maximum") \
    X(ENUMERIC, -9, "not a finite number")

typedef enum ws_status {
#define WS_STATUS_ENUM(suffix, value, text) WS_##suffix = (value),
    WS_STATUS_MAP(WS_STATUS_ENUM)
#undef WS_STATUS_ENUM
} ws_status;

/** What went wrong, as one sentence that names the file, flag or byte and what was expected. */
typedef struct ws_error {
    ws_status status;
    char message[1024]; /* NUL-terminated, no line feed */
} ws_error;

/** The short general text of a status; never NULL. */
const char *ws_status_text(ws_status status);

/**
 * Writes the sentence into err (if not NULL; too long a one is cut) and returns status, so that
 * reporting a fault is one line: return ws_fail(err, WS_EFORMAT, "%s: ...", path);
 */
ws_status ws_fail(ws_error *err, ws_status status, const char *format, ...) WS_PRINTF(3, 4);

/**
 * As ws_fail, with ": <the system's reason>" appended. The status follows from errno_value:
 * WS_ENOTFOUND for ENOENT and ENOTDIR, WS_EEXISTS for EEXIST, WS_ENOMEM for ENOMEM, else WS_EIO.
 */
ws_status ws_fail_errno(ws_error *err, int errno_value, const char *format, ...) WS_PRINTF(3, 4);

/** ws_fail with WS_ENOMEM and a sentence that says how much was wanted for what. */
ws_status ws_fail_memory(ws_error *err, const char *what);

/** For names that flags give: WS_ENOTFOUND (the name is in no table) becomes WS_EUSAGE, in err too.
 *  @return that, or any other status unchanged */
ws_status ws_fail_usage(ws_status status, ws_error *err);

#endif
