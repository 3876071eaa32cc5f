#include "inspect/message.h"

#include <string.h>

#include "base/message.h"
#include "inspect/show.h"

/* Bytes of memory for each byte of a message, and for any. */
enum { MEMORY_FACTOR = 32, MEMORY_LEAST = 4096, MAX_DEPTH = 32 };

/* How a field's content is stored. */
enum { WIRE_VARINT, WIRE_64, WIRE_BYTES, WIRE_32 = 5 };

/** Bytes that are still to be looked at. */
typedef struct wire {
    const uint8_t *at, *end;
    bool is_broken;
} wire;

static uint64_t read_varint(wire *in)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && in->at < in->end; shift += 7) {
        const uint8_t byte = *in->at++;
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return value;
    }
    in->is_broken = true;
    return 0;
}

/** Steps over a field's content. @param content  set to the bytes, of a kind that has some */
static void read_content(wire *in, unsigned kind, wire *content)
{
    const uint64_t n = kind == WIRE_BYTES ? read_varint(in) : kind == WIRE_64 ? 8 : 4;

    *content = (wire){in->at, in->at, false};
    if (kind == WIRE_VARINT) {
        (void)read_varint(in);
    } else if (kind > WIRE_32 || kind == 3 || kind == 4 || n > (uint64_t)(in->end - in->at)) {
        in->is_broken = true;
    } else {
        content->end = in->at + n;
        in->at += n;
    }
}

static void look(const ProtobufCMessageDescriptor *descriptor, wire in, ws_message_facts *facts,
                 int depth)
{
    while (in.at < in.end && !in.is_broken && depth < MAX_DEPTH) {
        const uint64_t key = read_varint(&in);
        const unsigned kind = key & 7;
        wire content;
        read_content(&in, kind, &content);
        if (in.is_broken || key >> 3 > UINT32_MAX)
            return;
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(descriptor, (unsigned)(key >> 3));
        if (field == NULL) {
            facts->has_unknown_field = true;
        } else if (field->type == PROTOBUF_C_TYPE_MESSAGE && kind == WIRE_BYTES) {
            look(field->descriptor, content, facts, depth + 1);
        } else if (field->type == PROTOBUF_C_TYPE_STRING && kind == WIRE_BYTES) {
            const size_t n = (size_t)(content.end - content.at);
            facts->has_bad_text |= !ws_show_is_utf8(content.at, n);
            facts->has_nul |= n > 0 && memchr(content.at, 0, n) != NULL;
        }
    }
}

void ws_message_look(const ProtobufCMessageDescriptor *descriptor, const uint8_t *bytes,
                     size_t size, ws_message_facts *facts)
{
    if (size > 0)
        look(descriptor, (wire){bytes, bytes + size, false}, facts, 0);
}

ProtobufCMessage *ws_message_decode(const ProtobufCMessageDescriptor *descriptor,
                                    ProtobufCBinaryData bytes, bool *too_large)
{
    ws_message_memory memory;
    ws_message_facts facts = {.has_nul = false};

    *too_large = false;
    ws_message_look(descriptor, bytes.data, bytes.len, &facts);
    if (facts.has_bad_text)
        return NULL;
    ws_message_memory_init(&memory, MEMORY_LEAST + MEMORY_FACTOR * bytes.len);
    ProtobufCMessage *message =
        protobuf_c_message_unpack(descriptor, &memory.allocator, bytes.len, bytes.data);
    *too_large = message == NULL && memory.is_used_up;
    return message;
}
