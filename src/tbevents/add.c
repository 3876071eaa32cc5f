#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tbevents/scalar_wire.h"
#include "tbevents/writer.h"

/* A tag that is longer is taken, but its kind is not remembered: that would be too much memory. */
enum { MAX_KNOWN_TAG_BYTES = 1024 };

static const char scalars_page[] = "scalars";

tbe_status tbe_check_tag(tbe_writer *writer, const char *tag, size_t *n_bytes)
{
    size_t length;
    const char *complaint;
    if (tag == NULL)
        return tbe_refuse(writer, TBE_EINVAL, "a tag is NULL");
    const tbe_status status =
        tbe_text_check(tag, TBE_TEXT_LINE, TBE_MAX_TAG_BYTES, &length, &complaint);
    if (status != TBE_OK)
        return tbe_refuse(writer, status, "the tag " TBE_QUOTE " %s", tag, complaint);
    if (n_bytes != NULL)
        *n_bytes = length;
    return TBE_OK;
}

tbe_status tbe_check_file_tag(tbe_writer *writer, const char *tag)
{
    const tbe_status status = tbe_check_tag(writer, tag, NULL);
    if (status != TBE_OK || strpbrk(tag, "\"\\") == NULL)
        return status;
    return tbe_refuse(writer, TBE_EINVAL,
                      "the tag " TBE_QUOTE " has a double quote or a backslash; TensorBoard cannot "
                      "show pictures and sounds of such tags",
                      tag);
}

tbe_status tbe_check_kind(tbe_writer *writer, const char *tag, const char *plugin)
{
    const tbe_tag_kind known = tbe_tag_kinds_find(&writer->kinds, tag);
    if (known.plugin == NULL || strcmp(known.plugin, plugin) == 0)
        return TBE_OK;
    return tbe_refuse(writer, TBE_EINVAL,
                      "the tag " TBE_QUOTE " belongs to the page %s; it cannot belong to %s, too",
                      tag, known.plugin, plugin);
}

/** The page of this tag is settled. @return the tag as it is kept; NULL: it is not */
static const char *settle_kind(tbe_writer *writer, const char *tag, size_t n_bytes,
                               const char *plugin)
{
    tbe_tag_kind kind = tbe_tag_kinds_find(&writer->kinds, tag);
    if (kind.tag == NULL && n_bytes <= MAX_KNOWN_TAG_BYTES)
        kind = tbe_tag_kinds_push(&writer->kinds, tag, plugin);
    return kind.tag;
}

tbe_status tbe_check_text(tbe_writer *writer, const char *name, const char *what, const char *text,
                          tbe_text_kind kind)
{
    size_t n_bytes;
    const char *complaint;
    if (text == NULL)
        return TBE_OK;
    const tbe_status status = tbe_text_check(text, kind, TBE_MAX_TEXT_BYTES, &n_bytes, &complaint);
    if (status == TBE_OK)
        return TBE_OK;
    return tbe_refuse(writer, status, "the %s of " TBE_QUOTE " %s", what, name, complaint);
}

tbe_status tbe_take(tbe_writer *writer, const char *name, void *own, size_t own_size,
                    const void *theirs, const char *init)
{
    if (theirs != NULL && tbe_struct_take(own, own_size, theirs))
        return TBE_OK;
    return tbe_refuse(writer, TBE_EINVAL,
                      "the structure of " TBE_QUOTE " is NULL, has fields that this library does "
                      "not know, or %s() was not called",
                      name, init);
}

tbe_status tbe_add_tensor(tbe_writer *writer, int64_t step, tbe_tensor_value *value)
{
    const tbe_tag_note *item = tbe_notes_find(&writer->notes, value->tag);
    tbe_status status = tbe_check_kind(writer, value->tag, value->plugin);

    if (status != TBE_OK)
        return status;
    value->note = item != NULL ? &item->note : NULL;
    status = tbe_event_append(
        writer, tbe_event_tensor(writer->event, tbe_wall_time_get(writer), step, value));
    if (status != TBE_OK)
        return status;
    (void)settle_kind(writer, value->tag, strlen(value->tag), value->plugin);
    return tbe_flush_if_due(writer);
}

tbe_status tbe_describe(tbe_writer *writer, const char *tag, const char *display_name,
                        const char *description)
{
    const tbe_note note = {display_name, description};
    tbe_status status = tbe_check_writer(writer);

    if (status == TBE_OK)
        status = tbe_check_tag(writer, tag, NULL);
    if (status == TBE_OK)
        status = tbe_check_text(writer, tag, "display name", display_name, TBE_TEXT_LINE);
    if (status == TBE_OK)
        status = tbe_check_text(writer, tag, "description", description, TBE_TEXT_LINES);
    if (status != TBE_OK)
        return status;
    if (tbe_notes_set(&writer->notes, tag, &note) != 0)
        return tbe_break(writer, TBE_ENOMEM, "%s: out of memory", writer->path);
    for (size_t i = 0; i < writer->n_reserved; i++)
        writer->usual_tags[i] = NULL; /* any of them may have to take a note along */
    return TBE_OK;
}

/** Makes room for what is kept about the tags of an event. */
static int reserve_lists(tbe_writer *writer, size_t n)
{
    if (n <= writer->n_reserved)
        return 0;
    free(writer->notes_of_event);
    free(writer->tag_bytes);
    free(writer->usual_tags);
    writer->notes_of_event = malloc(n * sizeof(tbe_note *));
    writer->tag_bytes = malloc(n * sizeof *writer->tag_bytes);
    writer->usual_tags = calloc(n, sizeof *writer->usual_tags);
    const bool done =
        writer->notes_of_event != NULL && writer->tag_bytes != NULL && writer->usual_tags != NULL;
    writer->n_reserved = done ? n : 0;
    return done ? 0 : ENOMEM;
}

/** Makes room for an event of n scalars. */
static tbe_status reserve(tbe_writer *writer, size_t n)
{
    int reason = n > 1 ? tbe_tag_set_reset(&writer->tags, n) : 0;

    if (reason == 0)
        reason = reserve_lists(writer, n);
    return reason == 0 ? TBE_OK : tbe_break(writer, TBE_ENOMEM, "%s: out of memory", writer->path);
}

/** Whether the tag is what stood at this place of an event before: then it is checked. */
static bool is_usual(const tbe_writer *writer, size_t i, const char *tag)
{
    const char *usual = writer->usual_tags[i];
    return usual != NULL && tag != NULL && strcmp(usual, tag) == 0;
}

static tbe_status check_tag_at(tbe_writer *writer, size_t i, const char *tag)
{
    if (is_usual(writer, i, tag))
        return TBE_OK;
    writer->usual_tags[i] = NULL;
    const tbe_status status = tbe_check_tag(writer, tag, &writer->tag_bytes[i]);
    return status == TBE_OK ? tbe_check_kind(writer, tag, scalars_page) : status;
}

static tbe_status check_tags(tbe_writer *writer, size_t n, const char *const *tags)
{
    for (size_t i = 0; i < n; i++) {
        const tbe_status status = check_tag_at(writer, i, tags[i]);
        if (status != TBE_OK)
            return status;
        if (n > 1 && !tbe_tag_set_add(&writer->tags, tags, i, writer->tag_bytes[i]))
            return tbe_refuse(writer, TBE_EINVAL,
                              "the tag " TBE_QUOTE " appears twice in one event", tags[i]);
    }
    return TBE_OK;
}

/** The pages of these tags, which were written, are settled. */
static void settle_kinds(tbe_writer *writer, size_t n, const char *const *tags)
{
    for (size_t i = 0; i < n; i++)
        if (writer->usual_tags[i] == NULL)
            writer->usual_tags[i] =
                settle_kind(writer, tags[i], writer->tag_bytes[i], scalars_page);
}

/** Collects the notes that this event takes along: tags that stood at their places before have
 *  taken theirs. @return whether there are any */
static bool find_notes(tbe_writer *writer, size_t n, const char *const *tags)
{
    bool has_notes = false;
    for (size_t i = 0; writer->notes.n_waiting > 0 && i < n; i++) {
        const bool may_have = writer->usual_tags[i] == NULL;
        const tbe_tag_note *item = may_have ? tbe_notes_find(&writer->notes, tags[i]) : NULL;
        writer->notes_of_event[i] = item != NULL && item->waits ? &item->note : NULL;
        has_notes = has_notes || writer->notes_of_event[i] != NULL;
    }
    return has_notes;
}

/** The notes of these tags have been written; later scalars need not repeat them. */
static void settle_notes(tbe_writer *writer, size_t n, const char *const *tags)
{
    for (size_t i = 0; writer->notes.n_waiting > 0 && i < n; i++) {
        tbe_tag_note *item = tbe_notes_find(&writer->notes, tags[i]);
        if (item != NULL && item->waits) {
            item->waits = false;
            writer->notes.n_waiting--;
        }
    }
}

static tbe_status append_scalars(tbe_writer *writer, tbe_scalar_event *event)
{
    if (find_notes(writer, event->n, event->tags))
        event->notes = writer->notes_of_event;

    size_t summary_bytes;
    uint8_t *payload;
    const size_t size = tbe_scalar_event_size(event, &summary_bytes);
    const tbe_status status = tbe_event_begin(writer, size, &payload);

    if (status != TBE_OK)
        return status;
    tbe_scalar_event_write(event, summary_bytes, payload);
    if (event->notes != NULL)
        settle_notes(writer, event->n, event->tags);
    return tbe_event_end(writer, size);
}

static bool is_large_step(int64_t step)
{
    return step < INT32_MIN || step > INT32_MAX;
}

static tbe_status check_scalars(tbe_writer *writer, int64_t step, size_t n, const char *const *tags,
                                const float *values)
{
    if (tags == NULL || values == NULL)
        return tbe_refuse(writer, TBE_EINVAL, "scalars without tags or values");
    if (n > TBE_MAX_SCALARS)
        return tbe_refuse(writer, TBE_ELIMIT, "%zu scalars in one event are above the %d allowed",
                          n, TBE_MAX_SCALARS);
    if (writer->has_session && is_large_step(step))
        return tbe_refuse(writer, TBE_EINVAL,
                          "the step %" PRId64 " is beyond 32 bits, which a run with "
                          "hyperparameters cannot have",
                          step);
    return TBE_OK;
}

tbe_status tbe_add_scalars(tbe_writer *writer, int64_t step, size_t n_scalars,
                           const char *const *tags, const float *values)
{
    tbe_status status = tbe_check_writer(writer);

    if (status != TBE_OK || n_scalars == 0)
        return status;
    status = check_scalars(writer, step, n_scalars, tags, values);
    if (status == TBE_OK)
        status = reserve(writer, n_scalars);
    if (status == TBE_OK)
        status = check_tags(writer, n_scalars, tags);
    if (status == TBE_OK)
        status = append_scalars(writer, &(tbe_scalar_event){
                                            .wall_time = tbe_wall_time_get(writer),
                                            .step = step,
                                            .n = n_scalars,
                                            .tags = tags,
                                            .tag_bytes = writer->tag_bytes,
                                            .values = values,
                                        });
    if (status != TBE_OK)
        return status;
    settle_kinds(writer, n_scalars, tags);
    writer->has_large_step = writer->has_large_step || is_large_step(step);
    if (writer->has_scalars)
        return tbe_flush_if_due(writer);
    writer->has_scalars = true;
    return tbe_hand_over(writer);
}

tbe_status tbe_add_scalar(tbe_writer *writer, int64_t step, const char *tag, float value)
{
    return tbe_add_scalars(writer, step, 1, &tag, &value);
}
