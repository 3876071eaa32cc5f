/* checkpoint/keeper under kill -9 at any moment: what the `checkpoint` file names is always whole,
 * and the run resumes from it. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/path.h"
#include "base/random.h"
#include "base/text.h"
#include "checkpoint/keeper.h"
#include "checkpoint/state.h"
#include "support/bundle_file.h"
#include "support/check.h"

enum { N_KILLS = 60, N_WEIGHTS = 20000, MAX_DELAY_US = 20000 };

static float weights[N_WEIGHTS];

/** The step of `<dir>/conv.ckpt-<step>`. */
static int64_t step_of(const char *prefix)
{
    int64_t step = 0;
    assert_true(ws_text_to_int64(strrchr(prefix, '-') + 1, &step));
    return step;
}

/** Resumes from the last checkpoint and saves one after the other, up to a step. */
static void train(const char *dir, int64_t last_step)
{
    ws_keeper *keeper = NULL;
    ws_error err;
    const ws_keeper_options options = {.dir = dir, .name = "conv", .is_resumed = true};
    assert_int_equal(ws_keeper_create(&keeper, &options, &err), WS_OK);
    const char *last = ws_keeper_last(keeper);
    for (int64_t step = last != NULL ? step_of(last) + 1 : 1; step <= last_step; step++) {
        for (size_t i = 0; i < N_WEIGHTS; i++)
            weights[i] = (float)step;
        const ws_bundle_tensor tensor = {"weights",   WS_BUNDLE_FLOAT32, 1,
                                         {N_WEIGHTS}, weights,           sizeof weights};
        assert_int_equal(ws_keeper_write(keeper, step, &tensor, 1, &err), WS_OK);
        assert_int_equal(ws_keeper_write_best(keeper, step, (float)step, &tensor, 1, &err), WS_OK);
    }
    ws_keeper_destroy(keeper);
}

static void train_and_be_killed(const char *dir, long delay_us)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        train(dir, INT64_MAX);
        _exit(1);
    }
    const struct timespec delay = {.tv_nsec = 1000 * delay_us};
    int status = 0;
    (void)nanosleep(&delay, NULL);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status)); /* not stopped by a failure of its own */
}

static void assert_whole(const char *prefix)
{
    static float values[N_WEIGHTS];
    const ws_bundle_wanted wanted = {"weights", WS_BUNDLE_FLOAT32, 1, {N_WEIGHTS}};
    ws_bundle *bundle = NULL;
    ws_error err = {.message = ""};
    if (ws_bundle_open(&bundle, prefix, &err) != WS_OK ||
        ws_bundle_read_wanted(bundle, &wanted, values, &err) != WS_OK)
        fail_msg("%s", err.message);
    ws_bundle_close(bundle);
    for (size_t i = 0; i < N_WEIGHTS; i++)
        assert_true(values[i] == (float)step_of(prefix));
}

/** @return the latest step that the directory's list names; 0 if there is no list yet */
static int64_t check_list(const char *dir)
{
    ws_checkpoint_state state;
    ws_error err = {.message = ""};
    int64_t step = 0;
    const ws_status status = ws_checkpoint_state_read(dir, &state, &err);
    if (status == WS_ENOTFOUND)
        return 0;
    if (status != WS_OK)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < state.all.n_items; i++) {
        char *prefix = ws_checkpoint_state_prefix(dir, state.all.items[i]);
        assert_whole(prefix);
        step = step_of(prefix);
        free(prefix);
    }
    ws_checkpoint_state_deinit(&state);
    return step;
}

static void killed_runs_lose_nothing_that_is_listed(void **state)
{
    char dir[256];
    ws_random random;
    int64_t last = 0;
    (void)state;
    ws_test_make_dir(dir, sizeof dir);
    char *best = ws_path_join(dir, WS_KEEPER_BEST_DIR);
    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, 0);
    for (int i = 0; i < N_KILLS; i++) {
        train_and_be_killed(dir, (long)ws_random_below(&random, MAX_DELAY_US));
        const int64_t step = check_list(dir);
        assert_true(step >= last); /* nothing is lost */
        (void)check_list(best);
        last = step;
    }
    assert_true(last > 0); /* else the delays are too short to test anything */
    train(dir, last + 10);
    char *names = ws_test_names(dir);
    assert_null(strstr(names, ".tmp-")); /* nothing half-written is left over */
    free(names);
    free(best);
    ws_test_remove_dir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_runs_lose_nothing_that_is_listed),
    };
    return cmocka_run_group_tests_name("killed checkpoint", tests, NULL, NULL);
}
