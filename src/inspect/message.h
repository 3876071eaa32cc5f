/** Messages of event files looked at byte by byte: what a decoder does not tell, but loaders trip
 *  over or pass by. */
#ifndef WS_INSPECT_MESSAGE_H
#define WS_INSPECT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

typedef struct ws_message_facts {
    bool has_bad_text;      /* a string, at any depth, is not UTF-8 */
    bool has_nul;           /* a string has a NUL, which protobuf-c takes for its end */
    bool has_unknown_field; /* that the descriptor does not name */
} ws_message_facts;

/** Adds what is found in a message's bytes. What is no message is no fact. */
void ws_message_look(const ProtobufCMessageDescriptor *descriptor, const uint8_t *bytes,
                     size_t size, ws_message_facts *facts);

/**
 * Decodes a message, with no more memory than real ones need for their size, and refuses texts
 * that are not UTF-8 as other decoders do.
 *
 * @param too_large  set to whether it failed for want of memory; it was then not looked at
 * @return the message, for protobuf_c_message_free_unpacked(message, NULL); NULL: it is not a
 * message
 */
ProtobufCMessage *ws_message_decode(const ProtobufCMessageDescriptor *descriptor,
                                    ProtobufCBinaryData bytes, bool *too_large);

#endif
