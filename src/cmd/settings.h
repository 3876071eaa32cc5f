/**
 * The settings of a run as a text that travels in its checkpoints: a line "flag=value" for each
 * flag that a resumed run takes over (see WS_FLAG_FIXED and WS_FLAG_KEPT).
 */
#ifndef WS_CMD_SETTINGS_H
#define WS_CMD_SETTINGS_H

#include "cmd/flags.h"
#include "report/report.h"

/** Whether a flag is one of them. */
bool ws_settings_have(const ws_flag *flag);

/** Writes them (free()); NULL when out of memory. */
char *ws_settings_write(const ws_flag_table *table, const void *values);

/** The same settings with their kinds, in one block (free()): [n]; NULL when out of memory. */
ws_report_setting *ws_settings_list(const ws_flag_table *table, const void *values, size_t *n);

/**
 * Takes over the settings of a checkpoint: each flag that is not given gets the checkpoint's value.
 *
 * @param text        as ws_settings_write gave it; changed in place, and borrowed by values
 * @param checkpoint  its name, for errors
 * @param given       [n_flags] which flags the user has set
 * @return WS_OK; WS_EUSAGE if a given flag contradicts a WS_FLAG_FIXED setting, naming both values;
 *         WS_EFORMAT if the text is not understood
 */
WS_MUST_CHECK ws_status ws_settings_read(const ws_flag_table *table, char *text,
                                         const char *checkpoint, const bool *given, void *values,
                                         ws_error *err);

#endif
