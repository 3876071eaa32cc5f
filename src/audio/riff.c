#include "audio/riff.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { HEAD_BYTES = 8, ID_BYTES = 4, RATE_AT = 4, LEAST_FORMAT_BYTES = 14 };

static uint32_t u32le(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/** Where a walk stands. */
typedef struct walk {
    int fd;
    uint64_t file_bytes, offset;
    const char *path;
    bool has_format;
    bool lacked_pad; /* before the chunk at offset */
    ws_riff *riff;
} walk;

static void note_oddity(ws_riff *riff, ws_sound_oddity oddity)
{
    if (riff->oddity == WS_SOUND_AS_PROMISED)
        riff->oddity = oddity;
}

static bool is_id_at(int fd, uint64_t offset)
{
    static const char ids[][ID_BYTES + 1] = {"data", "fmt ", "LIST", "fact", "bext", "cue ",
                                             "id3 ", "ID3 ", "PEAK", "smpl", "inst", "JUNK",
                                             "junk", "iXML", "note", "labl", "_PMX", "afsp"};
    char id[ID_BYTES];

    if (pread(fd, id, sizeof id, (off_t)offset) != (ssize_t)sizeof id)
        return false;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        if (memcmp(id, ids[i], sizeof id) == 0)
            return true;
    }
    return false;
}

/** Whether a well-known chunk starts here and ends within the file. */
static bool is_chunk_at(const walk *w, uint64_t offset)
{
    unsigned char head[HEAD_BYTES];

    return is_id_at(w->fd, offset) &&
           pread(w->fd, head, sizeof head, (off_t)offset) == (ssize_t)sizeof head &&
           u32le(head + ID_BYTES) <= w->file_bytes - offset - HEAD_BYTES;
}

/** Goes past the content of a chunk. Chunks start at even places, but some writers forget that. */
static void skip_content(walk *w, uint64_t n_bytes)
{
    w->offset += n_bytes;
    w->lacked_pad = false;
    if (n_bytes % 2 == 0)
        return;
    w->lacked_pad = is_id_at(w->fd, w->offset) && !is_id_at(w->fd, w->offset + 1);
    w->offset += !w->lacked_pad;
}

static ws_status fail_no_sound(const char *path, ws_error *err)
{
    return ws_fail(err, WS_EFORMAT,
                   "%s: cut off: ends before any sound, expected a chunk \"data\" in the WAV file",
                   path);
}

static ws_status read_format(walk *w, uint64_t n_bytes, ws_error *err)
{
    unsigned char content[LEAST_FORMAT_BYTES];

    if (n_bytes > WS_RIFF_MAX_FORMAT_BYTES)
        return ws_fail(err, WS_ELIMIT, "%s: its chunk \"fmt \" has %lu bytes, at most %d are read",
                       w->path, (unsigned long)n_bytes, WS_RIFF_MAX_FORMAT_BYTES);
    if (n_bytes < sizeof content)
        return ws_fail(err, WS_EFORMAT,
                       "%s: its chunk \"fmt \" has %lu bytes, expected at least %d", w->path,
                       (unsigned long)n_bytes, LEAST_FORMAT_BYTES);
    if (pread(w->fd, content, sizeof content, (off_t)w->offset) != (ssize_t)sizeof content)
        return fail_no_sound(w->path, err);
    if (u32le(content + RATE_AT) == 0)
        return ws_fail(err, WS_EFORMAT, "%s: a sample rate of 0 Hz, expected at least 1", w->path);
    w->riff->format = (ws_riff_range){w->offset, n_bytes};
    w->has_format = true;
    return WS_OK;
}

/** A chunk of sound: as much of it as there is. *n_bytes, what its header says, becomes that. */
static ws_status read_part(walk *w, uint64_t *n_bytes, ws_error *err)
{
    ws_riff *riff = w->riff;
    const uint64_t left = w->file_bytes - w->offset, n_promised = *n_bytes;

    if (!w->has_format)
        return ws_fail(err, WS_EFORMAT, "%s: has no chunk \"fmt \" before its sound", w->path);
    if (n_promised == 0 && riff->n_parts == 0 && left > 0 && !is_chunk_at(w, w->offset)) {
        note_oddity(riff, WS_SOUND_LENGTH_0); /* its recorder did not come back to fill it in */
        *n_bytes = left;
    } else if (n_promised > left) {
        if (n_promised < WS_RIFF_UNKNOWN_BYTES) /* a writer into a pipe promises all it can */
            note_oddity(riff, WS_SOUND_SHORTER);
        *n_bytes = left;
    }
    if (*n_bytes == 0 && riff->n_parts > 0)
        return WS_OK;
    if (riff->n_parts == WS_RIFF_MAX_PARTS)
        return ws_fail(err, WS_ELIMIT, "%s: more than %d chunks of sound", w->path,
                       WS_RIFF_MAX_PARTS);
    if (w->lacked_pad)
        note_oddity(riff, WS_SOUND_WITHOUT_PAD);
    if (riff->n_parts > 0)
        note_oddity(riff, WS_SOUND_IN_PARTS);
    riff->parts[riff->n_parts++] = (ws_riff_range){w->offset, *n_bytes};
    return WS_OK;
}

ws_status ws_riff_read(int fd, uint64_t file_bytes, const char *path, ws_riff *riff, ws_error *err)
{
    unsigned char head[12];
    walk w = {
        .fd = fd, .file_bytes = file_bytes, .offset = sizeof head, .path = path, .riff = riff};

    *riff = (ws_riff){0};
    if (pread(fd, head, sizeof head, 0) != (ssize_t)sizeof head || memcmp(head, "RIFF", 4) != 0 ||
        memcmp(head + 8, "WAVE", 4) != 0)
        return WS_OK;
    for (int i = 0; i < WS_RIFF_MAX_CHUNKS && w.offset < file_bytes; i++) {
        ws_status status = WS_OK;
        if (pread(fd, head, HEAD_BYTES, (off_t)w.offset) != HEAD_BYTES)
            break;
        uint64_t n_bytes = u32le(head + ID_BYTES);
        w.offset += HEAD_BYTES;
        if (memcmp(head, "data", ID_BYTES) == 0)
            status = read_part(&w, &n_bytes, err);
        else if (memcmp(head, "fmt ", ID_BYTES) == 0 && !w.has_format)
            status = read_format(&w, n_bytes, err);
        if (status != WS_OK)
            return status;
        skip_content(&w, n_bytes);
    }
    return riff->n_parts > 0 ? WS_OK : fail_no_sound(path, err);
}
