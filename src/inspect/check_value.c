/* What is wrong with a value's tag, step and page; check_tensor.c has its form. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/check_value.h"

#include "base/text.h"
#include "inspect/check_tensor.h"
#include "inspect/message.h"

/** What a page is called and of which class its data are. */
typedef struct page_row {
    const char *plugin;
    ws_page page;
    Tbproto__DataClass data_class;
} page_row;

static const page_row page_rows[] = {
    {"scalars", WS_PAGE_SCALARS, TBPROTO__DATA_CLASS__DATA_CLASS_SCALAR},
    {"images", WS_PAGE_IMAGES, TBPROTO__DATA_CLASS__DATA_CLASS_BLOB_SEQUENCE},
    {"audio", WS_PAGE_AUDIO, TBPROTO__DATA_CLASS__DATA_CLASS_BLOB_SEQUENCE},
    {"graphs", WS_PAGE_GRAPHS, TBPROTO__DATA_CLASS__DATA_CLASS_BLOB_SEQUENCE},
    {"graph_keras_model", WS_PAGE_MODELS, TBPROTO__DATA_CLASS__DATA_CLASS_BLOB_SEQUENCE},
    {"graph_run_metadata", WS_PAGE_MODELS, TBPROTO__DATA_CLASS__DATA_CLASS_BLOB_SEQUENCE},
    {"graph_run_metadata_graph", WS_PAGE_MODELS, TBPROTO__DATA_CLASS__DATA_CLASS_BLOB_SEQUENCE},
    {"graph_tagged_run_metadata", WS_PAGE_GRAPHS, TBPROTO__DATA_CLASS__DATA_CLASS_BLOB_SEQUENCE},
    {"histograms", WS_PAGE_HISTOGRAMS, TBPROTO__DATA_CLASS__DATA_CLASS_TENSOR},
    {"text", WS_PAGE_TEXT, TBPROTO__DATA_CLASS__DATA_CLASS_TENSOR},
    {"pr_curves", WS_PAGE_CURVES, TBPROTO__DATA_CLASS__DATA_CLASS_TENSOR},
    {"custom_scalars", WS_PAGE_LAYOUT, TBPROTO__DATA_CLASS__DATA_CLASS_TENSOR},
    {"hparams", WS_PAGE_HPARAMS, TBPROTO__DATA_CLASS__DATA_CLASS_TENSOR},
    {"mesh", WS_PAGE_MESH, TBPROTO__DATA_CLASS__DATA_CLASS_TENSOR},
};

/** NULL: a page that TensorBoard itself does not have. */
static const page_row *find_page(const char *plugin)
{
    for (size_t i = 0; i < sizeof page_rows / sizeof *page_rows; i++)
        if (strcmp(page_rows[i].plugin, plugin) == 0)
            return &page_rows[i];
    return NULL;
}

static const char *plugin_of(const Tbproto__Summary__Value *value)
{
    return value->metadata != NULL && value->metadata->plugin_data != NULL
               ? value->metadata->plugin_data->plugin_name
               : "";
}

/** FNV-1a, continued */
static uint64_t hash_bytes(uint64_t hash, const void *data, size_t n_bytes)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < n_bytes; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    return hash_bytes(hash, text, strlen(text) + 1);
}

static uint64_t hash_metadata(const Tbproto__SummaryMetadata *metadata)
{
    uint64_t hash = hash_text(UINT64_C(0xcbf29ce484222325), metadata->display_name);

    hash = hash_text(hash, metadata->summary_description);
    hash = hash_bytes(hash, &metadata->data_class, sizeof metadata->data_class);
    if (metadata->plugin_data == NULL)
        return hash;
    hash = hash_text(hash, metadata->plugin_data->plugin_name);
    return hash_bytes(hash, metadata->plugin_data->content.data,
                      metadata->plugin_data->content.len);
}

static bool is_tensor(const Tbproto__Summary__Value *value)
{
    return value->value_case == TBPROTO__SUMMARY__VALUE__VALUE_TENSOR;
}

/** The page of a value by its older form; NONE: it is a tensor, or nothing. */
static ws_page page_of_form(const Tbproto__Summary__Value *value)
{
    switch (value->value_case) {
    case TBPROTO__SUMMARY__VALUE__VALUE_SIMPLE_VALUE:
        return WS_PAGE_SCALARS;
    case TBPROTO__SUMMARY__VALUE__VALUE_IMAGE:
        return WS_PAGE_IMAGES;
    case TBPROTO__SUMMARY__VALUE__VALUE_HISTO:
        return WS_PAGE_HISTOGRAMS;
    case TBPROTO__SUMMARY__VALUE__VALUE_AUDIO:
        return WS_PAGE_AUDIO;
    default:
        return WS_PAGE_NONE;
    }
}

/** The page of a value by itself, its form before its metadata; NULL: it does not say. */
static const page_row *row_of_value(const Tbproto__Summary__Value *value)
{
    const ws_page form = page_of_form(value);

    for (size_t i = 0; form != WS_PAGE_NONE && i < sizeof page_rows / sizeof *page_rows; i++)
        if (page_rows[i].page == form)
            return &page_rows[i];
    return find_page(plugin_of(value));
}

static bool is_of_graph(ws_page page)
{
    return page == WS_PAGE_GRAPHS || page == WS_PAGE_MODELS;
}

/** Whether a tag has values of another page, or the value itself names two. */
static bool is_of_other_page(const ws_checked_tag *tag, const Tbproto__Summary__Value *value,
                             const page_row *row, bool *has_wrong_page)
{
    const page_row *named = find_page(plugin_of(value));

    *has_wrong_page = row != NULL && named != NULL && named->page != row->page;
    if (row == NULL || *has_wrong_page)
        return *has_wrong_page;
    return tag->page != WS_PAGE_NONE && tag->page != WS_PAGE_OTHER && tag->page != row->page &&
           !(is_of_graph(tag->page) && is_of_graph(row->page));
}

/** Both loaders give a value of an older form the metadata of its page where it has none. */
static void take_form(ws_event_check *check, ws_page page, ws_checked_tag *tag)
{
    if (tag->page == WS_PAGE_NONE)
        tag->page = page;
    tag->metadata_file = check->n_files;
}

/** Keeps the metadata that the first value of the tag should have had. @return false: no memory */
static bool keep_late(const Tbproto__SummaryMetadata *metadata, ws_checked_tag *tag)
{
    const size_t size = tbproto__summary_metadata__get_packed_size(metadata);
    uint8_t *bytes = malloc(size + 1);

    if (bytes == NULL)
        return false;
    (void)tbproto__summary_metadata__pack(metadata, bytes);
    tag->late = tbproto__summary_metadata__unpack(NULL, size, bytes);
    free(bytes);
    return tag->late != NULL;
}

/** The first metadata of a tag counts, in both loaders. */
static ws_status take_metadata(ws_event_check *check, const Tbproto__Summary__Value *value,
                               ws_checked_tag *tag, ws_error *err)
{
    const page_row *row = find_page(plugin_of(value));
    const uint64_t hash = hash_metadata(value->metadata);

    if (tag->metadata_file == 0) {
        tag->page = row != NULL        ? row->page
                    : is_tensor(value) ? WS_PAGE_OTHER
                                       : page_of_form(value);
        tag->metadata_hash = hash;
        ws_check_read_content(value, tag);
        if (tag->n_values > 0 && is_tensor(value)) {
            ws_check_found_plain(check, WS_RULE_LATE_METADATA);
            if (!keep_late(value->metadata, tag))
                return ws_fail_memory(err, "tags");
        }
    } else if (hash != tag->metadata_hash) {
        ws_check_found_plain(check, WS_RULE_METADATA_CHANGES);
    }
    tag->metadata_file = check->n_files;
    return WS_OK;
}

/** What a value says of its page. */
static void check_class(ws_event_check *check, const Tbproto__Summary__Value *value,
                        const ws_checked_tag *tag)
{
    const page_row *row = find_page(plugin_of(value));
    const Tbproto__DataClass data_class = value->metadata->data_class;
    const bool is_unset = data_class == TBPROTO__DATA_CLASS__DATA_CLASS_UNKNOWN;

    if (row == NULL && is_unset && is_tensor(value))
        ws_check_found_plain(check, WS_RULE_UNKNOWN_PAGE);
    else if (row != NULL && is_unset && is_tensor(value) && tag->n_values == 0) /* said once */
        ws_check_found_plain(check, WS_RULE_NO_CLASS);
    else if (row != NULL && !is_unset && data_class != row->data_class)
        ws_check_found(check, WS_RULE_WRONG_CLASS, "class %d for %s", (int)data_class, row->plugin);
}

/** Things to know of a tag, said once. */
static void check_tag(ws_event_check *check, const char *tag)
{
    static const char hparams[] = "_hparams_/", layout[] = "custom_scalars__config__";
    bool has_control = false;

    for (const char *p = tag; *p != '\0'; p++)
        has_control |= (unsigned char)*p < 0x20 || *p == 0x7F;
    if (has_control)
        ws_check_found_plain(check, WS_RULE_CONTROL_IN_TAG);
    if (tag[0] == '/')
        ws_check_found_plain(check, WS_RULE_NAMELESS_GROUP);
    else if (tag[0] != '\0' && strchr(tag, '/') == NULL && strcmp(tag, layout) != 0 &&
             strncmp(tag, hparams, sizeof hparams - 1) != 0)
        ws_check_found_plain(check, WS_RULE_NO_GROUP);
}

static void check_picture_value(ws_event_check *check, const Tbproto__Summary__Image *image)
{
    ws_check_picture(check, image->encoded_image_string, image->width, image->height);
}

static void check_form(ws_event_check *check, const Tbproto__Summary__Value *value,
                       const ws_checked_tag *tag)
{
    switch (value->value_case) {
    case TBPROTO__SUMMARY__VALUE__VALUE_SIMPLE_VALUE:
        if (!isfinite(value->simple_value))
            ws_check_found(check, WS_RULE_NOT_FINITE, "%g", (double)value->simple_value);
        break;
    case TBPROTO__SUMMARY__VALUE__VALUE_IMAGE:
        check_picture_value(check, value->image);
        break;
    case TBPROTO__SUMMARY__VALUE__VALUE_HISTO:
        ws_check_old_histogram(check, value->histo);
        break;
    case TBPROTO__SUMMARY__VALUE__VALUE_AUDIO:
        if (value->audio->encoded_audio_string.len < 4 ||
            memcmp(value->audio->encoded_audio_string.data, "RIFF", 4) != 0)
            ws_check_found(check, WS_RULE_SOUND_OLD, "no WAV file");
        break;
    case TBPROTO__SUMMARY__VALUE__VALUE_TENSOR:
        ws_check_tensor(check, value, tag);
        break;
    default:
        ws_check_found_plain(check, tag->page == WS_PAGE_HPARAMS ? WS_RULE_HPARAMS_NO_VALUE
                                                                 : WS_RULE_NO_VALUE);
    }
}

/** Whether a tensor's page is known, else it is not looked at. */
static bool check_page(ws_event_check *check, const Tbproto__Summary__Value *value,
                       ws_checked_tag *tag)
{
    if (value->metadata != NULL && value->value_case != TBPROTO__SUMMARY__VALUE__VALUE__NOT_SET)
        check_class(check, value, tag);
    if (!is_tensor(value) || tag->metadata_file == check->n_files)
        return true;
    if (tag->metadata_file == 0) {
        ws_check_found_plain(check, WS_RULE_NO_METADATA);
        return false;
    }
    if (tag->noted_file != check->n_files)
        ws_check_found_plain(check, WS_RULE_METADATA_NOT_REPEATED);
    tag->noted_file = check->n_files;
    return true;
}

/** Whether the steps increase. A page that shows only one value does not need that. */
static ws_status check_step(ws_event_check *check, ws_checked_tag *tag, ws_error *err)
{
    const int64_t step = check->record->step;
    ws_status status = WS_OK;

    if (tag->page == WS_PAGE_HPARAMS || tag->page == WS_PAGE_LAYOUT)
        return WS_OK;
    if (tag->has_step && step <= tag->last_step &&
        !ws_cuts_drop(&check->starts, tag->last_ordinal, step)) {
        if (tag->last_record == check->n_all_records)
            ws_check_found_plain(check, WS_RULE_TAG_TWICE);
        else if (step == tag->last_step)
            ws_check_found_plain(check, WS_RULE_SAME_STEP);
        else
            ws_check_found(check, WS_RULE_STEPS_BACK, "from %lld to %lld",
                           (long long)tag->last_step, (long long)step);
        status = ws_cuts_push(&tag->older, check->n_ordinals, step, err);
    }
    if (tag->has_step && step > tag->last_step &&
        ws_cuts_drop(&check->starts, tag->last_ordinal, tag->last_step))
        ws_check_found_plain(check, WS_RULE_STALE_TAIL);
    tag->has_step = true;
    tag->last_step = step;
    tag->last_ordinal = check->n_ordinals;
    tag->last_record = check->n_all_records;
    return status;
}

static ws_status find_tag(ws_event_check *check, const char *name, ws_checked_tag **tag,
                          ws_error *err)
{
    size_t number = 0;
    ws_checked_tag *tags =
        ws_names_grow(check->tags, check->names.n_items, &check->capacity, sizeof *check->tags);

    if (tags == NULL)
        return ws_fail_memory(err, "tags");
    check->tags = tags;
    const ws_status status = ws_names_push(&check->names, name, &number, err);
    if (status == WS_OK)
        *tag = &tags[number];
    return status;
}

/** The state of what a value belongs to: its tag, or where the tag is of another page, a curve of
 *  its own beside it. */
static ws_status find_curve(ws_event_check *check, const Tbproto__Summary__Value *value,
                            ws_checked_tag **tag, ws_error *err)
{
    ws_checked_value *checked = &check->values[check->value];
    const page_row *row = row_of_value(value);
    size_t number = 0;

    ws_status status = find_tag(check, value->tag, tag, err);
    if (status != WS_OK)
        return status;
    if (!is_of_other_page(*tag, value, row, &checked->has_wrong_page)) {
        checked->curve = check->names.items[*tag - check->tags];
        return WS_OK;
    }
    ws_check_found_plain(check, WS_RULE_OTHER_FORM);
    char *name = ws_text_format("%s\x01%s", value->tag, row->plugin);
    if (name == NULL)
        return ws_fail_memory(err, "tags");
    status = find_tag(check, name, tag, err);
    free(name);
    if (status != WS_OK)
        return status;
    number = (size_t)(*tag - check->tags);
    checked->curve = check->names.items[number];
    checked->page = row->plugin;
    return WS_OK;
}

/** What the first value of a tag lacks, a check of the whole run may have seen. */
static Tbproto__SummaryMetadata *late_metadata(const ws_event_check *check,
                                               const Tbproto__Summary__Value *value,
                                               const ws_checked_tag *tag)
{
    if (check->known == NULL || value->metadata != NULL || !is_tensor(value) || tag->n_values > 0)
        return NULL;
    return ws_event_check_get_late(check->known, check->values[check->value].curve);
}

static void check_name(ws_event_check *check, const Tbproto__Summary__Value *value, bool is_new)
{
    const char *name = value->tag;
    const page_row *row = row_of_value(value);

    if (is_new)
        check_tag(check, name);
    if (is_new && row != NULL && (row->page == WS_PAGE_IMAGES || row->page == WS_PAGE_AUDIO) &&
        strpbrk(name, "\"\\") != NULL)
        ws_check_found_plain(check, WS_RULE_BLOB_NAME);
    if (name[0] == '\0')
        ws_check_found_plain(check, WS_RULE_EMPTY_TAG);
}

ws_status ws_check_value(ws_event_check *check, const Tbproto__Summary__Value *value, ws_error *err)
{
    ws_checked_tag *tag = NULL;
    Tbproto__Summary__Value told = *value;
    const ws_checked_value *checked = &check->values[check->value];

    check_name(check, value, ws_names_find(&check->names, value->tag) >= check->names.n_items);
    ws_status status = find_curve(check, value, &tag, err);
    if (status != WS_OK)
        return status;
    if (value->metadata == NULL)
        told.metadata = late_metadata(check, value, tag);
    else if (checked->has_wrong_page)
        told.metadata = NULL;
    if (told.metadata != NULL)
        status = take_metadata(check, &told, tag, err);
    if (status != WS_OK)
        return status;
    if (page_of_form(value) != WS_PAGE_NONE)
        take_form(check, page_of_form(value), tag);
    if (check_page(check, &told, tag))
        check_form(check, &told, tag);
    tag->n_values++;
    return ws_checked_has(checked, WS_REMEDY_LEAVE_VALUE) || check->checked.is_left_out
               ? WS_OK /* such a value replaces nothing */
               : check_step(check, tag, err);
}
