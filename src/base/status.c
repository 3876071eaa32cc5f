#include "base/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *ws_status_text(ws_status status)
{
    switch (status) {
#define WS_STATUS_CASE(suffix, value, text) \
    case WS_##suffix:                       \
        return text;
        WS_STATUS_MAP(WS_STATUS_CASE)
#undef WS_STATUS_CASE
    }
    return "unknown status";
}

WS_PRINTF(3, 0)
static void fill(ws_error *err, ws_status status, const char *format, va_list args)
{
    err->status = status;
    (void)vsnprintf(err->message, sizeof err->message, format, args);
}

ws_status ws_fail(ws_error *err, ws_status status, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        fill(err, status, format, args);
        va_end(args);
    }
    return status;
}

static ws_status status_of_errno(int errno_value)
{
    switch (errno_value) {
    case ENOENT:
    case ENOTDIR:
        return WS_ENOTFOUND;
    case EEXIST:
        return WS_EEXISTS;
    case ENOMEM:
        return WS_ENOMEM;
    default:
        return WS_EIO;
    }
}

ws_status ws_fail_errno(ws_error *err, int errno_value, const char *format, ...)
{
    const ws_status status = status_of_errno(errno_value);
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        fill(err, status, format, args);
        va_end(args);
        const size_t length = strlen(err->message);
        (void)snprintf(err->message + length, sizeof err->message - length, ": %s",
                       strerror(errno_value));
    }
    return status;
}

ws_status ws_fail_memory(ws_error *err, const char *what)
{
    return ws_fail(err, WS_ENOMEM, "out of memory for %s", what);
}

ws_status ws_fail_usage(ws_status status, ws_error *err)
{
    if (status != WS_ENOTFOUND)
        return status;
    if (err != NULL)
        err->status = WS_EUSAGE;
    return WS_EUSAGE;
}
