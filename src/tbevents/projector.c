#include "tbevents/projector.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tbevents/file_name.h"
#include "tbevents/projector_files.h"
#include "tbevents/writer.h"

#define CONFIG_NAME "projector_config.pbtxt"
enum { MAX_ENDING = 16, MAX_FILE_NAME = TBE_MAX_NAME_BYTES + MAX_ENDING };

/** What is being written, and where complaints go. */
typedef struct output {
    const char *dir;
    size_t n_embeddings;
    tbe_embedding *embeddings; /* [n_embeddings], owned copies */
    char message[TBE_MESSAGE_BYTES];
} output;

void tbe_embedding_init(tbe_embedding *embedding, size_t struct_size)
{
    memset(embedding, 0, struct_size);
    embedding->struct_size = struct_size;
}

static tbe_status complain(output *out, tbe_status status, const char *format, ...)
    TBE_PRINTF(3, 4);

static tbe_status complain(output *out, tbe_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(out->message, sizeof out->message, format, args);
    va_end(args);
    tbe_text_clean(out->message);
    return status;
}

/* ---- checks ---- */

static tbe_status check_name(output *out, size_t i)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    const char *name = out->embeddings[i].name;

    if (name == NULL || name[0] == '\0' || name[0] == '.' || name[strspn(name, allowed)] != '\0' ||
        strlen(name) > TBE_MAX_NAME_BYTES)
        return complain(out, TBE_EINVAL,
                        "the name of an embedding, " TBE_QUOTE
                        ", is not 1 to %d of letters, digits, "
                        "'_', '-' and '.'",
                        name != NULL ? name : "", TBE_MAX_NAME_BYTES);
    for (size_t j = 0; j < i; j++)
        if (strcmp(out->embeddings[j].name, name) == 0)
            return complain(out, TBE_EINVAL, "the embedding " TBE_QUOTE " appears twice", name);
    return TBE_OK;
}

static tbe_status check_vectors(output *out, const tbe_embedding *e)
{
    if (e->vectors == NULL || e->n_points == 0 || e->n_dims == 0)
        return complain(out, TBE_EINVAL, "the embedding " TBE_QUOTE " is empty", e->name);
    if (e->n_points > TBE_MAX_POINTS || e->n_dims > TBE_MAX_COORDINATES / e->n_points)
        return complain(out, TBE_ELIMIT,
                        "the embedding " TBE_QUOTE " is above %d points or %d coordinates", e->name,
                        TBE_MAX_POINTS, TBE_MAX_COORDINATES);
    if (e->format != TBE_VECTORS_TSV && e->format != TBE_VECTORS_BYTES)
        return complain(out, TBE_EINVAL,
                        "the embedding " TBE_QUOTE " is of no format that this library knows",
                        e->name);
    for (size_t i = 0; i < e->n_points * e->n_dims; i++)
        if (!isfinite(e->vectors[i]))
            return complain(out, TBE_EINVAL,
                            "point %zu of the embedding " TBE_QUOTE " is not finite", i / e->n_dims,
                            e->name);
    return TBE_OK;
}

static tbe_status check_cells(output *out, const tbe_embedding *e, const char *what, size_t n,
                              const char *const *cells)
{
    for (size_t i = 0; i < n; i++) {
        size_t n_bytes;
        const char *complaint = "is NULL";
        tbe_status status = TBE_EINVAL;
        if (cells[i] != NULL && cells[i][0] == '\0')
            continue;
        if (cells[i] != NULL)
            status =
                tbe_text_check(cells[i], TBE_TEXT_LINE, TBE_MAX_TEXT_BYTES, &n_bytes, &complaint);
        if (status != TBE_OK)
            return complain(out, status, "%s %zu of the embedding " TBE_QUOTE " %s", what, i,
                            e->name, complaint);
    }
    return TBE_OK;
}

static tbe_status check_labels(output *out, const tbe_embedding *e)
{
    if (e->n_columns == 0)
        return TBE_OK;
    if (e->n_columns > TBE_MAX_COLUMNS)
        return complain(out, TBE_ELIMIT,
                        "the embedding " TBE_QUOTE
                        " has %zu columns of labels, above the %d allowed",
                        e->name, e->n_columns, TBE_MAX_COLUMNS);
    if (e->columns == NULL || e->labels == NULL)
        return complain(out, TBE_EINVAL, "the embedding " TBE_QUOTE " lacks labels", e->name);
    const tbe_status status = check_cells(out, e, "column", e->n_columns, e->columns);
    return status == TBE_OK ? check_cells(out, e, "label", e->n_columns * e->n_points, e->labels)
                            : status;
}

static tbe_status check_thumbs(output *out, const tbe_embedding *e)
{
    const bool is_palette = e->thumb_format == TBE_PIXELS_PALETTE;

    if (e->thumbs == NULL)
        return TBE_OK;
    if ((!is_palette && e->thumb_format != TBE_PIXELS_RGB) || e->thumb_width == 0 ||
        e->thumb_height == 0 ||
        (is_palette && (e->palette == NULL || e->n_colours == 0 || e->n_colours > 256)))
        return complain(
            out, TBE_EINVAL,
            "the thumbnails of the embedding " TBE_QUOTE " lack size, format or palette", e->name);
    const size_t side = tbe_sprite_columns(e);
    if (side * e->thumb_width > TBE_MAX_SPRITE_SIDE || side * e->thumb_height > TBE_MAX_SPRITE_SIDE)
        return complain(out, TBE_ELIMIT,
                        "the thumbnails of the embedding " TBE_QUOTE
                        " need a sheet above %d pixels",
                        e->name, TBE_MAX_SPRITE_SIDE);
    return TBE_OK;
}

static tbe_status check_embedding(output *out, size_t i)
{
    const tbe_embedding *e = &out->embeddings[i];
    tbe_status status = check_name(out, i);

    if (status == TBE_OK)
        status = check_vectors(out, e);
    if (status == TBE_OK)
        status = check_labels(out, e);
    if (status == TBE_OK)
        status = check_thumbs(out, e);
    return status;
}

static tbe_status take(output *out, const tbe_embedding *const *embeddings)
{
    if (out->dir == NULL || out->dir[0] == '\0' || embeddings == NULL || out->n_embeddings == 0)
        return complain(out, TBE_EINVAL, "no directory or no embeddings were given");
    if (out->n_embeddings > TBE_MAX_EMBEDDINGS)
        return complain(out, TBE_ELIMIT, "%zu embeddings are above the %d allowed",
                        out->n_embeddings, TBE_MAX_EMBEDDINGS);
    out->embeddings = calloc(out->n_embeddings, sizeof *out->embeddings);
    if (out->embeddings == NULL)
        return complain(out, TBE_ENOMEM, "no memory for embeddings");
    for (size_t i = 0; i < out->n_embeddings; i++) {
        tbe_embedding *e = &out->embeddings[i];
        if (embeddings[i] == NULL || !tbe_struct_take(e, sizeof *e, embeddings[i]))
            return complain(out, TBE_EINVAL,
                            "embedding %zu is NULL, has fields that this library does not know, or "
                            "tbe_embedding_init() was not called",
                            i);
        const tbe_status status = check_embedding(out, i);
        if (status != TBE_OK)
            return status;
        if (e->format == TBE_VECTORS_BYTES && tbe_vectors_look_like_text(e))
            e->format = TBE_VECTORS_TSV;
    }
    return TBE_OK;
}

/* ---- files ---- */

static const char *vectors_ending(const tbe_embedding *e)
{
    return e->format == TBE_VECTORS_BYTES ? "_vectors.bytes" : "_vectors.tsv";
}

static bool put_config(FILE *file, const void *data)
{
    const output *out = data;
    bool is_good = true;

    for (size_t i = 0; i < out->n_embeddings; i++) {
        const tbe_embedding *e = &out->embeddings[i];
        is_good =
            is_good && fprintf(file,
                               "embeddings {\n  tensor_name: \"%s\"\n"
                               "  tensor_shape: %zu\n  tensor_shape: %zu\n"
                               "  tensor_path: \"%s%s\"\n",
                               e->name, e->n_points, e->n_dims, e->name, vectors_ending(e)) > 0;
        if (e->n_columns > 0)
            is_good = is_good && fprintf(file, "  metadata_path: \"%s_labels.tsv\"\n", e->name) > 0;
        if (e->thumbs != NULL)
            is_good = is_good && fprintf(file,
                                         "  sprite {\n    image_path: \"%s_sprite.png\"\n"
                                         "    single_image_dim: %lu\n    single_image_dim: %lu\n"
                                         "  }\n",
                                         e->name, (unsigned long)e->thumb_width,
                                         (unsigned long)e->thumb_height) > 0;
        is_good = is_good && fputs("}\n", file) >= 0;
    }
    return is_good;
}

typedef struct encoded {
    uint8_t *data;
    size_t size;
} encoded;

static bool put_bytes(FILE *file, const void *data)
{
    const encoded *bytes = data;
    return fwrite(bytes->data, 1, bytes->size, file) == bytes->size;
}

static tbe_status replace(output *out, const char *name, const char *ending, tbe_file_body body,
                          const void *data)
{
    char file_name[MAX_FILE_NAME + 1], text[TBE_ERRNO_BYTES];
    char *path;

    (void)snprintf(file_name, sizeof file_name, "%s%s", name, ending);
    const int reason = tbe_file_replace(out->dir, file_name, body, data, &path);
    tbe_status status = TBE_OK;
    if (path == NULL) {
        status = complain(out, TBE_ENOMEM, "no memory for %s", file_name);
    } else if (reason != 0) {
        status =
            complain(out, TBE_EIO, "%s: cannot be written: %s", path, tbe_errno_text(reason, text));
    }
    free(path);
    return status;
}

static tbe_status write_sprite(output *out, const tbe_embedding *e)
{
    encoded sprite = {NULL, 0};
    tbe_status status = tbe_sprite_encode(e, &sprite.data, &sprite.size);

    if (status != TBE_OK)
        status = complain(out, status, "the thumbnails of the embedding " TBE_QUOTE " %s", e->name,
                          status == TBE_ENOMEM ? "need more memory than there is"
                                               : "have a pixel beyond their colours");
    else
        status = replace(out, e->name, "_sprite.png", put_bytes, &sprite);
    free(sprite.data);
    return status;
}

static tbe_status write_embedding(output *out, const tbe_embedding *e)
{
    tbe_status status = replace(
        out, e->name, vectors_ending(e),
        e->format == TBE_VECTORS_BYTES ? tbe_vectors_write_bytes : tbe_vectors_write_tsv, e);
    if (status == TBE_OK && e->n_columns > 0)
        status = replace(out, e->name, "_labels.tsv", tbe_labels_write, e);
    if (status == TBE_OK && e->thumbs != NULL)
        status = write_sprite(out, e);
    return status;
}

static tbe_status write_all(output *out)
{
    const int reason = tbe_directory_create(out->dir);
    tbe_status status = TBE_OK;
    char text[TBE_ERRNO_BYTES];

    if (reason != 0)
        return complain(out, reason == ENOMEM ? TBE_ENOMEM : TBE_EIO,
                        "%s: the directory cannot be made: %s", out->dir,
                        tbe_errno_text(reason, text));
    for (size_t i = 0; status == TBE_OK && i < out->n_embeddings; i++)
        status = write_embedding(out, &out->embeddings[i]);
    return status == TBE_OK ? replace(out, CONFIG_NAME, "", put_config, out) : status;
}

tbe_status tbe_projector_write(const char *dir, size_t n_embeddings,
                               const tbe_embedding *const *embeddings, char *message, size_t size)
{
    output out = {.dir = dir, .n_embeddings = n_embeddings};
    tbe_status status = take(&out, embeddings);

    if (status == TBE_OK)
        status = write_all(&out);
    free(out.embeddings);
    if (message != NULL && size > 0)
        (void)snprintf(message, size, "%s", out.message);
    return status;
}
