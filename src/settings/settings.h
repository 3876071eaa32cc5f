/**
 * The settings of a run: the values of those flags that a resumed run takes over (WS_FLAG_FIXED and
 * WS_FLAG_KEPT). They travel in its checkpoints as text, one line "flag=value" each.
 */
#ifndef WS_SETTINGS_SETTINGS_H
#define WS_SETTINGS_SETTINGS_H

#include "settings/setting.h"
#include "settings/train_flags.h"

/** Name of the checkpoint's entry that holds the text. */
#define WS_SETTINGS_ENTRY "wordspot/settings"

/** Whether a flag is one of them. */
bool ws_settings_have(const ws_flag *flag);

/** The text for a checkpoint (free()); NULL when out of memory. */
char *ws_settings_write(const ws_train_options *options);

/** The settings with their kinds and their usual values, in one block (free()): [n]; NULL when out
 *  of memory. */
ws_setting *ws_settings_list(const ws_train_options *options, size_t *n);

/**
 * Reads the text from a checkpoint.
 *
 * @param checkpoint  its prefix, as ws_checkpoint_locate gives it
 * @param text        set to the text (free()), or NULL if the checkpoint has none: TensorFlow wrote
 * it
 * @return WS_OK; WS_ENOTFOUND, WS_EFORMAT, WS_EIO as for any checkpoint; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_settings_load(const char *checkpoint, char **text, ws_error *err);

/**
 * Whether a flag of ws_train_flags is read in a run with such options, as adam_beta1 is only with
 * Adam.
 *
 * @param options  complete: with the preset and the checkpoint's settings
 * @return WS_OK; WS_EUSAGE naming the flag, and the flag that it depends on
 */
WS_MUST_CHECK ws_status ws_settings_check_flag(const ws_flag *flag, const ws_train_options *options,
                                               ws_error *err);

/**
 * Whether each given flag is read in a run with such options. One that is not, as adam_beta1
 * without Adam, may still come from a preset or a checkpoint.
 *
 * @param flags    of ws_train_flags, or of a table whose base that is
 * @param options  complete: with the preset and the checkpoint's settings
 * @return WS_OK; WS_EUSAGE naming the first flag that is not read, and the flag that it depends on
 */
WS_MUST_CHECK ws_status ws_settings_check_read(const ws_flags *flags,
                                               const ws_train_options *options, ws_error *err);

/** The value of one setting of a text (free()); NULL if it is not there, or when out of memory. */
char *ws_settings_get(const char *text, const char *name);

/** What a given flag may change. */
typedef enum ws_settings_use {
    WS_SETTINGS_RESUME, /* the run continues: only WS_FLAG_KEPT settings may change */
    WS_SETTINGS_AS_IS,  /* the trained model is used: nothing may change */
    /* a new run starts from the weights: WS_FLAG_OF_ONE_RUN settings may change, too. Its name, its
     * steps and its learning rates are never the checkpoint's */
    WS_SETTINGS_TRANSFER,
} ws_settings_use;

/** The name of the first given WS_FLAG_OF_ONE_RUN flag that differs from the text; NULL if all
 * agree: then the flags may be those of the same run. */
const char *ws_settings_find_change(const ws_flags *flags, const char *text);

/**
 * Takes over the settings of a checkpoint: each flag that was not given gets the checkpoint's
 * value.
 *
 * @param text        as ws_settings_load gave it
 * @param checkpoint  its name, for errors
 * @param flags       of ws_train_flags, or of a table whose base that is
 * @return WS_OK; WS_EUSAGE if a given flag contradicts a setting that must not change, naming both
 *         values; WS_EFORMAT naming the checkpoint if the text is not understood; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_settings_take(ws_flags *flags, const char *text, const char *checkpoint,
                                         ws_settings_use use, ws_error *err);

#endif
