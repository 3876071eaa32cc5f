/* What the options say about steps: which weights decay, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/model.h"
#include "settings/train_flags.h"
#include "train/recipe.h"

/** The options of a run with some flags, "name=value" each, NULL at the end. */
static ws_status read_recipe(const char *const *texts, ws_recipe *recipe, ws_error *err)
{
    ws_train_options options;
    ws_flags flags;

    assert_int_equal(ws_flags_init(&flags, &ws_train_flags, &options, err), WS_OK);
    for (size_t i = 0; texts[i] != NULL; i++) {
        char name[64] = "";
        const char *sign = strchr(texts[i], '=');
        memcpy(name, texts[i], (size_t)(sign - texts[i]));
        assert_int_equal(ws_flags_set(&flags, ws_flags_find(&ws_train_flags, name), sign + 1, err),
                         WS_OK);
    }
    const ws_status status = ws_recipe_init(recipe, &options, err);
    ws_flags_deinit(&flags);
    return status;
}

static void flags_become_numbers(void **state)
{
    ws_recipe recipe;
    ws_error err;
    (void)state;

    assert_int_equal(read_recipe((const char *const[]){NULL}, &recipe, &err), WS_OK);
    assert_string_equal(recipe.optimizer->name, "gradient_descent");
    assert_true(recipe.hyper.momentum == 0.9f && recipe.hyper.weight_decay == 0.0f);
    assert_int_equal(
        read_recipe((const char *const[]){"optimizer=adamw", "adam_beta1=0.8", "adam_beta2=0.95",
                                          "adam_epsilon=1e-6", "weight_decay=0.01", NULL},
                    &recipe, &err),
        WS_OK);
    assert_string_equal(recipe.optimizer->name, "adamw");
    assert_true(recipe.hyper.beta1 == 0.8f && recipe.hyper.beta2 == 0.95f);
    assert_true(recipe.hyper.epsilon == 1e-6f && recipe.hyper.weight_decay == 0.01f);
}

static void an_unknown_optimizer_is_refused(void **state)
{
    ws_recipe recipe;
    ws_error err;
    (void)state;

    assert_int_not_equal(read_recipe((const char *const[]){"optimizer=sgd", NULL}, &recipe, &err),
                         WS_OK);
    assert_string_equal(err.message,
                        "unknown --optimizer \"sgd\", expected one of: gradient_descent, momentum, "
                        "sgd_momentum, adam, adamw");
}

static bool decays(const ws_span *spans, size_t n, const ws_variable *parameter)
{
    bool starts = false;

    for (size_t i = 0; i < n; i++)
        starts = starts || (spans[i].begin == parameter->offset &&
                            spans[i].end == parameter->offset + parameter->size);
    return starts;
}

/** By their names: kernels and matrices decay, biases and normalisation do not. */
static void check_network(const char *name, size_t n_spared)
{
    const ws_model *model = NULL;
    ws_graph graph = {0};
    ws_span *spans = NULL;
    size_t n = 0;
    ws_error err;

    assert_int_equal(ws_model_find(&model, name, &err), WS_OK);
    assert_int_equal(model->build(&graph,
                                  &(ws_model_settings){.n_frames = 98, .width = 40, .n_labels = 12},
                                  &err),
                     WS_OK);
    assert_int_equal(ws_recipe_find_decayed(&graph, &spans, &n, &err), WS_OK);
    assert_int_equal(graph.n_parameters - n, n_spared);
    for (size_t p = 0; p < graph.n_parameters; p++) {
        const ws_variable *parameter = &graph.parameters[p];
        const bool is_spared = strstr(parameter->name, "bias") != NULL ||
                               strstr(parameter->name, "gamma") != NULL ||
                               strstr(parameter->name, "beta") != NULL;
        assert_int_equal(decays(spans, n, parameter), !is_spared);
    }
    for (size_t i = 1; i < n; i++)
        assert_true(spans[i - 1].end <= spans[i].begin);
    free(spans);
    ws_graph_deinit(&graph);
}

static void biases_and_norms_do_not_decay(void **state)
{
    (void)state;

    check_network("conv", 3);
    check_network("low_latency_svdf", 4);
    check_network("ds_cnn_s", 19);
    check_network("bc_resnet_1", 61);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_become_numbers),
        cmocka_unit_test(an_unknown_optimizer_is_refused),
        cmocka_unit_test(biases_and_norms_do_not_decay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
