/**
 * tbevents: files for the Projector page, which draws rows of numbers as points in space. They are
 * in the directory of a run but are not events: no writer is needed. The page shows the run only if
 * the directory has an event file, too. tbevents.h has the rules that hold for all.
 */
#ifndef TBEVENTS_PROJECTOR_H
#define TBEVENTS_PROJECTOR_H

#include <tbevents/media.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TBE_MAX_POINTS      100000   /* of an embedding; the page shows no more */
#define TBE_MAX_COORDINATES 16777216 /* points times dimensions */
#define TBE_MAX_COLUMNS     64       /* of labels */
#define TBE_MAX_SPRITE_SIDE 8192     /* pixels of the sheet of all thumbnails, each way */
#define TBE_MAX_EMBEDDINGS  64       /* of a directory */

/** How the coordinates are stored. */
typedef enum tbe_vector_format {
    TBE_VECTORS_TSV = 0,  /**< as text, with enough digits to give the same floats again */
    TBE_VECTORS_BYTES = 1 /**< as floats: a third of the size. Where these bytes could be taken for
                               text (all zeros, say), TSV is written instead */
} tbe_vector_format;

/** Points in the caller's memory. */
typedef struct tbe_embedding {
    /** sizeof(tbe_embedding) of the caller; tbe_embedding_init() sets it. */
    size_t struct_size;
    /** Shown in a menu, and in the names of its files: letters, digits, '_', '-' and '.', not first
     *  a '.', up to TBE_MAX_NAME_BYTES. */
    const char *name;
    tbe_vector_format format;
    /** [n_points][n_dims] finite; borrowed. 1 to TBE_MAX_POINTS points. */
    const float *vectors;
    size_t n_points;
    size_t n_dims;
    /** [n_columns] their titles, up to TBE_MAX_COLUMNS; 0: no labels; borrowed. */
    const char *const *columns;
    size_t n_columns;
    /** [n_points][n_columns] texts without control characters, "" is allowed; borrowed. */
    const char *const *labels;
    /** [n_points][thumb_height][thumb_width] a small picture each, of the format, without gaps;
     *  NULL: none; borrowed. Their sheet is as good as square: TBE_MAX_SPRITE_SIDE each way. */
    const uint8_t *thumbs;
    tbe_pixel_format thumb_format;
    uint32_t thumb_width;
    uint32_t thumb_height;
    /** [n_colours][3] for TBE_PIXELS_PALETTE; borrowed. */
    const uint8_t *palette;
    size_t n_colours;
} tbe_embedding;

#define TBE_EMBEDDING_INIT TBE_INIT_SIZED(tbe_embedding)

/** Sets all fields to 0 and struct_size; call it as
 *  tbe_embedding_init(&embedding, sizeof embedding). */
TBE_API void tbe_embedding_init(tbe_embedding *embedding, size_t struct_size);

/**
 * Writes the files of embeddings into a directory, in place of those of the same names:
 *
 *     projector_config.pbtxt                     what there is
 *     <name>_vectors.tsv or <name>_vectors.bytes
 *     <name>_labels.tsv                          if there are labels
 *     <name>_sprite.png                          if there are thumbnails
 *
 * Each file is written under another name and then renamed, projector_config.pbtxt last, so that
 * TensorBoard finds whole files. Waits for the disk. Reload the page to see a change.
 *
 *     static const float vectors[] = {0, 1, 2, 3, 4, 5};
 *     static const char *const columns[] = {"word", "speaker"};
 *     static const char *const labels[] = {"yes", "a", "no", "b"};
 *     tbe_embedding embedding = TBE_EMBEDDING_INIT;
 *     embedding.name = "last_layer";
 *     embedding.vectors = vectors;
 *     embedding.n_points = 2;
 *     embedding.n_dims = 3;
 *     embedding.columns = columns;
 *     embedding.n_columns = 2;
 *     embedding.labels = labels;
 *     const tbe_embedding *const all[] = {&embedding};
 *     tbe_projector_write("logs/run1/validation", 1, all, message, sizeof message);
 *
 * @param dir           is made, with its parents, if need be
 * @param n_embeddings  1 to TBE_MAX_EMBEDDINGS
 * @param embeddings    [n_embeddings], different names; borrowed
 * @param message       filled with a sentence that says why it failed, "" after a success; NULL: no
 *                      sentence is wanted
 * @param size          bytes at message; a longer sentence is cut
 * @return TBE_OK; TBE_EINVAL, TBE_ELIMIT: nothing was written; TBE_ENOMEM, TBE_EIO
 */
TBE_API tbe_status tbe_projector_write(const char *dir, size_t n_embeddings,
                                       const tbe_embedding *const *embeddings, char *message,
                                       size_t size);

#ifdef __cplusplus
}
#endif

#endif
