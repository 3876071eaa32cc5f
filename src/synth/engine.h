/**
 * Text-to-speech programs as plug-ins: one file each, one row in a table of engine.c. Private to
 * synth.
 */
#ifndef WS_SYNTH_ENGINE_H
#define WS_SYNTH_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { WS_SYNTH_VOICE_BYTES = 48, WS_SYNTH_MAX_VOICES = 512 };

/** One thing to say. All pointers are borrowed. */
typedef struct ws_synth_saying {
    const char *text;     /* letters, blanks, "'" and "-" */
    const char *phonemes; /* espeak-ng's, for engines that take them; NULL: the text only */
    char voice[WS_SYNTH_VOICE_BYTES];
    double speed, pitch; /* factors of what the voice does by itself, as far as the engine can */
    size_t number;       /* of the clip, for commands */
    const char *path;    /* of the WAV file to be written, at any rate */
    double max_seconds;  /* that saying it may take, above 0 */
} ws_synth_saying;

typedef struct ws_synth_engine {
    const char *name;    /* for --engines */
    const char *program; /* looked up in PATH; NULL: a command is given */
    const char *package; /* of Debian */
    const char *licence; /* of the program and its voices */
    double share;        /* of the clips, against those of the other engines that are there */
    double most_size;    /* largest factor by which a voice is made larger or smaller afterwards */
    size_t n_voices;
    void (*get_voice)(size_t i, char voice[WS_SYNTH_VOICE_BYTES]);
    /**
     * Asks the program for its version and voices.
     *
     * @param version    set to one line (free())
     * @param has_voice  [n_voices] set
     * @return WS_OK; WS_ENOTFOUND if it is not installed, or has no voice (err names the package)
     */
    ws_status (*find)(const char *program, char **version, bool *has_voice, ws_error *err);
    /** Says all of it. @return WS_OK; WS_EFORMAT with what could not be said; WS_ELIMIT if it
     *  takes too long */
    ws_status (*speak)(const char *program, const ws_synth_saying *sayings, size_t n,
                       ws_error *err);
} ws_synth_engine;

extern const ws_synth_engine ws_synth_engine_espeak;
extern const ws_synth_engine ws_synth_engine_flite;
extern const ws_synth_engine ws_synth_engine_festival;
extern const ws_synth_engine ws_synth_engine_command;

/** An engine that is installed, with its voices. */
typedef struct ws_synth_found {
    const ws_synth_engine *engine;
    const char *program; /* borrowed: a name, a path or a command */
    char *version;       /* owned */
    size_t voices[WS_SYNTH_MAX_VOICES];
    size_t n_voices;
} ws_synth_found;

enum { WS_SYNTH_MAX_ENGINES = 8 };

/** The engines of a run. */
typedef struct ws_synth_engines {
    ws_synth_found *items; /* [n_items] owned */
    size_t n_items;
    char *missing; /* a sentence about engines that are not installed (owned); NULL: all are */
} ws_synth_engines;

/** What --engines and --tts_command say; both borrowed. */
typedef struct ws_synth_engine_choice {
    const char *names;   /* a comma list; "" for those that are installed */
    const char *command; /* "" for none */
    const char *espeak;  /* the program espeak-ng */
} ws_synth_engine_choice;

/**
 * Finds the engines. One that is named has to be there.
 *
 * @return WS_OK; WS_ENOTFOUND if one that is named, or every one, is missing; WS_EUSAGE for an
 *         unknown name or a command without {out}
 */
WS_MUST_CHECK ws_status ws_synth_engines_init(ws_synth_engines *engines,
                                              const ws_synth_engine_choice *choice, ws_error *err);
/** All zeros is fine. */
void ws_synth_engines_deinit(ws_synth_engines *engines);

/** The first line of what a program says to an argument (free()), for engines' find().
 *  @return WS_OK; WS_ENOTFOUND naming the package; WS_EIO if it says nothing */
WS_MUST_CHECK ws_status ws_synth_ask(const ws_synth_engine *engine, const char *program,
                                     const char *argument, char **line, ws_error *err);

#endif
