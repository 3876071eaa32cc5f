/* tbevents: the n-th allocation fails, for every n that there is. Nothing may crash, and what is in
 * the file must be whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/failing_alloc.h"
#include "tbevents/tbevents.h"
#include "unit/event_file.h"
#include "unit/event_kinds.h"

static void assert_status(tbe_status status)
{
    assert_true(status == TBE_OK || (status == TBE_ENOMEM && allocation_has_failed()));
}

/** Writes of every kind. @return the status of the closed file */
static tbe_status write_file(const char *dir)
{
    static const char *const tags[] = {"a", "b", "c"};
    static const float values[] = {1, 2, 3};
    static const tbe_hparam hparam = {"x", TBE_HPARAM_TEXT, 0, "y"};
    static const tbe_hparam_info info = {"x", TBE_HPARAM_BOOL, NULL, NULL, NULL, NULL, 0, 0, 0};
    static const tbe_metric_info metric = {"a", NULL, NULL, NULL, TBE_METRIC_UNKNOWN};
    const tbe_options options = fixed_options(1.0);
    tbe_session session;
    tbe_experiment experiment;
    tbe_writer *writer = tbe_open(dir, &options);

    tbe_session_init(&session, sizeof session, sizeof(tbe_hparam));
    session.hparams = &hparam;
    session.n_hparams = 1;
    tbe_experiment_init(&experiment, sizeof experiment, sizeof(tbe_hparam_info),
                        sizeof(tbe_metric_info));
    experiment.hparams = &info;
    experiment.n_hparams = 1;
    experiment.metrics = &metric;
    experiment.n_metrics = 1;
    assert_status(tbe_describe(writer, "a", "A", "the first"));
    assert_status(tbe_add_scalars(writer, 1, 3, tags, values));
    assert_status(tbe_add_scalar(writer, 2, "d", 1));
    event_kinds_write(writer);
    assert_status(tbe_add_session_start(writer, &session));
    assert_status(tbe_add_experiment(writer, &experiment));
    return tbe_close(writer, NULL, 0);
}

/** Reads all files of a directory. @return the status of the last */
static tbe_status read_files(const char *dir)
{
    size_t n_names;
    char **names = names_read(dir, &n_names);
    tbe_status status = TBE_END;
    for (size_t i = 0; i < n_names; i++) {
        char path[512];
        tbe_record record;
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        tbe_record_init(&record, sizeof record);
        tbe_reader *reader = tbe_reader_open(path, NULL);
        while ((status = tbe_reader_read(reader, &record)) == TBE_OK)
            ;
        tbe_reader_close(reader);
    }
    names_destroy(names, n_names);
    return status;
}

static void a_writer_survives_any_failure(void **state)
{
    long n = 0;
    (void)state;
    do {
        const char *dir = scratch_create();
        fail_allocation(n);
        const tbe_status status = write_file(dir);
        fail_no_allocation();
        assert_status(status);
        assert_int_equal(read_files(dir), TBE_END); /* whole, however short */
        scratch_destroy();
        n++;
    } while (allocation_has_failed());
    assert_true(n > 50);
}

/** What a reader was given is read again after a failure, unless memory was short for the reader
 *  itself. */
static void a_reader_survives_any_failure(void **state)
{
    const char *dir = scratch_create();
    size_t n_names;
    char path[512];
    long n = 0;
    (void)state;
    assert_int_equal(write_file(dir), TBE_OK);
    char **names = names_read(dir, &n_names);
    (void)snprintf(path, sizeof path, "%s/%s", dir, names[0]);
    names_destroy(names, n_names);
    do {
        tbe_record record;
        tbe_status status = TBE_OK;
        tbe_record_init(&record, sizeof record);
        fail_allocation(n);
        tbe_reader *reader = tbe_reader_open(path, NULL);
        for (size_t i = 0; i < 100 && status != TBE_END; i++)
            status = tbe_reader_read(reader, &record);
        assert_true(status == TBE_END || allocation_has_failed());
        fail_no_allocation();
        tbe_reader_close(reader);
        n++;
    } while (allocation_has_failed());
    assert_true(n > 50);
    scratch_destroy();
}

static void a_projector_survives_any_failure(void **state)
{
    static const float vectors[] = {1, 2, 3, 4};
    static const uint8_t thumbs[12] = {0};
    static const char *const columns[] = {"a", "b"}, *const labels[] = {"c", "d", "e", "f"};
    tbe_embedding embedding;
    const tbe_embedding *const one = &embedding;
    long n = 0;
    (void)state;
    tbe_embedding_init(&embedding, sizeof embedding);
    embedding.name = "x";
    embedding.format = TBE_VECTORS_BYTES;
    embedding.vectors = vectors;
    embedding.n_points = 2;
    embedding.n_dims = 2;
    embedding.columns = columns;
    embedding.n_columns = 2;
    embedding.labels = labels;
    embedding.thumbs = thumbs;
    embedding.thumb_format = TBE_PIXELS_RGB;
    embedding.thumb_width = 2;
    embedding.thumb_height = 1;
    do {
        char message[256];
        const char *dir = scratch_create();
        fail_allocation(n);
        const tbe_status status = tbe_projector_write(dir, 1, &one, message, sizeof message);
        fail_no_allocation();
        assert_true(status == TBE_OK || allocation_has_failed());
        assert_int_equal(message[0] == '\0', status == TBE_OK);
        scratch_destroy();
        n++;
    } while (allocation_has_failed());
    assert_true(n > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_writer_survives_any_failure),
        cmocka_unit_test(a_reader_survives_any_failure),
        cmocka_unit_test(a_projector_survives_any_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
