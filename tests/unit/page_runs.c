#include "unit/page_runs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/path.h"
#include "unit/run_content.h"

tbe_writer *page_runs_open(const char *run, const char *part)
{
    char *name = ws_text_format("%s/%s/%s", run_logs, run, part);
    tbe_options options;

    tbe_options_init(&options, sizeof options);
    options.wall_time = 1.7e9;
    tbe_writer *writer = tbe_open(name, &options);
    free(name);
    return writer;
}

void page_runs_close(tbe_writer *writer)
{
    char message[256] = "";
    if (tbe_close(writer, message, sizeof message) != TBE_OK)
        fail_msg("%s", message);
}

static const char matrix_text[] =
    "| said | `yes` | `<i>no` | clips | recall |\n|---|---|---|---|---|\n"
    "| `yes` | **8** | 2 | 10 | 80.0 % |\n| `<i>no` | 1 | **4** | 5 | 80.0 % |\n"
    "| precision | 88.9 % | 66.7 % | 15 | 80.0 % |\n";

/** A run of 1,000 steps whose training accuracy is `level` + step / 2,000, and whose test accuracy
 * is `level`. */
void page_runs_make(const char *name, const char *group, const char *rate, double level)
{
    const tbe_hparam hparams[] = {{"learning_rate", TBE_HPARAM_TEXT, 0, rate},
                                  {"batch_size", TBE_HPARAM_NUMBER, 100, NULL}};
    tbe_session session;
    tbe_writer *writer = page_runs_open(name, "");

    tbe_session_init(&session, sizeof session, sizeof(tbe_hparam));
    session.hparams = hparams;
    session.n_hparams = 2;
    session.group_name = group;
    (void)tbe_add_session_start(writer, &session);
    (void)tbe_add_text(writer, 1, "run/command", "From step 1 on:\n\n    wordspot train <x>\n");
    page_runs_close(writer);
    writer = page_runs_open(name, "train");
    for (int step = 1; step <= 1000; step++)
        (void)tbe_add_scalar(writer, step, "eval/accuracy", (float)(level + step / 2000.0));
    page_runs_close(writer);
    writer = page_runs_open(name, "validation");
    for (int step = 100; step <= 1000; step += 100)
        (void)tbe_add_scalar(writer, step, "eval/accuracy",
                             (float)(step == 400 ? level + 0.3 : level));
    page_runs_close(writer);
    writer = page_runs_open(name, "test");
    (void)tbe_add_scalar(writer, 1000, "eval/accuracy", (float)level);
    (void)tbe_add_text(writer, 1000, "confusion/matrix", matrix_text);
    (void)tbe_add_text(writer, 1000, "review/mistakes",
                       "| rank | said | heard | how sure | clip |\n|---|---|---|---|---|\n"
                       "| 1 | `<i>no` | `yes` | 99.0 % | `no/<script>.wav` |\n");
    page_runs_close(writer);
}

void page_runs_end(const char *name, tbe_session_end end)
{
    tbe_writer *writer = page_runs_open(name, "");

    (void)tbe_add_session_end(writer, end, 1.7e9 + 60);
    page_runs_close(writer);
}

void page_reading_init_path(page_reading *r, const char *path)
{
    ws_error err = {.message = ""};

    r->found = (ws_event_runs){.items = NULL};
    if (ws_event_runs_find(&r->found, path, &err) != WS_OK ||
        ws_page_runs_read(&r->runs, &r->found, NULL, &err) != WS_OK ||
        ws_page_summary_init(&r->summary, &r->runs, "logs", &err) != WS_OK)
        fail_msg("%s", err.message);
}

void page_reading_init(page_reading *r)
{
    page_reading_init_path(r, run_logs);
}

void page_reading_deinit(page_reading *r)
{
    ws_page_summary_deinit(&r->summary);
    ws_page_runs_deinit(&r->runs);
    ws_event_runs_deinit(&r->found);
}
