#include "cmd/console.h"

#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"

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

static size_t terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

/** "1 h 03 min", "4 min 05 s", "12 s" */
static void write_duration(char *text, size_t size, double seconds)
{
    const long s = (long)(seconds + 0.5);
    if (s >= 3600)
        (void)snprintf(text, size, "%ld h %02ld min", s / 3600, s % 3600 / 60);
    else if (s >= 60)
        (void)snprintf(text, size, "%ld min %02ld s", s / 60, s % 60);
    else
        (void)snprintf(text, size, "%ld s", s);
}

/** True when it is time to draw again; keeps the terminal from being the slowest part. */
static bool is_time_to_draw(ws_console *console)
{
    const double now = ws_clock_monotonic();
    if (!console->live || now - console->last_drawn < 0.1)
        return false;
    console->last_drawn = now;
    return true;
}

/** Draws "<activity> [====    ] <n_done>/<n_all>  <rest>", cut to the width of the terminal. */
static void draw(ws_console *console, const char *activity, int64_t n_done, int64_t n_all,
                 const char *rest)
{
    enum { BAR = 24 };
    char line[256], bar[BAR + 1];
    const int n_full = (int)(n_done * BAR / n_all);
    const size_t width = terminal_width();

    for (int i = 0; i < BAR; i++)
        bar[i] = i < n_full ? '=' : ' ';
    bar[BAR] = '\0';
    (void)snprintf(line, sizeof line, "%s [%s] %lld/%lld  %s", activity, bar, (long long)n_done,
                   (long long)n_all, rest);
    if (strlen(line) >= width)
        line[width - 1] = '\0';
    ws_console_clear(console);
    fprintf(stderr, "%s", line);
    fflush(stderr);
    console->n_drawn = strlen(line);
}

void ws_console_show_progress(ws_console *console, const ws_train_progress *progress)
{
    char rest[96], left[32];

    if (progress->n_all <= 0 || !is_time_to_draw(console))
        return;
    write_duration(left, sizeof left, progress->seconds_left);
    (void)snprintf(rest, sizeof rest, "%.1f %s/s  %s left", progress->per_second,
                   strcmp(progress->activity, "training") == 0 ? "steps" : "clips",
                   progress->seconds_left >= 0 ? left : "?");
    draw(console, progress->activity, progress->n_done, progress->n_all, rest);
}

void ws_console_show_count(ws_console *console, const char *activity, size_t n_done, size_t n_all)
{
    if (n_all > 0 && is_time_to_draw(console))
        draw(console, activity, (int64_t)n_done, (int64_t)n_all, "files");
}
