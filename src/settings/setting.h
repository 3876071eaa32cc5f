/** One setting of a run, as it is shown. */
#ifndef WS_SETTINGS_SETTING_H
#define WS_SETTINGS_SETTING_H

#include <stdbool.h>

typedef enum ws_setting_kind {
    WS_SETTING_TEXT,
    WS_SETTING_NUMBER,
    WS_SETTING_BOOL,
} ws_setting_kind;

/** A flag of a run and its value. */
typedef struct ws_setting {
    const char *name; /* without dashes */
    const char
        *value; /* as a user would write it; the default of a flag that the run does not read */
    const char *usual; /* the value without that flag: of the run's preset, else the default */
    ws_setting_kind kind;
    bool is_hparam; /* it influences the result, as the learning rate does and a path does not */
    bool is_read;   /* by such a run: adam_beta1 is read only with the optimizer adam */
} ws_setting;

#endif
