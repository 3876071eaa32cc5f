/** One setting of a run, as it is shown. */
#ifndef WS_SETTINGS_SETTING_H
#define WS_SETTINGS_SETTING_H

#include <stdbool.h>

/** A flag of a run and its value. */
typedef struct ws_setting {
    const char *name;  /* without dashes */
    const char *value; /* as a user would write it */
    enum { WS_SETTING_TEXT, WS_SETTING_NUMBER, WS_SETTING_BOOL } kind;
    bool is_hparam; /* it influences the result, as the learning rate does and a path does not */
} ws_setting;

#endif
