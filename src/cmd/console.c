#include "cmd/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

/* What --verbosity may ask for; results are no level of their own to a user. */
static const char *const level_names[] = {
    [WS_LOG_DEBUG] = "debug", [WS_LOG_INFO] = "info",   [WS_LOG_WARN] = "warn",
    [WS_LOG_ERROR] = "error", [WS_LOG_FATAL] = "fatal",
};
enum { N_LEVELS = sizeof level_names / sizeof *level_names };

void ws_console_clear(ws_console *console)
{
    if (console->n_drawn == 0)
        return;
    fprintf(stderr, "\r%*s\r", (int)console->n_drawn, "");
    console->n_drawn = 0;
}

static void write_line(void *user, ws_log_level level, const char *line)
{
    ws_console *console = user;
    ws_console_clear(console);
    fprintf(stderr, "%s%s\n", level == WS_LOG_WARN ? "warning: " : "", line);
}

ws_status ws_console_init(ws_console *console, const char *verbosity, ws_error *err)
{
    *console = (ws_console){
        .log = {.level = WS_LOG_INFO, .write = write_line, .user = console},
        .live = isatty(STDERR_FILENO) == 1,
        .last_drawn = ws_clock_monotonic(),
    };
    for (int level = 0; level < N_LEVELS; level++) {
        if (level_names[level] != NULL && strcasecmp(verbosity, level_names[level]) == 0) {
            console->log.level = (ws_log_level)level;
            return WS_OK;
        }
    }
    return ws_fail(err, WS_EUSAGE,
                   "--verbosity=%s: expected one of debug, info, warn, error and fatal", verbosity);
}

size_t ws_console_width(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

size_t ws_console_height(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0)
        return size.ws_row;
    return 24;
}

bool ws_console_can_move(void)
{
    const char *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) == 1 && terminal != NULL && terminal[0] != '\0' &&
           strcmp(terminal, "dumb") != 0;
}

void ws_console_write_duration(char *text, size_t size, double seconds)
{
    const long s = (long)(seconds + 0.5);
    if (s >= 3600)
        (void)snprintf(text, size, "%ld h %02ld min", s / 3600, s % 3600 / 60);
    else if (s >= 60)
        (void)snprintf(text, size, "%ld min %02ld s", s / 60, s % 60);
    else
        (void)snprintf(text, size, "%ld s", s);
}

/** Whether `seconds` have passed since the last time that it was true; keeps the terminal from
 *  being the slowest part. */
static bool is_time(ws_console *console, double seconds)
{
    const double now = ws_clock_monotonic();
    if (now - console->last_drawn < seconds)
        return false;
    console->last_drawn = now;
    return true;
}

static bool is_time_to_draw(ws_console *console)
{
    return console->live && is_time(console, 0.1);
}

/** Draws "<activity> [====    ] <rest>", cut to the width of the terminal. */
static void draw(ws_console *console, const char *activity, double share, const char *rest)
{
    enum { BAR = 24 };
    char line[256], bar[BAR + 1];
    const int n_full = (int)(share * BAR);
    const size_t width = ws_console_width();

    for (int i = 0; i < BAR; i++)
        bar[i] = i < n_full ? '=' : ' ';
    bar[BAR] = '\0';
    (void)snprintf(line, sizeof line, "%s [%s] %s", activity, bar, rest);
    if (strlen(line) >= width)
        line[width - 1] = '\0';
    ws_console_clear(console);
    fprintf(stderr, "%s", line);
    fflush(stderr);
    console->n_drawn = strlen(line);
}

/** "epoch 1 of 2  5/100  3.2 steps/s  30 s left" */
static void write_counts(char *text, size_t size, const ws_train_progress *progress)
{
    char left[32];

    char epoch[64] = "";

    if (progress->n_epochs > 0)
        (void)snprintf(epoch, sizeof epoch, "epoch %.0f of %g  ", progress->epoch,
                       progress->n_epochs);
    ws_console_write_duration(left, sizeof left, progress->seconds_left);
    (void)snprintf(text, size, "%s%lld/%lld  %.1f %s/s  %s left", epoch,
                   (long long)progress->n_done, (long long)progress->n_all, progress->per_second,
                   strcmp(progress->activity, "training") == 0 ? "steps" : "clips",
                   progress->seconds_left >= 0 ? left : "?");
}

/** "1.20 GB of 2.43 GB  8.1 MB/s  2 min 30 s left"; what is unknown is left out */
static void write_bytes(char *text, size_t size, const ws_train_progress *progress)
{
    char done[WS_TEXT_SIZE_BYTES], all[WS_TEXT_SIZE_BYTES], speed[WS_TEXT_SIZE_BYTES], left[32];
    const bool has_end = progress->n_all > 0;
    const bool has_left = has_end && progress->seconds_left >= 0;

    ws_text_write_size(done, sizeof done, (uint64_t)progress->n_done);
    ws_text_write_size(all, sizeof all, (uint64_t)progress->n_all);
    ws_text_write_size(speed, sizeof speed, (uint64_t)progress->per_second);
    ws_console_write_duration(left, sizeof left, progress->seconds_left);
    (void)snprintf(text, size, "%s%s%s  %s/s%s%s%s", done, has_end ? " of " : "",
                   has_end ? all : "", speed, has_left ? "  " : "", has_left ? left : "",
                   has_left ? " left" : "");
}

static double share_of(int64_t n_done, int64_t n_all)
{
    return n_all > 0 ? (double)n_done / (double)n_all : 0.0;
}

void ws_console_show_progress(ws_console *console, const ws_train_progress *progress)
{
    static const double seconds_between_lines = 60.0;
    char rest[128];

    if (progress->is_in_bytes && !console->live) {
        if (!is_time(console, seconds_between_lines))
            return;
        write_bytes(rest, sizeof rest, progress);
        ws_log_write(&console->log, WS_LOG_INFO, "%s: %s", progress->activity, rest);
        return;
    }
    if ((progress->n_all <= 0 && !progress->is_in_bytes) || !is_time_to_draw(console))
        return;
    if (progress->is_in_bytes)
        write_bytes(rest, sizeof rest, progress);
    else
        write_counts(rest, sizeof rest, progress);
    draw(console, progress->activity, share_of(progress->n_done, progress->n_all), rest);
}

void ws_console_show_count(ws_console *console, const char *activity, size_t n_done, size_t n_all)
{
    char rest[64];

    if (n_all == 0 || !is_time_to_draw(console))
        return;
    (void)snprintf(rest, sizeof rest, "%zu/%zu  files", n_done, n_all);
    draw(console, activity, share_of((int64_t)n_done, (int64_t)n_all), rest);
}
