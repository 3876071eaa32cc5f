/* The weights of a trained network for a run with other labels, weight by weight. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "checkpoint/bundle.h"
#include "dataset/labels.h"
#include "recognize/model_graph.h"
#include "settings/settings.h"
#include "support/check.h"
#include "support/saved_checkpoint.h"
#include "train/saver.h"
#include "train/transfer.h"

enum { N_OLD = 5 };

static char dir[256], prefix[300], lines[512];
static ws_train_options options;
static ws_flags flags;
static ws_feature_settings features;
static ws_graph old_graph, new_graph;
static float *new_states; /* [new_graph.n_state_numbers] that the last take() filled */

static int make(void **state)
{
    ws_error err;
    (void)state;

    ws_test_make_dir(dir, sizeof dir);
    (void)snprintf(prefix, sizeof prefix, "%s/tiny_conv.ckpt-7", dir);
    if (ws_flags_init(&flags, &ws_train_flags, &options, &err) != WS_OK)
        return 1;
    options.model_architecture = "tiny_conv";
    options.start_checkpoint = prefix;
    const ws_feature_options wanted = ws_model_graph_features(&options);
    return ws_feature_settings_init(&wanted, &features, &err) != WS_OK ||
           ws_model_graph_build(&options, &features, N_OLD, &old_graph, &err) != WS_OK;
}

static int clean(void **state)
{
    (void)state;
    ws_graph_deinit(&old_graph);
    ws_graph_deinit(&new_graph);
    free(new_states);
    ws_flags_deinit(&flags);
    ws_test_remove_dir(dir);
    return 0;
}

/** A checkpoint in which each weight is its own index, and each state -1 minus its own. */
static void write_checkpoint(const char *settings)
{
    float *weights = malloc(old_graph.n_weights * sizeof *weights);
    float *states = malloc((old_graph.n_state_numbers + 1) * sizeof *states);

    assert_true(weights != NULL && states != NULL);
    for (size_t i = 0; i < old_graph.n_state_numbers; i++)
        states[i] = -1.0f - (float)i;
    for (size_t i = 0; i < old_graph.n_weights; i++)
        weights[i] = (float)i;
    const ws_saved_arrays arrays = {.graph = &old_graph, .parameters = weights, .states = states};
    ws_test_write_checkpoint(prefix, &arrays, settings);
    free(weights);
    free(states);
}

static void keep_line(void *user, ws_log_level level, const char *line)
{
    (void)user;
    assert_int_equal(level, WS_LOG_INFO);
    (void)snprintf(lines, sizeof lines, "%s", line);
}

/** @param weights  [new_graph.n_weights] all -1, then filled */
static ws_status take(const char *words, float **weights, ws_error *err)
{
    const ws_log log = {.level = WS_LOG_INFO, .write = keep_line};
    ws_text_list labels = {.items = NULL};

    lines[0] = '\0';
    ws_graph_deinit(&new_graph);
    assert_int_equal(ws_labels_push(&labels, words, err), WS_OK);
    assert_int_equal(ws_model_graph_build(&options, &features, labels.n_items, &new_graph, err),
                     WS_OK);
    free(new_states);
    *weights = malloc(new_graph.n_weights * sizeof **weights);
    new_states = calloc(new_graph.n_state_numbers + 1, sizeof *new_states);
    assert_true(*weights != NULL && new_states != NULL);
    for (size_t i = 0; i < new_graph.n_weights; i++)
        (*weights)[i] = -1;
    const ws_saved_arrays arrays = {
        .graph = &new_graph, .parameters = *weights, .states = new_states};
    const ws_status status = ws_transfer_read(
        &(ws_transfer){.options = &options, .features = &features, .labels = &labels, .log = &log},
        &arrays, err);
    ws_text_list_deinit(&labels);
    return status;
}

/** @param origin  [n_labels] which label of the old network each new one is; -1: a new one */
static void assert_weights(const float *weights, const int *origin, size_t n_labels)
{
    for (size_t p = 0; p < new_graph.n_parameters; p++) {
        const ws_variable *parameter = &new_graph.parameters[p], *old = &old_graph.parameters[p];
        const bool is_last = strncmp(parameter->name, "final_fc", strlen("final_fc")) == 0;
        for (size_t i = 0; i < parameter->size; i++) {
            const int at = is_last ? origin[i % n_labels] : 0;
            const size_t from = is_last && at >= 0 ? i / n_labels * N_OLD + (size_t)at : i;
            const float want = at < 0 ? -1.0f : (float)(old->offset + from);
            assert_true(weights[parameter->offset + i] == want);
        }
    }
}

static void labels_keep_their_weights(void **state)
{
    static const int fewer[] = {0, 1, -1, 4}, same_number[] = {0, 1, 3, 2, -1},
                     more[] = {0, 1, 2, -1, 3, 4, -1}, all[] = {0, 1, 2, 3, 4};
    static const struct {
        const char *words, *line;
        const int *origin;
        size_t n_labels;
    } cases[] = {
        {"stop,go", "; new in the last layer: stop", fewer, 4},
        {"no,yes,stop", "; new in the last layer: stop", same_number, 5},
        {"yes,left,no,go,right", "; new in the last layer: left, right", more, 7},
        {"yes,no,go", "Took over all weights of", all, 5},
    };
    (void)state;

    write_checkpoint("wanted_words=yes,no,go\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        float *weights = NULL;
        ws_error err;
        assert_int_equal(take(cases[i].words, &weights, &err), WS_OK);
        assert_weights(weights, cases[i].origin, cases[i].n_labels);
        assert_non_null(strstr(lines, cases[i].line));
        free(weights);
    }
}

static void a_checkpoint_that_does_not_say_its_words_is_refused(void **state)
{
    float *weights = NULL;
    ws_error err;
    (void)state;

    write_checkpoint("run_name=x\n");
    assert_int_equal(take("yes", &weights, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "does not say its words"));
    free(weights);
    write_checkpoint("wanted_words=yes,no\n"); /* the network has five scores */
    assert_int_equal(take("yes", &weights, &err), WS_EFORMAT);
    free(weights);
}

/** Running means and variances belong to the weights before them. */
static void states_of_normalisation_come_along(void **state)
{
    float *weights = NULL;
    ws_error err;
    (void)state;

    options.model_architecture = "tc_resnet_8";
    ws_graph_deinit(&old_graph);
    assert_int_equal(ws_model_graph_build(&options, &features, N_OLD, &old_graph, &err), WS_OK);
    write_checkpoint("wanted_words=yes,no,go\n");
    assert_int_equal(take("left,stop", &weights, &err), WS_OK);
    assert_true(new_graph.n_state_numbers > 0);
    assert_int_equal(new_graph.n_state_numbers, old_graph.n_state_numbers);
    for (size_t i = 0; i < new_graph.n_state_numbers; i++)
        assert_true(new_states[i] == -1.0f - (float)i);
    free(weights);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_keep_their_weights),
        cmocka_unit_test(a_checkpoint_that_does_not_say_its_words_is_refused),
        cmocka_unit_test(states_of_normalisation_come_along),
    };
    return cmocka_run_group_tests(tests, make, clean);
}
