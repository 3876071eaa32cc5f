#include "tbevents/scalar_wire.h"

#include <string.h>

#include "tbevents/little_endian.h"

/* A field's key: its number times eight, and how its value is written. */
enum {
    KEY_WALL_TIME = 1 << 3 | 1,    /* Event, 8 bytes */
    KEY_STEP = 2 << 3 | 0,         /* Event, varint */
    KEY_SUMMARY = 5 << 3 | 2,      /* Event, length and bytes */
    KEY_VALUE = 1 << 3 | 2,        /* Summary, length and bytes */
    KEY_TAG = 1 << 3 | 2,          /* Value, length and bytes */
    KEY_SIMPLE_VALUE = 2 << 3 | 5, /* Value, 4 bytes */
    KEY_METADATA = 9 << 3 | 2,     /* Value, length and bytes */
    KEY_PLUGIN_DATA = 1 << 3 | 2,  /* Metadata, length and bytes */
    KEY_DISPLAY_NAME = 2 << 3 | 2, /* Metadata, length and bytes */
    KEY_DESCRIPTION = 3 << 3 | 2,  /* Metadata, length and bytes */
    KEY_DATA_CLASS = 4 << 3 | 0,   /* Metadata, varint */
    KEY_PLUGIN_NAME = 1 << 3 | 2,  /* Plugin data, length and bytes */
    CLASS_SCALAR = 1,              /* without it the data server drops the texts */
};

static const char plugin_name[] = "scalars";
enum { PLUGIN_BYTES = sizeof plugin_name - 1 };

static size_t varint_size(uint64_t value)
{
    size_t n = 1;
    for (; value >= 0x80; value >>= 7)
        n++;
    return n;
}

static uint8_t *put_varint(uint8_t *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *out++ = (uint8_t)(value | 0x80);
    *out++ = (uint8_t)value;
    return out;
}

/** Of a field of that many bytes, with its key and length. */
static size_t field_size(size_t n_bytes)
{
    return 1 + varint_size(n_bytes) + n_bytes;
}

static uint8_t *put_bytes(uint8_t *out, int key, const char *bytes, size_t n_bytes)
{
    *out++ = (uint8_t)key;
    out = put_varint(out, n_bytes);
    memcpy(out, bytes, n_bytes);
    return out + n_bytes;
}

/** Of an optional text. */
static size_t text_size(const char *text)
{
    return text != NULL ? field_size(strlen(text)) : 0;
}

static uint8_t *put_text(uint8_t *out, int key, const char *text)
{
    return text != NULL ? put_bytes(out, key, text, strlen(text)) : out;
}

/** Of the metadata without their own key and length. */
static size_t metadata_size(const tbe_note *note)
{
    return field_size(field_size(PLUGIN_BYTES)) + text_size(note->display_name) +
           text_size(note->description) + 2;
}

static uint8_t *put_metadata(uint8_t *out, const tbe_note *note)
{
    *out++ = KEY_METADATA;
    out = put_varint(out, metadata_size(note));
    *out++ = KEY_PLUGIN_DATA;
    out = put_varint(out, field_size(PLUGIN_BYTES));
    out = put_bytes(out, KEY_PLUGIN_NAME, plugin_name, PLUGIN_BYTES);
    out = put_text(out, KEY_DISPLAY_NAME, note->display_name);
    out = put_text(out, KEY_DESCRIPTION, note->description);
    *out++ = KEY_DATA_CLASS;
    *out++ = CLASS_SCALAR;
    return out;
}

static const tbe_note *find_note(const tbe_scalar_event *event, size_t i)
{
    return event->notes != NULL ? event->notes[i] : NULL;
}

/** Of a Value without its own key and length. */
static size_t value_size(size_t tag_bytes, const tbe_note *note)
{
    const size_t size = field_size(tag_bytes) + 1 + sizeof(float);
    return note != NULL ? size + field_size(metadata_size(note)) : size;
}

size_t tbe_scalar_event_size(const tbe_scalar_event *event, size_t *summary_bytes)
{
    size_t summary = 0;
    for (size_t i = 0; i < event->n; i++)
        summary += field_size(value_size(event->tag_bytes[i], find_note(event, i)));
    *summary_bytes = summary;
    const size_t step = event->step != 0 ? 1 + varint_size((uint64_t)event->step) : 0;
    return 1 + sizeof(double) + step + field_size(summary);
}

static uint8_t *put_value(uint8_t *out, const tbe_scalar_event *event, size_t i)
{
    const size_t tag_bytes = event->tag_bytes[i];
    const tbe_note *note = find_note(event, i);

    *out++ = KEY_VALUE;
    out = put_varint(out, value_size(tag_bytes, note));
    out = put_bytes(out, KEY_TAG, event->tags[i], tag_bytes);
    *out++ = KEY_SIMPLE_VALUE; /* also of 0: it is one of several kinds of value */
    out = tbe_put_float(out, event->values[i]);
    return note != NULL ? put_metadata(out, note) : out;
}

void tbe_scalar_event_write(const tbe_scalar_event *event, size_t summary_bytes, uint8_t *out)
{
    *out++ = KEY_WALL_TIME;
    out = tbe_put_double(out, event->wall_time);
    if (event->step != 0) {
        *out++ = KEY_STEP;
        out = put_varint(out, (uint64_t)event->step);
    }
    *out++ = KEY_SUMMARY;
    out = put_varint(out, summary_bytes);
    for (size_t i = 0; i < event->n; i++)
        out = put_value(out, event, i);
}
