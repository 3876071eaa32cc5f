/* tbevents: the files of the projector page. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tbevents/tbevents.h"
#include "unit/event_file.h"

static const float vectors[] = {0.1f, -1.0f, 1e-30f, 3.0f, 16777216.0f, -0.0f};
static const char *const columns[] = {"word", "speaker"};
static const char *const labels[] = {"yes", "a", "gr\xc3\xbc\xc3\x9f", ""};

static tbe_embedding sample(const char *name)
{
    tbe_embedding embedding;
    tbe_embedding_init(&embedding, sizeof embedding);
    embedding.name = name;
    embedding.vectors = vectors;
    embedding.n_points = 2;
    embedding.n_dims = 3;
    return embedding;
}

static tbe_status write_one(const tbe_embedding *embedding, char *message, size_t size)
{
    return tbe_projector_write(scratch_dir, 1, &embedding, message, size);
}

/** A file of the directory (free()). */
static char *content_of(const char *name, size_t *size)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", scratch_dir, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *content = calloc(1, 1 << 16);
    assert_non_null(content);
    *size = fread(content, 1, (1 << 16) - 1, file);
    (void)fclose(file);
    return content;
}

static void assert_content(const char *name, const char *expected)
{
    size_t size;
    char *content = content_of(name, &size);
    assert_string_equal(content, expected);
    free(content);
}

static void files_hold_what_was_given(void **state)
{
    char message[64] = "old";
    (void)state;
    tbe_embedding first = sample("first"), second = sample("second.x");
    first.columns = columns;
    first.n_columns = 2;
    first.labels = labels;
    second.columns = columns;
    second.n_columns = 1;
    second.labels = labels;
    const tbe_embedding *const both[] = {&first, &second};
    assert_int_equal(tbe_projector_write(scratch_dir, 2, both, message, sizeof message), TBE_OK);
    assert_string_equal(message, "");
    assert_content("first_vectors.tsv", "0.100000001\t-1\t1e-30\n3\t16777216\t-0\n");
    assert_content("first_labels.tsv", "word\tspeaker\nyes\ta\ngr\xc3\xbc\xc3\x9f\t\n");
    assert_content("second.x_labels.tsv", "yes\na\n"); /* a title would count as a label */
    assert_content(
        "projector_config.pbtxt",
        "embeddings {\n  tensor_name: \"first\"\n  tensor_shape: 2\n  tensor_shape: 3\n"
        "  tensor_path: \"first_vectors.tsv\"\n  metadata_path: \"first_labels.tsv\"\n}\n"
        "embeddings {\n  tensor_name: \"second.x\"\n  tensor_shape: 2\n"
        "  tensor_shape: 3\n  tensor_path: \"second.x_vectors.tsv\"\n"
        "  metadata_path: \"second.x_labels.tsv\"\n}\n");
    size_t n_names;
    char **names = names_read(scratch_dir, &n_names);
    assert_int_equal(n_names, 5); /* nothing half is left */
    names_destroy(names, n_names);
}

static void vectors_are_exact_in_any_locale(void **state)
{
    static const char *const locales[] = {"C", "de_DE.UTF-8", "fr_FR.UTF-8"};
    (void)state;
    for (size_t i = 0; i < sizeof locales / sizeof *locales; i++) {
        size_t size;
        if (setlocale(LC_NUMERIC, locales[i]) == NULL)
            continue; /* not installed */
        tbe_embedding embedding = sample("x");
        assert_int_equal(write_one(&embedding, NULL, 0), TBE_OK);
        (void)setlocale(LC_NUMERIC, "C");
        char *content = content_of("x_vectors.tsv", &size);
        char *rest = content;
        for (size_t j = 0; j < 6; j++) {
            const float value = strtof(rest, &rest);
            assert_memory_equal(&value, &vectors[j], sizeof value);
            assert_int_equal(*rest++, j % 3 == 2 ? '\n' : '\t');
        }
        assert_int_equal(rest - content, size);
        free(content);
    }
}

static void bytes_are_floats_unless_they_look_like_text(void **state)
{
    static const float zeros[6] = {0};
    size_t size;
    (void)state;
    tbe_embedding embedding = sample("x");
    embedding.format = TBE_VECTORS_BYTES;
    assert_int_equal(write_one(&embedding, NULL, 0), TBE_OK);
    char *content = content_of("x_vectors.bytes", &size);
    assert_int_equal(size, sizeof vectors);
    assert_memory_equal(content, vectors, sizeof vectors);
    free(content);
    embedding.vectors = zeros;
    embedding.name = "zeros";
    assert_int_equal(write_one(&embedding, NULL, 0), TBE_OK);
    assert_content("zeros_vectors.tsv", "0\t0\t0\n0\t0\t0\n");
}

static void thumbnails_make_a_sheet(void **state)
{
    static const uint8_t thumbs[] = {0, 1, 1, 0, 0, 0}, palette[] = {0, 0, 0, 255, 255, 255};
    static const float points[3] = {1, 2, 3};
    static const uint8_t header[] = {0, 0, 0, 4, 0, 0, 0, 2}; /* two by two thumbs of 2 x 1 */
    size_t size;
    (void)state;
    tbe_embedding embedding = sample("x");
    embedding.vectors = points;
    embedding.n_points = 3;
    embedding.n_dims = 1;
    embedding.thumbs = thumbs;
    embedding.thumb_format = TBE_PIXELS_PALETTE;
    embedding.thumb_width = 2;
    embedding.thumb_height = 1;
    embedding.palette = palette;
    embedding.n_colours = 2;
    assert_int_equal(write_one(&embedding, NULL, 0), TBE_OK);
    char *content = content_of("x_sprite.png", &size);
    assert_memory_equal(content + 16, header, sizeof header);
    free(content);
    content = content_of("projector_config.pbtxt", &size);
    assert_non_null(strstr(content, "  sprite {\n    image_path: \"x_sprite.png\"\n"
                                    "    single_image_dim: 2\n    single_image_dim: 1\n  }\n"));
    free(content);
    embedding.n_colours = 1;
    assert_int_equal(write_one(&embedding, NULL, 0), TBE_EINVAL); /* a pixel of 1 */
}

static void odd_embeddings_are_refused(void **state)
{
    static const char *const bad_names[] = {NULL, "", ".x", "a/b", "a b", "\"", "x\xc3\xa4"};
    static const char *const tab[] = {"a\tb", "c"}, *const missing[] = {"a", NULL};
    static const float infinite[] = {0, INFINITY, 0, 0, 0, 0};
    char message[256];
    size_t n_names;
    (void)state;
    for (size_t i = 0; i < sizeof bad_names / sizeof *bad_names; i++) {
        const tbe_embedding embedding = sample(bad_names[i]);
        assert_int_equal(write_one(&embedding, message, sizeof message), TBE_EINVAL);
        assert_non_null(strstr(message, "name"));
    }
    tbe_embedding embedding = sample("x");
    embedding.vectors = infinite;
    assert_int_equal(write_one(&embedding, message, sizeof message), TBE_EINVAL);
    assert_non_null(strstr(message, "point 0"));
    embedding = sample("x");
    embedding.n_points = TBE_MAX_POINTS + 1;
    assert_int_equal(write_one(&embedding, NULL, 0), TBE_ELIMIT);
    embedding = sample("x");
    embedding.n_points = 0;
    assert_int_equal(write_one(&embedding, NULL, 0), TBE_EINVAL);
    embedding = sample("x");
    embedding.format = (tbe_vector_format)2;
    assert_int_equal(write_one(&embedding, NULL, 0), TBE_EINVAL);
    embedding = sample("x");
    embedding.columns = columns;
    embedding.n_columns = 1;
    assert_int_equal(write_one(&embedding, NULL, 0), TBE_EINVAL); /* no labels */
    embedding.labels = tab;
    assert_int_equal(write_one(&embedding, NULL, 0), TBE_EINVAL);
    embedding.labels = missing;
    assert_int_equal(write_one(&embedding, NULL, 0), TBE_EINVAL);
    embedding = sample("x");
    embedding.thumbs = (const uint8_t *)"";
    assert_int_equal(write_one(&embedding, NULL, 0), TBE_EINVAL);
    embedding.thumb_format = TBE_PIXELS_RGB;
    embedding.thumb_width = TBE_MAX_SPRITE_SIDE / 2 + 1;
    embedding.thumb_height = 1;
    assert_int_equal(write_one(&embedding, NULL, 0), TBE_ELIMIT);
    embedding = sample("x");
    const tbe_embedding *const twice[] = {&embedding, &embedding}, *const none[] = {NULL};
    assert_int_equal(tbe_projector_write(scratch_dir, 2, twice, NULL, 0), TBE_EINVAL);
    assert_int_equal(tbe_projector_write(scratch_dir, 1, none, NULL, 0), TBE_EINVAL);
    assert_int_equal(tbe_projector_write(scratch_dir, 0, twice, NULL, 0), TBE_EINVAL);
    assert_int_equal(tbe_projector_write(scratch_dir, 1, NULL, NULL, 0), TBE_EINVAL);
    assert_int_equal(tbe_projector_write("", 1, twice, NULL, 0), TBE_EINVAL);
    assert_int_equal(tbe_projector_write(scratch_dir, TBE_MAX_EMBEDDINGS + 1, twice, NULL, 0),
                     TBE_ELIMIT);
    char **names = names_read(scratch_dir, &n_names);
    assert_int_equal(n_names, 0);
    names_destroy(names, n_names);
}

static void a_directory_that_cannot_be_written_is_named(void **state)
{
    char message[512], path[512];
    const tbe_embedding embedding = sample("x");
    const tbe_embedding *const one = &embedding;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/x_vectors.tsv.partial", scratch_dir);
    assert_int_equal(mkdir(path, 0777), 0); /* where the file should be */
    assert_int_equal(tbe_projector_write(scratch_dir, 1, &one, message, sizeof message), TBE_EIO);
    assert_non_null(strstr(message, "x_vectors.tsv"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(files_hold_what_was_given),
        SCRATCH_TEST(vectors_are_exact_in_any_locale),
        SCRATCH_TEST(bytes_are_floats_unless_they_look_like_text),
        SCRATCH_TEST(thumbnails_make_a_sheet),
        SCRATCH_TEST(odd_embeddings_are_refused),
        SCRATCH_TEST(a_directory_that_cannot_be_written_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
