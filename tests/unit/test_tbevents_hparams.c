/* tbevents: hyperparameters: the bytes of each kind of record, and refused values. Records come
 * from TensorBoard's own Python package. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tbevents/tbevents.h"
#include "unit/event_file.h"
#include "unit/golden_events.h"

static tbe_status add_session(tbe_writer *writer, size_t n, const tbe_hparam *hparams)
{
    tbe_session session;
    tbe_session_init(&session, sizeof session, sizeof(tbe_hparam));
    session.hparams = hparams;
    session.n_hparams = n;
    return tbe_add_session_start(writer, &session);
}

static void sessions_are_golden(void **state)
{
    static const tbe_hparam rate = {"lr", TBE_HPARAM_NUMBER, 0.25, NULL};
    static const tbe_hparam three[] = {{"aug", TBE_HPARAM_BOOL, 1, NULL},
                                       {"lr", TBE_HPARAM_NUMBER, 0, NULL},
                                       {"model", TBE_HPARAM_TEXT, 0, ""}};
    tbe_session session;
    (void)state;
    tbe_session_init(&session, sizeof session, sizeof(tbe_hparam));
    session.hparams = &rate;
    session.n_hparams = 1;
    session.group_name = "g";
    session.start_time = 1.5;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_session_start(writer, &session), TBE_OK);
    golden_assert(
        writer,
        "6300000000000000b16b13d90900000000000008402a580a560a1c5f68706172616d735f2f7365737369"
        "6f6e5f73746172745f696e666f42060801120212004a2e0a2a0a0768706172616d73121f1a1d0a0f0a02"
        "6c72120911000000000000d03f22016729000000000000f83f200257edc25f");
    writer = golden_open();
    assert_int_equal(add_session(writer, 3, three), TBE_OK);
    golden_assert(
        writer,
        "7800000000000000a2a521c50900000000000008402a6d0a6b0a1c5f68706172616d735f2f73657373696f6e5f"
        "73746172745f696e666f42060801120212004a430a3f0a0768706172616d7312341a320a090a03617567120220"
        "010a0f0a026c7212091100000000000000000a0b0a056d6f64656c12021a00290000000000000840200267aaf2"
        "2a");
}

static void ends_are_golden(void **state)
{
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_session_end(writer, TBE_SESSION_SUCCESS, 2.5), TBE_OK);
    golden_assert(
        writer,
        "4f000000000000006c474f930900000000000008402a440a420a1a5f68706172616d735f2f7365737369"
        "6f6e5f656e645f696e666f42060801120212004a1c0a180a0768706172616d73120d220b080111000000"
        "00000004402002fdfac373");
    writer = golden_open();
    assert_int_equal(tbe_add_session_end(writer, TBE_SESSION_FAILURE, 0), TBE_OK);
    golden_assert(
        writer,
        "4f000000000000006c474f930900000000000008402a440a420a1a5f68706172616d735f2f73657373696f6e5f"
        "656e645f696e666f42060801120212004a1c0a180a0768706172616d73120d220b080211000000000000084020"
        "02a5984d30");
}

static void odd_sessions_are_refused(void **state)
{
    static const tbe_hparam bad[] = {
        {NULL, TBE_HPARAM_NUMBER, 0, NULL},       {"", TBE_HPARAM_NUMBER, 0, NULL},
        {"\xff", TBE_HPARAM_NUMBER, 0, NULL},     {"x", (tbe_hparam_kind)0, 0, NULL},
        {"x", TBE_HPARAM_NUMBER, HUGE_VAL, NULL}, {"x", TBE_HPARAM_BOOL, HUGE_VAL, NULL},
        {"x", TBE_HPARAM_TEXT, 0, NULL},          {"x", TBE_HPARAM_TEXT, 0, "\xff"},
    };
    static const tbe_hparam twice[] = {{"x", TBE_HPARAM_NUMBER, 0, NULL},
                                       {"x", TBE_HPARAM_NUMBER, 1, NULL}};
    tbe_session session;
    (void)state;
    tbe_writer *writer = golden_open();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(add_session(writer, 1, bad + i), TBE_EINVAL);
    assert_int_equal(add_session(writer, 2, twice), TBE_EINVAL);
    assert_int_equal(add_session(writer, 1, NULL), TBE_EINVAL);
    assert_int_equal(add_session(writer, TBE_MAX_HPARAMS + 1, twice), TBE_ELIMIT);
    assert_int_equal(tbe_add_session_start(writer, NULL), TBE_EINVAL);
    tbe_session_init(&session, sizeof session, sizeof(tbe_hparam));
    session.start_time = (double)NAN;
    assert_int_equal(tbe_add_session_start(writer, &session), TBE_EINVAL);
    tbe_session_init(&session, sizeof session, sizeof(tbe_hparam));
    session.group_name = "\n";
    assert_int_equal(tbe_add_session_start(writer, &session), TBE_EINVAL);
    assert_int_equal(tbe_add_session_end(writer, (tbe_session_end)3, 0), TBE_EINVAL);
    assert_int_equal(tbe_add_session_end(writer, TBE_SESSION_FAILURE, -1), TBE_EINVAL);
    assert_int_equal(tbe_add_session_end(writer, TBE_SESSION_FAILURE, (double)NAN), TBE_EINVAL);
    golden_assert_n(writer, TBE_EINVAL, 0);
}

static void sessions_have_steps_of_32_bits(void **state)
{
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(add_session(writer, 0, NULL), TBE_OK);
    assert_int_equal(tbe_add_scalar(writer, INT32_MAX, "x", 1), TBE_OK);
    assert_int_equal(tbe_add_scalar(writer, INT32_MIN, "x", 1), TBE_OK);
    assert_int_equal(tbe_add_scalar(writer, INT32_MAX + INT64_C(1), "x", 1), TBE_EINVAL);
    assert_int_equal(tbe_add_scalar(writer, INT32_MIN - INT64_C(1), "x", 1), TBE_EINVAL);
    golden_assert_n(writer, TBE_EINVAL, 3);
    writer = golden_open();
    assert_int_equal(tbe_add_scalar(writer, INT64_MAX, "x", 1), TBE_OK);
    assert_int_equal(add_session(writer, 0, NULL), TBE_EINVAL);
    golden_assert_n(writer, TBE_EINVAL, 1);
}

static const char *const models[] = {"conv", "fc"};
static const double counts[] = {1, 2};
static const tbe_hparam_info infos[] = {
    {"lr", TBE_HPARAM_NUMBER, NULL, NULL, NULL, NULL, 0, 0.25, 0.5},
    {"model", TBE_HPARAM_TEXT, "Model", "net", NULL, models, 2, 0, 0},
    {"aug", TBE_HPARAM_BOOL, NULL, NULL, NULL, NULL, 0, 0, 0},
    {"n", TBE_HPARAM_NUMBER, NULL, NULL, counts, NULL, 2, 0, 0},
};
static const tbe_metric_info metrics[] = {
    {"accuracy", "validation", "acc", "share", TBE_METRIC_VALIDATION},
    {"loss", NULL, NULL, NULL, TBE_METRIC_UNKNOWN},
};

static tbe_experiment sample_experiment(void)
{
    tbe_experiment experiment;
    tbe_experiment_init(&experiment, sizeof experiment, sizeof(tbe_hparam_info),
                        sizeof(tbe_metric_info));
    experiment.name = "n";
    experiment.description = "d";
    experiment.user = "u";
    experiment.created_time = 1.5;
    experiment.hparams = infos;
    experiment.n_hparams = 4;
    experiment.metrics = metrics;
    experiment.n_metrics = 2;
    return experiment;
}

static void experiments_are_golden(void **state)
{
    const tbe_experiment experiment = sample_experiment();
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_experiment(writer, &experiment), TBE_OK);
    golden_assert(
        writer,
        "fd0000000000000062ed44930900000000000008402af1010aee010a145f68706172616d735f2f657870657269"
        "6d656e7442060801120212004acd010ac8010a0768706172616d7312bc0112b9010a0164120175190000000000"
        "00f83f221a0a026c722003321209000000000000d03f11000000000000e03f22250a056d6f64656c12054d6f64"
        "656c1a036e657420012a0e0a061a04636f6e760a041a02666322110a0361756720022a080a0220000a02200122"
        "1d0a016e20032a160a0911000000000000f03f0a091100000000000000402a260a160a0a76616c69646174696f"
        "6e120861636375726163791a036163632205736861726528022a080a0612046c6f737332016e20027f825dfd");
}

static void odd_experiments_are_refused(void **state)
{
    static const char *const no_model[] = {NULL};
    static const double no_number[] = {HUGE_VAL};
    static const tbe_hparam_info bad[] = {
        {NULL, TBE_HPARAM_NUMBER, NULL, NULL, NULL, NULL, 0, 0, 1},
        {"x", (tbe_hparam_kind)0, NULL, NULL, NULL, NULL, 0, 0, 1},
        {"x", TBE_HPARAM_NUMBER, "\n", NULL, NULL, NULL, 0, 0, 1},
        {"x", TBE_HPARAM_NUMBER, NULL, "\xff", NULL, NULL, 0, 0, 1},
        {"x", TBE_HPARAM_NUMBER, NULL, NULL, NULL, NULL, 0, 2, 1},
        {"x", TBE_HPARAM_NUMBER, NULL, NULL, NULL, NULL, 0, 0, HUGE_VAL},
        {"x", TBE_HPARAM_NUMBER, NULL, NULL, NULL, NULL, 1, 0, 0},
        {"x", TBE_HPARAM_NUMBER, NULL, NULL, no_number, NULL, 1, 0, 0},
        {"x", TBE_HPARAM_TEXT, NULL, NULL, NULL, NULL, 1, 0, 0},
        {"x", TBE_HPARAM_TEXT, NULL, NULL, NULL, no_model, 1, 0, 0},
    };
    static const tbe_metric_info bad_metrics[] = {
        {NULL, NULL, NULL, NULL, TBE_METRIC_UNKNOWN}, {"x", "\n", NULL, NULL, TBE_METRIC_UNKNOWN},
        {"x", NULL, "\n", NULL, TBE_METRIC_UNKNOWN},  {"x", NULL, NULL, "\r", TBE_METRIC_UNKNOWN},
        {"x", NULL, NULL, NULL, (tbe_metric_set)3},
    };
    tbe_experiment experiment = sample_experiment();
    (void)state;
    tbe_writer *writer = golden_open();
    experiment.n_hparams = 1;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        experiment.hparams = bad + i;
        assert_int_equal(tbe_add_experiment(writer, &experiment), TBE_EINVAL);
    }
    experiment = sample_experiment();
    experiment.n_metrics = 1;
    for (size_t i = 0; i < sizeof bad_metrics / sizeof *bad_metrics; i++) {
        experiment.metrics = bad_metrics + i;
        assert_int_equal(tbe_add_experiment(writer, &experiment), TBE_EINVAL);
    }
    experiment.metrics = NULL;
    assert_int_equal(tbe_add_experiment(writer, &experiment), TBE_EINVAL);
    experiment = sample_experiment();
    experiment.n_hparams = TBE_MAX_HPARAMS + 1;
    assert_int_equal(tbe_add_experiment(writer, &experiment), TBE_ELIMIT);
    experiment = sample_experiment();
    experiment.user = "\xff";
    assert_int_equal(tbe_add_experiment(writer, &experiment), TBE_EINVAL);
    experiment = sample_experiment();
    experiment.created_time = 1e10;
    assert_int_equal(tbe_add_experiment(writer, &experiment), TBE_EINVAL);
    golden_assert_n(writer, TBE_EINVAL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(sessions_are_golden),      SCRATCH_TEST(ends_are_golden),
        SCRATCH_TEST(odd_sessions_are_refused), SCRATCH_TEST(sessions_have_steps_of_32_bits),
        SCRATCH_TEST(experiments_are_golden),   SCRATCH_TEST(odd_experiments_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
