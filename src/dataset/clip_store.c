#include "dataset/clip_store.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A note on a clip: whether it was resampled, and the oddity of its header above that. */
enum { IS_RESAMPLED = 1, ODDITY_SHIFT = 1 };

typedef enum clip_kind {
    KIND_INT16, /* samples * 32768, exactly */
    KIND_FLOAT,
    KIND_BROKEN,
} clip_kind;

/** A clip in memory. It does not change after it was published in its slot. */
typedef struct clip {
    clip_kind kind;
    size_t n_samples;
    union {
        int16_t *int16; /* [n_samples] */
        float *floats;  /* [n_samples] */
        char *fault;    /* a sentence */
    } is;               /* points after this struct, into the same block */
} clip;

struct ws_clip_store {
    ws_clip_store_options options;
    _Atomic(clip *) *slots; /* [n_files] NULL: not read, or not kept */
    atomic_uchar *notes;    /* [n_files] IS_RESAMPLED and the oddity */
    atomic_size_t n_bytes;  /* kept, broken ones not counted */
};

ws_status ws_clip_store_create(const ws_clip_store_options *options, ws_clip_store **store,
                               ws_error *err)
{
    *store = NULL;
    ws_clip_store *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "the clips");
    made->options = *options;
    /* zero bytes are atomics of value zero with every compiler that we know */
    made->slots = calloc(options->n_files + 1, sizeof *made->slots);
    made->notes = calloc(options->n_files + 1, sizeof *made->notes);
    if (made->slots == NULL || made->notes == NULL) {
        ws_clip_store_destroy(made);
        return ws_fail_memory(err, "the clips");
    }
    *store = made;
    return WS_OK;
}

void ws_clip_store_destroy(ws_clip_store *store)
{
    if (store == NULL)
        return;
    for (size_t i = 0; store->slots != NULL && i < store->options.n_files; i++)
        free(atomic_load_explicit(&store->slots[i], memory_order_relaxed));
    free(store->slots);
    free(store->notes);
    free(store);
}

/** Whether all samples are whole numbers divided by 32768, as a 16-bit file gives them. */
static bool is_int16(const ws_sound *sound)
{
    bool exact = true;
    for (size_t i = 0; i < sound->n_samples; i++) {
        const float scaled = sound->samples[i] * 32768.0f;
        exact &=
            scaled >= -32768.0f && scaled <= 32767.0f &&
            (float)(int32_t)(scaled < 40000.0f && scaled > -40000.0f ? scaled : 0.5f) == scaled;
    }
    return exact;
}

static clip *new_clip(clip_kind kind, size_t n_samples, size_t n_bytes)
{
    clip *made = malloc(sizeof *made + n_bytes);
    if (made == NULL)
        return NULL;
    *made = (clip){.kind = kind, .n_samples = n_samples, .is.fault = (char *)(made + 1)};
    return made;
}

static clip *clip_of_sound(const ws_sound *sound, size_t *n_bytes)
{
    const size_t n = sound->n_samples;
    const bool narrow = is_int16(sound);

    *n_bytes = n * (narrow ? sizeof(int16_t) : sizeof(float));
    clip *made = new_clip(narrow ? KIND_INT16 : KIND_FLOAT, n, *n_bytes);
    if (made == NULL)
        return NULL;
    if (narrow) {
        made->is.int16 = (int16_t *)(void *)(made + 1);
        for (size_t i = 0; i < n; i++)
            made->is.int16[i] = (int16_t)(sound->samples[i] * 32768.0f);
    } else {
        made->is.floats = (float *)(void *)(made + 1);
        memcpy(made->is.floats, sound->samples, n * sizeof(float));
    }
    return made;
}

/** Puts a clip into its slot unless another thread, with the same clip, came first. */
static bool publish(ws_clip_store *store, size_t file, clip *made)
{
    clip *expected = NULL;
    if (atomic_compare_exchange_strong(&store->slots[file], &expected, made))
        return true;
    free(made);
    return false;
}

static ws_status keep_fault(ws_clip_store *store, size_t file, const char *sentence)
{
    const size_t n_bytes = strlen(sentence) + 1;
    clip *made = new_clip(KIND_BROKEN, 0, n_bytes);
    if (made == NULL)
        return WS_ENOMEM;
    memcpy(made->is.fault, sentence, n_bytes);
    (void)publish(store, file, made);
    return WS_EFORMAT;
}

/** Keeps the clip if there is room left; a clip without room is read again. */
static void keep_sound(ws_clip_store *store, size_t file, const ws_sound *sound)
{
    size_t n_bytes;

    if (atomic_load(&store->n_bytes) >= store->options.max_bytes)
        return;
    clip *made = clip_of_sound(sound, &n_bytes);
    if (made == NULL)
        return;
    if (atomic_fetch_add(&store->n_bytes, n_bytes) + n_bytes > store->options.max_bytes)
        free(made);
    else if (publish(store, file, made))
        return;
    atomic_fetch_sub(&store->n_bytes, n_bytes);
}

static ws_status read_file(ws_clip_store *store, const ws_clip_request *request, float *buffer,
                           ws_samples *samples)
{
    ws_sound sound;
    ws_error reason = {0};

    const ws_status status = ws_sound_read_at(request->path, store->options.sample_rate_hz,
                                              store->options.desired_samples, &sound, &reason);
    if (status == WS_ENOMEM)
        return status;
    if (status != WS_OK)
        return keep_fault(store, request->file, reason.message);
    atomic_store(&store->notes[request->file],
                 (unsigned char)((ws_sound_is_converted(&sound) ? IS_RESAMPLED : 0) |
                                 (unsigned)sound.oddity << ODDITY_SHIFT));
    if (request->keep)
        keep_sound(store, request->file, &sound);
    memcpy(buffer, sound.samples, sound.n_samples * sizeof *buffer);
    *samples = (ws_samples){.floats = buffer, .n = sound.n_samples};
    ws_sound_deinit(&sound);
    return WS_OK;
}

ws_status ws_clip_store_read(ws_clip_store *store, const ws_clip_request *request, float *buffer,
                             ws_samples *samples)
{
    const clip *kept = atomic_load(&store->slots[request->file]);
    if (kept == NULL)
        return read_file(store, request, buffer, samples);
    if (kept->kind == KIND_BROKEN)
        return WS_EFORMAT;
    *samples = (ws_samples){.n = kept->n_samples};
    if (kept->kind == KIND_INT16)
        samples->int16 = kept->is.int16;
    else
        samples->floats = kept->is.floats;
    return WS_OK;
}

const char *ws_clip_store_fault(const ws_clip_store *store, size_t file)
{
    const clip *kept = atomic_load(&store->slots[file]);
    return kept != NULL && kept->kind == KIND_BROKEN ? kept->is.fault : NULL;
}

bool ws_clip_store_is_resampled(const ws_clip_store *store, size_t file)
{
    return (atomic_load(&store->notes[file]) & IS_RESAMPLED) != 0;
}

ws_sound_oddity ws_clip_store_oddity(const ws_clip_store *store, size_t file)
{
    return (ws_sound_oddity)(atomic_load(&store->notes[file]) >> ODDITY_SHIFT);
}
