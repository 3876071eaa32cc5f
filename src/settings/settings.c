#include "settings/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "checkpoint/bundle.h"
#include "settings/preset.h"

enum { MAX_SETTINGS_BYTES = 1 << 20, MAX_SHOWN = 40 };

bool ws_settings_have(const ws_flag *flag)
{
    return (flag->traits & (WS_FLAG_FIXED | WS_FLAG_KEPT)) != 0;
}

char *ws_settings_write(const ws_train_options *options)
{
    char value[WS_FLAG_MAX_TEXT];
    ws_buf text;

    ws_buf_init(&text, MAX_SETTINGS_BYTES);
    for (size_t i = 0; i < ws_train_flags.n_flags; i++) {
        const ws_flag *flag = &ws_train_flags.flags[i];
        if (!ws_settings_have(flag))
            continue;
        ws_flag_get_text(flag, options, value, sizeof value);
        ws_buf_push_format(&text, "%s=%s\n", flag->name, value);
    }
    char *taken = ws_buf_take_string(&text);
    ws_buf_deinit(&text);
    return taken;
}

/** What kind of setting a flag is; a list of numbers is a text, as no single number is in it. */
static ws_setting_kind kind_of(const ws_flag *flag)
{
    if (flag->type == WS_FLAG_BOOL)
        return WS_SETTING_BOOL;
    return flag->type == WS_FLAG_WHOLE || flag->type == WS_FLAG_REAL ? WS_SETTING_NUMBER
                                                                     : WS_SETTING_TEXT;
}

/** The flag that switches on what this one belongs to: its own name begins with that flag's; or
 *  NULL. */
static const ws_flag *find_switch(const ws_flag *flag)
{
    for (size_t i = 0; i < ws_train_flags.n_flags; i++) {
        const char *name = ws_train_flags.flags[i].name;
        const size_t n = strlen(name);
        if (strncmp(flag->name, name, n) == 0 && flag->name[n] == '_')
            return &ws_train_flags.flags[i];
    }
    return NULL;
}

static bool is_switched_on(const ws_flag *flag, const ws_train_options *options)
{
    const ws_flag *owner = find_switch(flag);

    return owner == NULL || !ws_train_flags_is_default(options, owner->name);
}

/** Whether the optimiser reads the flag: its name has the first word of the flag's. */
static bool is_of_optimizer(const ws_flag *flag, const ws_train_options *options)
{
    const char *at = options->optimizer;
    const size_t n = strcspn(flag->name, "_");

    while (*at != '\0' && strncmp(at, flag->name, n) != 0)
        at++;
    return *at != '\0';
}

/** Whether it is of the network: its name begins with the network's. */
static bool is_of_network(const ws_flag *flag, const ws_train_options *options)
{
    const size_t n = strlen(options->model_architecture);

    return strncmp(flag->name, options->model_architecture, n) == 0 && flag->name[n] == '_';
}

/** The traits because of which nothing reads the flag in a run with such options; 0 if it is read.
 */
static unsigned find_idle_traits(const ws_flag *flag, const ws_train_options *options)
{
    unsigned idle = 0;

    if (!is_of_network(flag, options))
        idle |= WS_FLAG_OF_NETWORK;
    if (!is_of_optimizer(flag, options))
        idle |= WS_FLAG_OF_OPTIMIZER;
    if (!is_switched_on(flag, options))
        idle |= WS_FLAG_OF_SWITCH;
    return idle & flag->traits;
}

ws_status ws_settings_check_flag(const ws_flag *flag, const ws_train_options *options,
                                 ws_error *err)
{
    const unsigned idle = find_idle_traits(flag, options);
    const int n = (int)strcspn(flag->name, "_");

    if (idle == 0)
        return WS_OK;
    if ((idle & WS_FLAG_OF_NETWORK) != 0)
        return ws_fail(err, WS_EUSAGE,
                       "--%s has no effect with --model_architecture=%.200s; expected "
                       "--model_architecture=%.*s",
                       flag->name, options->model_architecture, n, flag->name);
    if ((idle & WS_FLAG_OF_OPTIMIZER) != 0)
        return ws_fail(err, WS_EUSAGE,
                       "--%s has no effect with --optimizer=%.200s; expected an optimizer with "
                       "\"%.*s\" in its name",
                       flag->name, options->optimizer, n, flag->name);
    return ws_fail(err, WS_EUSAGE, "--%s has no effect without --%s; expected both or neither",
                   flag->name, find_switch(flag)->name);
}

ws_status ws_settings_check_read(const ws_flags *flags, const ws_train_options *options,
                                 ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < ws_train_flags.n_flags; i++) {
        const ws_flag *flag = &ws_train_flags.flags[i];
        if (ws_train_flags_is_given(flags, flag->name))
            status = ws_settings_check_flag(flag, options, err);
    }
    return status;
}

/** Where the value of a setting comes from. */
typedef struct value_sources {
    const ws_train_options *options;
    ws_train_options defaults, usual; /* without any flag; with the preset's values */
} value_sources;

/** A preset that this version does not know counts as no preset. */
static ws_status init_sources(value_sources *sources, const ws_train_options *options)
{
    ws_flags flags;
    const ws_status status = ws_flags_init(&flags, &ws_train_flags, &sources->usual, NULL);

    if (status != WS_OK)
        return status;
    sources->options = options;
    sources->defaults = sources->usual;
    sources->usual.preset = options->preset;
    if (ws_preset_apply(&flags, &sources->usual, NULL) != WS_OK)
        sources->usual = sources->defaults;
    sources->usual.preset = sources->defaults.preset;
    ws_flags_deinit(&flags);
    return WS_OK;
}

/** For each setting its value and the usual one, each with its NUL. */
static void push_values(const value_sources *sources, ws_buf *texts)
{
    char value[WS_FLAG_MAX_TEXT];

    for (size_t i = 0; i < ws_train_flags.n_flags; i++) {
        const ws_flag *flag = &ws_train_flags.flags[i];
        const bool is_idle = find_idle_traits(flag, sources->options) != 0;
        if (!ws_settings_have(flag))
            continue;
        ws_flag_get_text(flag, is_idle ? &sources->defaults : sources->options, value,
                         sizeof value);
        ws_buf_push(texts, value, strlen(value) + 1);
        ws_flag_get_text(flag, is_idle ? &sources->defaults : &sources->usual, value, sizeof value);
        ws_buf_push(texts, value, strlen(value) + 1);
    }
}

static void fill_settings(ws_setting *list, size_t *n, const char *values,
                          const ws_train_options *options)
{
    for (size_t i = 0; i < ws_train_flags.n_flags; i++) {
        const ws_flag *flag = &ws_train_flags.flags[i];
        if (!ws_settings_have(flag))
            continue;
        const char *usual = values + strlen(values) + 1;
        list[(*n)++] = (ws_setting){
            .name = flag->name,
            .value = values,
            .usual = usual,
            .kind = kind_of(flag),
            .is_hparam = (flag->traits & WS_FLAG_HPARAM) != 0,
            .is_read = find_idle_traits(flag, options) == 0,
        };
        values = usual + strlen(usual) + 1;
    }
}

ws_setting *ws_settings_list(const ws_train_options *options, size_t *n)
{
    const size_t n_flags = ws_train_flags.n_flags;
    value_sources sources = {.options = NULL};
    ws_setting *list = NULL;
    ws_buf texts;

    *n = 0;
    ws_buf_init(&texts, MAX_SETTINGS_BYTES);
    const ws_status status = init_sources(&sources, options);
    if (status == WS_OK)
        push_values(&sources, &texts);
    if (status == WS_OK && texts.status == WS_OK)
        list = malloc(n_flags * sizeof *list + texts.size);
    if (list != NULL) {
        char *values = (char *)(list + n_flags);
        memcpy(values, texts.data, texts.size);
        fill_settings(list, n, values, options);
    }
    ws_buf_deinit(&texts);
    return list;
}

ws_status ws_settings_load(const char *checkpoint, char **text, ws_error *err)
{
    ws_bundle *bundle = NULL;

    *text = NULL;
    ws_status status = ws_bundle_open(&bundle, checkpoint, err);
    if (status == WS_OK && ws_bundle_find(bundle, WS_SETTINGS_ENTRY) != NULL)
        status =
            ws_bundle_read_string(bundle, WS_SETTINGS_ENTRY, MAX_SETTINGS_BYTES, text, NULL, err);
    ws_bundle_close(bundle);
    return status;
}

/** The value of a line, if it is the setting of that name; not terminated. */
static const char *value_of(const char *line, const char *name)
{
    const size_t n = strlen(name);
    return strncmp(line, name, n) == 0 && line[n] == '=' ? line + n + 1 : NULL;
}

char *ws_settings_get(const char *text, const char *name)
{
    for (const char *line = text; line != NULL && *line != '\0';) {
        const char *value = value_of(line, name);
        if (value != NULL)
            return ws_text_format("%.*s", (int)strcspn(value, "\n"), value);
        line = strchr(line, '\n');
        if (line != NULL)
            line++;
    }
    return NULL;
}

/** A taking over under way. */
typedef struct taking {
    const ws_flags *flags;
    ws_train_options *options;
    const char *checkpoint;
    ws_settings_use use;
} taking;

const char *ws_settings_find_change(const ws_flags *flags, const char *text)
{
    const ws_train_options *options = ws_train_flags_get_options(flags);
    char current[WS_FLAG_MAX_TEXT];

    for (size_t i = 0; i < ws_train_flags.n_flags; i++) {
        const ws_flag *flag = &ws_train_flags.flags[i];
        if (!(flag->traits & WS_FLAG_OF_ONE_RUN) || !ws_train_flags_is_given(flags, flag->name))
            continue;
        char *value = ws_settings_get(text, flag->name);
        ws_flag_get_text(flag, options, current, sizeof current);
        const bool is_changed = value != NULL && strcmp(value, current) != 0;
        free(value);
        if (is_changed)
            return flag->name;
    }
    return NULL;
}

/** Whether the flag may differ from the checkpoint's value. */
static bool may_change(const ws_flag *flag, ws_settings_use use)
{
    if (use == WS_SETTINGS_AS_IS)
        return false;
    return !(flag->traits & WS_FLAG_FIXED) ||
           (use == WS_SETTINGS_TRANSFER && (flag->traits & WS_FLAG_OF_ONE_RUN));
}

/** Whether a new run that starts from weights leaves the setting to its own flags. */
static bool is_left_out(const char *name, ws_settings_use use)
{
    static const char *const names[] = {
        "run_name", "how_many_training_steps", "epochs", "learning_rate", "schedule", "warmup"};

    for (size_t i = 0; use == WS_SETTINGS_TRANSFER && i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/** A given flag against the checkpoint's value. */
static ws_status check_given(const taking *all, const ws_flag *flag, const char *value,
                             ws_error *err)
{
    char current[WS_FLAG_MAX_TEXT];

    if (may_change(flag, all->use))
        return WS_OK;
    ws_flag_get_text(flag, all->options, current, sizeof current);
    if (strcmp(current, value) == 0)
        return WS_OK;
    return ws_fail(
        err, WS_EUSAGE,
        "--%s=%.200s contradicts the checkpoint %.300s, which was trained with "
        "--%s=%.200s: leave the flag out%s",
        flag->name, current, all->checkpoint, flag->name, value,
        all->use != WS_SETTINGS_AS_IS ? ", or start from scratch without --start_checkpoint" : "");
}

static ws_status take_setting(const taking *all, const char *name, const char *value, ws_error *err)
{
    const size_t index = ws_flags_find(&ws_train_flags, name);
    ws_error fault = {.status = WS_OK};

    if (index == ws_train_flags.n_flags || !ws_settings_have(&ws_train_flags.flags[index]))
        return ws_fail(err, WS_EFORMAT,
                       "%.300s: has a setting \"%.100s\", which this version does not know",
                       all->checkpoint, name);
    const ws_flag *flag = &ws_train_flags.flags[index];
    if (ws_train_flags_is_given(all->flags, name))
        return check_given(all, flag, value, err);
    if (is_left_out(name, all->use) || ws_train_flags_is_replaced(all->flags, name))
        return WS_OK;
    if (ws_flag_put(flag, value, all->options, &fault) != WS_OK)
        return ws_fail(err, WS_EFORMAT, "%.300s: its setting %.600s", all->checkpoint,
                       fault.message);
    return WS_OK;
}

ws_status ws_settings_take(ws_flags *flags, const char *text, const char *checkpoint,
                           ws_settings_use use, ws_error *err)
{
    const taking all = {.flags = flags,
                        .options = ws_train_flags_get_options(flags),
                        .checkpoint = checkpoint,
                        .use = use};
    ws_status status = WS_OK;

    if (ws_text_list_push(&flags->texts, text) != WS_OK) /* values point into this copy */
        return ws_fail_memory(err, "the settings of a checkpoint");
    char *line = flags->texts.items[flags->texts.n_items - 1];
    while (status == WS_OK && *line != '\0') {
        char *end = strchr(line, '\n');
        char *sign = strchr(line, '=');
        const int length = (int)strcspn(line, "\n");
        if (end == NULL || sign == NULL || sign > end)
            return ws_fail(err, WS_EFORMAT,
                           "%.300s: its settings are not understood at \"%.*s\", expected "
                           "flag=value on each line",
                           checkpoint, length < MAX_SHOWN ? length : MAX_SHOWN, line);
        *end = '\0';
        *sign = '\0';
        status = take_setting(&all, line, sign + 1, err);
        line = end + 1;
    }
    return status;
}
