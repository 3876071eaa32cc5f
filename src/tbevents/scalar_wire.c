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
};

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

/** Of a Value without its own key and length. */
static size_t value_size(size_t tag_bytes)
{
    return 1 + varint_size(tag_bytes) + tag_bytes + 1 + sizeof(float);
}

size_t tbe_scalar_event_size(const tbe_scalar_event *event, size_t *summary_bytes)
{
    size_t summary = 0;
    for (size_t i = 0; i < event->n; i++) {
        const size_t size = value_size(event->tag_bytes[i]);
        summary += 1 + varint_size(size) + size;
    }
    *summary_bytes = summary;
    const size_t step = event->step != 0 ? 1 + varint_size((uint64_t)event->step) : 0;
    return 1 + sizeof(double) + step + 1 + varint_size(summary) + summary;
}

static uint8_t *put_value(uint8_t *out, const char *tag, size_t tag_bytes, float value)
{
    *out++ = KEY_VALUE;
    out = put_varint(out, value_size(tag_bytes));
    *out++ = KEY_TAG;
    out = put_varint(out, tag_bytes);
    memcpy(out, tag, tag_bytes);
    out += tag_bytes;
    *out++ = KEY_SIMPLE_VALUE; /* also of 0: it is one of several kinds of value */
    return tbe_put_float(out, value);
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
        out = put_value(out, event->tags[i], event->tag_bytes[i], event->values[i]);
}
