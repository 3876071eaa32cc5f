/**
 * Presets: named lists of flag values, each a recipe that is known to work. A flag that the user
 * gives wins over the preset's.
 */
#ifndef WS_SETTINGS_PRESET_H
#define WS_SETTINGS_PRESET_H

#include "settings/train_flags.h"

typedef struct ws_preset {
    const char *name;         /* the value of --preset */
    const char *summary;      /* what it is for: one or more sentences */
    const char *const *flags; /* "name=value" of flags of train, then NULL */
} ws_preset;

/** All presets: [n]. */
const ws_preset *ws_presets_get(size_t *n);

/** Finds one by name. @return WS_OK, or WS_EUSAGE with the list of names in err */
WS_MUST_CHECK ws_status ws_preset_find(const char *name, const ws_preset **preset, ws_error *err);

/**
 * Sets the values of the preset that options->preset names, but for those of flags that were given
 * or that a given flag replaces.
 *
 * @param flags    of ws_train_flags: which flags were given
 * @param options  changed
 * @return WS_OK; WS_EUSAGE for an unknown preset
 */
WS_MUST_CHECK ws_status ws_preset_apply(const ws_flags *flags, ws_train_options *options,
                                        ws_error *err);

#endif
