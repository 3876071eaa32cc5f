/* sweep/trial, board, definition, results: what the files of a sweep say. */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "cmd/sweep_console.h"
#include "support/check.h"
#include "sweep/definition.h"
#include "sweep/results.h"

/** Six settings with two seeds each, of 90 steps. */
typedef struct fixture {
    char dir[256];
    ws_sweep_param param;
    ws_sweep_plan plan;
    ws_train_options options;
    ws_flags train;
    ws_sweep_setup setup;
} fixture;

static const ws_flag text_flag = {.name = "rate", .type = WS_FLAG_TEXT};

static fixture *make(ws_sweep_search search)
{
    static const int64_t seeds[] = {1, 2};
    fixture *f = calloc(1, sizeof *f);

    assert_non_null(f);
    ws_test_make_dir(f->dir, sizeof f->dir);
    assert_int_equal(ws_sweep_param_init(&f->param, "rate=1,2,3,4,\"5,6", NULL), WS_OK);
    assert_int_equal(ws_sweep_param_read(&f->param, &text_flag, NULL), WS_OK);
    assert_int_equal(ws_sweep_plan_init(&f->plan,
                                        &(ws_sweep_plan_options){.search = search,
                                                                 .params = &f->param,
                                                                 .n_params = 1,
                                                                 .seeds = seeds,
                                                                 .n_seeds = 2,
                                                                 .n_settings = 6,
                                                                 .reduction = 3},
                                        NULL),
                     WS_OK);
    for (size_t s = 0; s < 6; s++)
        f->plan.n_steps[s] = 90;
    const size_t data_dir = ws_flags_find(&ws_train_flags, "data_dir");
    assert_int_equal(ws_flags_init(&f->train, &ws_train_flags, &f->options, NULL), WS_OK);
    assert_int_equal(ws_flags_set(&f->train, data_dir, "my data", NULL), WS_OK);
    f->train.given[data_dir] = true;
    f->setup = (ws_sweep_setup){
        .dir = f->dir, .program = "wordspot", .plan = &f->plan, .train = &f->train};
    return f;
}

static void drop(fixture *f)
{
    ws_test_remove_dir(f->dir);
    ws_flags_deinit(&f->train);
    ws_sweep_plan_deinit(&f->plan);
    ws_sweep_param_deinit(&f->param);
    free(f);
}

/** Writes the result of a trial as train does. */
static void put(const fixture *f, size_t trial, size_t rung, const char *text)
{
    char *dir = ws_sweep_trial_dir(f->dir, trial);
    char *path = ws_sweep_trial_result_file(f->dir, &f->plan, trial, rung);

    assert_int_equal(ws_dir_create_all(dir, NULL), WS_OK);
    assert_int_equal(ws_file_write(path, text, strlen(text), NULL), WS_OK);
    free(path);
    free(dir);
}

static void put_figures(const fixture *f, size_t trial, size_t rung, const char *status, int step,
                        double best, double last)
{
    char text[256];
    (void)snprintf(text, sizeof text,
                   "{\"status\":\"%s\",\"error\":null,\"step\":%d,\"best_validation_accuracy\":%g,"
                   "\"best_validation_step\":10,\"last_validation_accuracy\":%g}\n",
                   status, step, best, last);
    put(f, trial, rung, text);
}

static void results_say_what_became_of_a_trial(void **state)
{
    fixture *f = make(WS_SWEEP_HALVING);
    ws_sweep_result result;
    (void)state;

    assert_int_equal(ws_sweep_trial_read(f->dir, &f->plan, 0, 0, &result, NULL), WS_OK);
    assert_int_equal(result.state, WS_SWEEP_OPEN);
    assert_true(isnan(result.best));
    put_figures(f, 0, 0, "stopped", 29, 0.5, 0.4);
    assert_int_equal(ws_sweep_trial_read(f->dir, &f->plan, 0, 0, &result, NULL), WS_OK);
    assert_int_equal(result.state, WS_SWEEP_OPEN); /* 30 are wanted */
    put_figures(f, 0, 0, "stopped", 30, 0.5, 0.4);
    assert_int_equal(ws_sweep_trial_read(f->dir, &f->plan, 0, 0, &result, NULL), WS_OK);
    assert_int_equal(result.state, WS_SWEEP_DONE);
    assert_true(fabs(result.best - 0.5) < 1e-12 && fabs(result.last - 0.4) < 1e-12);
    put_figures(f, 0, 1, "stopped", 90, 0.5, 0.4); /* without the test */
    assert_int_equal(ws_sweep_trial_read(f->dir, &f->plan, 0, 1, &result, NULL), WS_OK);
    assert_int_equal(result.state, WS_SWEEP_OPEN);
    put(f, 0, 1, "{\"status\":\"failed\",\"error\":\"no data\"}");
    assert_int_equal(ws_sweep_trial_read(f->dir, &f->plan, 0, 1, &result, NULL), WS_OK);
    assert_int_equal(result.state, WS_SWEEP_FAILED);
    assert_string_equal(result.error, "no data");
    drop(f);
}

static void damaged_results_cost_their_trial_only(void **state)
{
    static const char *const texts[] = {
        "", "{", "[1]", "{}", "nonsense", "{\"status\":7}", "{\"status\":\"failed\"}"};
    fixture *f = make(WS_SWEEP_GRID);
    ws_sweep_result result;
    (void)state;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        put(f, 3, 0, texts[i]);
        assert_int_equal(ws_sweep_trial_read(f->dir, &f->plan, 3, 0, &result, NULL), WS_OK);
        assert_int_equal(result.state, WS_SWEEP_FAILED);
        assert_true(result.error[0] != '\0');
    }
    assert_int_equal(ws_sweep_trial_write_failure(f->dir, &f->plan, 3, 0, "killed", NULL), WS_OK);
    assert_int_equal(ws_sweep_trial_read(f->dir, &f->plan, 3, 0, &result, NULL), WS_OK);
    assert_string_equal(result.error, "killed");
    drop(f);
}

static void ranks_are_by_mean_and_failures_last(void **state)
{
    static const size_t want[] = {2, 0, 1, 4, 3, 5};
    fixture *f = make(WS_SWEEP_GRID);
    ws_sweep_score scores[6];
    ws_sweep_board board;
    (void)state;

    put_figures(f, 0, 0, "success", 90, 0.6, 0.1);
    put_figures(f, 1, 0, "success", 90, 0.8, 0.1);
    put_figures(f, 2, 0, "success", 90, 0.7, 0.9); /* as good as the one before: after it */
    put_figures(f, 3, 0, "success", 90, 0.7, 0.9);
    put_figures(f, 4, 0, "success", 90, 0.9, 0.2);
    put(f, 5, 0, "{\"status\":\"failed\",\"error\":\"lost\"}"); /* costs only itself */
    put(f, 6, 0, "{\"status\":\"failed\",\"error\":\"x\"}");
    put_figures(f, 8, 0, "success", 90, 0.1, 0.3);
    put_figures(f, 9, 0, "success", 90, 0.1, 0.3);
    assert_int_equal(ws_sweep_board_init(&board, f->dir, &f->plan, WS_SWEEP_BY_BEST, NULL), WS_OK);
    assert_int_equal(board.rung, 0);
    assert_int_equal(ws_sweep_board_get_counts(&board).n_open, 3);
    assert_int_equal(ws_sweep_board_get_counts(&board).n_failed, 2);
    ws_sweep_board_rank(&board, scores);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(scores[i].setting, want[i]);
    assert_true(fabs(scores[1].mean - 0.7) < 1e-12);
    assert_true(fabs(scores[1].spread - 0.1414213562) < 1e-9);
    assert_int_equal(scores[0].n_failed, 1);
    assert_true(isnan(scores[0].spread) && isnan(scores[4].mean));
    ws_sweep_board_deinit(&board);
    assert_int_equal(ws_sweep_board_init(&board, f->dir, &f->plan, WS_SWEEP_BY_LAST, NULL), WS_OK);
    ws_sweep_board_rank(&board, scores);
    assert_int_equal(scores[0].setting, 1);
    ws_sweep_board_deinit(&board);
    drop(f);
}

static void the_better_settings_go_on(void **state)
{
    static const bool is_awaited[12] = {[11] = true};
    fixture *f = make(WS_SWEEP_HALVING);
    ws_sweep_score scores[6];
    ws_sweep_board board;
    (void)state;

    for (size_t t = 0; t < 10; t++)
        put_figures(f, t, 0, "stopped", 30, 0.01 * (double)(t / 2), 0);
    put_figures(f, 10, 0, "stopped", 30, 0.5, 0);
    assert_int_equal(ws_sweep_board_init(&board, f->dir, &f->plan, WS_SWEEP_BY_BEST, NULL), WS_OK);
    assert_int_equal(board.rung, 0);
    put(f, 11, 0, "{\"status\":\"failed\",\"error\":\"x\"}");
    assert_int_equal(ws_sweep_board_refresh(&board, is_awaited, NULL), WS_OK);
    assert_int_equal(board.rung, 0); /* its process has not ended yet */
    assert_int_equal(ws_sweep_board_refresh(&board, NULL, NULL), WS_OK);
    assert_int_equal(board.rung, 1);
    assert_int_equal(ws_sweep_board_get_n_jobs(&board), 4);
    assert_int_equal(ws_sweep_board_get_trial(&board, 1, 0), 8); /* in the order of numbers */
    assert_int_equal(ws_sweep_board_get_trial(&board, 1, 3), 11);
    assert_int_equal(ws_sweep_board_get_counts(&board).n_failed, 1); /* stays so */
    put_figures(f, 8, 1, "success", 90, 0.1, 0);
    put_figures(f, 9, 1, "success", 90, 0.1, 0);
    put_figures(f, 10, 1, "success", 90, 0.05, 0);
    assert_int_equal(ws_sweep_board_refresh(&board, NULL, NULL), WS_OK);
    assert_int_equal(board.rung, 2); /* all are finished */
    ws_sweep_board_rank(&board, scores);
    assert_int_equal(scores[0].setting, 4);
    assert_int_equal(scores[1].setting, 5);
    assert_int_equal(scores[2].setting, 3);
    assert_int_equal(scores[2].rung, 0);
    ws_sweep_board_deinit(&board);
    /* read again, it gives the same */
    assert_int_equal(ws_sweep_board_init(&board, f->dir, &f->plan, WS_SWEEP_BY_BEST, NULL), WS_OK);
    assert_int_equal(board.rung, 2);
    ws_sweep_board_deinit(&board);
    drop(f);
}

static void the_best_is_one_that_has_a_mean(void **state)
{
    static const char failed[] = "{\"status\":\"failed\",\"error\":\"x\"}";
    fixture *f = make(WS_SWEEP_HALVING);
    ws_sweep_score scores[6];
    ws_sweep_board board;
    ws_buf text;
    (void)state;

    for (size_t t = 0; t < 12; t++)
        put_figures(f, t, 0, "stopped", 30, 0.01 * (double)t, 0);
    for (size_t t = 8; t < 12; t++) /* all survivors */
        put(f, t, 1, failed);
    assert_int_equal(ws_sweep_board_init(&board, f->dir, &f->plan, WS_SWEEP_BY_BEST, NULL), WS_OK);
    ws_sweep_board_rank(&board, scores);
    assert_int_equal(scores[0].setting, 4);
    assert_int_equal(ws_sweep_board_find_best(&board, scores)->setting, 3);
    ws_buf_init(&text, 1 << 16);
    assert_int_equal(ws_sweep_results_push_table(&board, &f->setup, &text, NULL), WS_OK);
    ws_buf_push_byte(&text, '\0');
    assert_non_null(strstr((char *)text.data, "  wordspot train --'data_dir=my data' --rate=4\n"));
    ws_buf_deinit(&text);
    ws_sweep_board_deinit(&board);
    for (size_t t = 0; t < 12; t++)
        put(f, t, 0, failed);
    assert_int_equal(ws_sweep_board_init(&board, f->dir, &f->plan, WS_SWEEP_BY_BEST, NULL), WS_OK);
    ws_sweep_board_rank(&board, scores);
    assert_null(ws_sweep_board_find_best(&board, scores));
    ws_sweep_board_deinit(&board);
    drop(f);
}

static void a_claim_ends_with_its_holder(void **state)
{
    fixture *f = make(WS_SWEEP_GRID);
    int claim = -1, second = -1, how = 0;
    (void)state;

    assert_int_equal(ws_sweep_trial_claim(f->dir, 7, &claim, NULL), WS_OK);
    assert_true(claim >= 0);
    assert_int_equal(ws_sweep_trial_claim(f->dir, 7, &second, NULL), WS_OK);
    assert_int_equal(second, -1);
    /* a child that has it keeps it, however its parent ends */
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)pause();
        _exit(0);
    }
    (void)close(claim);
    assert_int_equal(ws_sweep_trial_claim(f->dir, 7, &second, NULL), WS_OK);
    assert_int_equal(second, -1);
    (void)kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &how, 0), pid);
    assert_int_equal(ws_sweep_trial_claim(f->dir, 7, &second, NULL), WS_OK);
    assert_true(second >= 0);
    (void)close(second);
    drop(f);
}

static void directories_belong_to_one_definition(void **state)
{
    fixture *f = make(WS_SWEEP_GRID);
    ws_text_list lines = {.items = NULL}, back = {.items = NULL}, params = {.items = NULL};
    ws_error err;
    (void)state;

    assert_int_equal(ws_sweep_definition_read(f->dir, &back, &err), WS_ENOTFOUND);
    assert_int_equal(ws_sweep_definition_push(&lines, "search", "grid", &err), WS_OK);
    assert_int_equal(ws_sweep_definition_push(&lines, "param", "a=1,2", &err), WS_OK);
    assert_int_equal(ws_sweep_definition_push(&lines, "flag", "data_dir=#d", &err), WS_OK);
    assert_int_equal(ws_sweep_definition_settle(f->dir, &lines, &err), WS_OK);
    assert_int_equal(ws_sweep_definition_settle(f->dir, &lines, &err), WS_OK);
    assert_int_equal(ws_sweep_definition_read(f->dir, &back, &err), WS_OK);
    assert_int_equal(back.n_items, 3);
    assert_string_equal(ws_sweep_definition_get(&back, "search"), "grid");
    assert_null(ws_sweep_definition_get(&back, "sea"));
    assert_int_equal(ws_sweep_definition_push_values(&back, "param", &params, &err), WS_OK);
    assert_string_equal(params.items[0], "a=1,2");
    assert_int_equal(ws_sweep_definition_push(&lines, "flag", "seed=7", &err), WS_OK);
    assert_int_equal(ws_sweep_definition_settle(f->dir, &lines, &err), WS_EUSAGE);
    assert_non_null(strstr(err.message, "without --seed=7"));
    lines.n_items -= 2;
    assert_int_equal(ws_sweep_definition_settle(f->dir, &lines, &err), WS_EUSAGE);
    assert_non_null(strstr(err.message, "with --data_dir=#d"));
    lines.n_items += 2;
    ws_text_list_deinit(&lines);
    for (size_t i = back.n_items; i-- > 0;) /* trials are numbered by the order of parameters */
        assert_int_equal(ws_text_list_push(&lines, back.items[i]), WS_OK);
    assert_int_equal(ws_sweep_definition_settle(f->dir, &lines, &err), WS_EUSAGE);
    assert_non_null(
        strstr(err.message, "whose flags have another order, --search=grid before --data_dir=#d"));
    ws_text_list_deinit(&lines);
    ws_text_list_deinit(&back);
    ws_text_list_deinit(&params);
    drop(f);
}

/** In a process of its own: writes the definition of sweep number i when told to.
 */
static pid_t start_settling(const char *dir, const int *tell, int i)
{
    const pid_t pid = fork();
    ws_text_list lines = {.items = NULL};
    char name[16];

    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    (void)snprintf(name, sizeof name, "%d", i);
    (void)close(tell[1]);
    ws_status status = ws_sweep_definition_push(&lines, "search", name, NULL);
    if (status == WS_OK && read(tell[0], name, 1) == 0)
        status = ws_sweep_definition_settle(dir, &lines, NULL);
    ws_text_list_deinit(&lines);
    _exit(status == WS_OK ? 0 : status == WS_EUSAGE ? 1 : 2);
}

static void one_of_two_sweeps_gets_the_directory(void **state)
{
    enum { N_ROUNDS = 20, N_SWEEPS = 4 };
    fixture *f = make(WS_SWEEP_GRID);
    (void)state;

    for (int round = 0; round < N_ROUNDS; round++) {
        char dir[300];
        pid_t pids[N_SWEEPS];
        int tell[2], how = 0, counts[2] = {0};
        assert_int_equal(pipe(tell), 0);
        (void)snprintf(dir, sizeof dir, "%s/%d", f->dir, round);
        for (int i = 0; i < N_SWEEPS; i++)
            pids[i] = start_settling(dir, tell, i);
        (void)close(tell[1]); /* the end that all processes wait for */
        for (int i = 0; i < N_SWEEPS; i++) {
            assert_int_equal(waitpid(pids[i], &how, 0), pids[i]);
            assert_true(WIFEXITED(how) && WEXITSTATUS(how) < 2);
            counts[WEXITSTATUS(how)]++;
        }
        (void)close(tell[0]);
        assert_int_equal(counts[0], 1);
    }
    drop(f);
}

static void tables_quote_what_needs_it(void **state)
{
    fixture *f = make(WS_SWEEP_GRID);
    ws_sweep_board board;
    ws_buf text;
    char path[300];
    unsigned char *csv = NULL;
    size_t size = 0;
    (void)state;

    put_figures(f, 8, 0, "success", 90, 0.75, 0.5);
    put(f, 9, 0, "{\"status\":\"failed\",\"error\":\"a \\\"b\\\", c\"}");
    assert_int_equal(ws_sweep_board_init(&board, f->dir, &f->plan, WS_SWEEP_BY_BEST, NULL), WS_OK);
    assert_int_equal(ws_sweep_results_write(&board, &f->setup, NULL), WS_OK);
    (void)snprintf(path, sizeof path, "%s/results.csv", f->dir);
    assert_int_equal(ws_file_read(path, 1 << 20, &csv, &size, NULL), WS_OK);
    assert_non_null(
        strstr((char *)csv, "\n1,4,8,trial-0008,1,1,done,90,0.75,10,0.5,,,\"\"\"5\",\n"));
    assert_non_null(strstr((char *)csv, ",failed,0,,,,,,\"\"\"5\",\"a \"\"b\"\", c\"\n"));
    ws_buf_init(&text, 1 << 20);
    assert_int_equal(ws_sweep_results_push_table(&board, &f->setup, &text, NULL), WS_OK);
    ws_buf_push_byte(&text, '\0');
    assert_non_null(strstr((char *)text.data,
                           "   1  0008-0009  75.00%       -       -    1/2  rate=\"5  (failed)\n"));
    assert_non_null(strstr((char *)text.data, "trial 0009 failed: a \"b\", c\n"));
    assert_non_null(
        strstr((char *)text.data, "  wordspot train --'data_dir=my data' --'rate=\"5'\n"));
    ws_buf_deinit(&text);
    free(csv);
    ws_sweep_board_deinit(&board);
    drop(f);
}

static void progress_is_read_from_the_log(void **state)
{
    static const char log[] = "t 0.1, accuracy 3%\nStep #9: rate 0.001000, accuracy 70.0%, cross "
                              "entropy 0.9\nStep 9: Validation accuracy = 61.5% (N=13)\nStep #10: "
                              "rate 0.001000, accuracy 80.5%, cross entropy 0.8\nStep #11: ra";
    const ws_sweep_progress progress = ws_sweep_progress_find(log);
    (void)state;

    assert_int_equal(progress.step, 10);
    assert_true(fabs(progress.batch_accuracy - 80.5) < 1e-9);
    assert_true(fabs(progress.validation - 61.5) < 1e-9);
    assert_int_equal(ws_sweep_progress_find("").step, 0);
    assert_true(isnan(ws_sweep_progress_find("").validation));
}

/** By default 400 steps are logged between two evaluations. */
static void the_last_evaluation_is_found_after_many_steps(void **state)
{
    fixture *f = make(WS_SWEEP_GRID);
    ws_buf log;
    (void)state;

    ws_buf_init(&log, 1 << 18);
    ws_buf_push_string(&log, "Step 400: Validation accuracy = 61.5% (N=13)\n");
    for (int step = 401; step < 800; step++)
        ws_buf_push_format(
            &log, "Step #%d: rate 0.001000, accuracy 70.0%%, cross entropy 0.912345\n", step);
    char *dir = ws_sweep_trial_dir(f->dir, 5), *path = ws_sweep_trial_file(f->dir, 5, "log.txt");
    assert_int_equal(ws_dir_create_all(dir, NULL), WS_OK);
    assert_int_equal(ws_file_write(path, log.data, log.size, NULL), WS_OK);
    const ws_sweep_progress progress = ws_sweep_progress_read(f->dir, 5);
    assert_int_equal(progress.step, 799);
    assert_true(fabs(progress.validation - 61.5) < 1e-9);
    free(dir);
    free(path);
    ws_buf_deinit(&log);
    drop(f);
}

static void the_live_table_fits_its_terminal(void **state)
{
    fixture *f = make(WS_SWEEP_GRID);
    const ws_sweep_worker workers[] = {{.trial = 0, .process = {.pid = 1}}, {.trial = 1}};
    ws_sweep_worker many[20];
    size_t n_lines = 0;
    ws_sweep_console console;
    ws_sweep_board board;
    ws_buf text;
    (void)state;

    assert_int_equal(ws_sweep_board_init(&board, f->dir, &f->plan, WS_SWEEP_BY_BEST, NULL), WS_OK);
    ws_sweep_console_init(&console, &board);
    ws_buf_init(&text, 1 << 16);
    ws_sweep_console_push_table(&console, workers, 2, 60, &text);
    ws_buf_push_byte(&text, '\0');
    assert_string_equal((char *)text.data,
                        "12 trials: 0 done, 0 failed, 1 running here; 0 s\n"
                        " trial           step   batch  validation  settings\n"
                        "  0000           0/90    0.0%           -  rate=1 seed=1\n");
    ws_buf_deinit(&text);
    ws_buf_init(&text, 1 << 16);
    ws_sweep_console_push_table(&console, workers, 2, 10, &text);
    assert_int_equal(text.size, 33);
    ws_buf_deinit(&text);
    for (size_t i = 0; i < 20; i++)
        many[i] = workers[0];
    ws_buf_init(&text, 1 << 16);
    ws_sweep_console_push_table(&console, many, 20, 60, &text);
    ws_buf_push_byte(&text, '\0');
    assert_non_null(strstr((char *)text.data, " 20 running here"));
    for (size_t i = 0; i < text.size; i++)
        n_lines += text.data[i] == '\n';
    assert_int_equal(n_lines, 2 + 16);
    ws_buf_deinit(&text);
    ws_sweep_board_deinit(&board);
    drop(f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_say_what_became_of_a_trial),
        cmocka_unit_test(damaged_results_cost_their_trial_only),
        cmocka_unit_test(ranks_are_by_mean_and_failures_last),
        cmocka_unit_test(the_better_settings_go_on),
        cmocka_unit_test(the_best_is_one_that_has_a_mean),
        cmocka_unit_test(a_claim_ends_with_its_holder),
        cmocka_unit_test(directories_belong_to_one_definition),
        cmocka_unit_test(one_of_two_sweeps_gets_the_directory),
        cmocka_unit_test(tables_quote_what_needs_it),
        cmocka_unit_test(progress_is_read_from_the_log),
        cmocka_unit_test(the_last_evaluation_is_found_after_many_steps),
        cmocka_unit_test(the_live_table_fits_its_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
