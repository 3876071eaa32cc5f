/* wordspot label_wav_dir */
#include <stdlib.h>

#include "audio/sound.h"
#include "base/file.h"
#include "base/path.h"
#include "cmd/command.h"
#include "cmd/label.h"

/** Leaves hidden files out, as a shell's *.wav does. */
static bool is_sound_name(const char *name)
{
    return name[0] != '.' && ws_sound_has_name(name);
}

/** Appends the paths of the sound files in a directory, sorted. */
static ws_status list_sounds(const char *dir, ws_text_list *paths, ws_error *err)
{
    ws_text_list names = {0};

    if (dir[0] == '\0')
        return ws_fail(err, WS_EUSAGE, "--wav_dir is missing: the directory of the sound files");
    ws_status status = ws_dir_list(dir, &names, err);
    for (size_t i = 0; status == WS_OK && i < names.n_items; i++) {
        if (!is_sound_name(names.items[i]))
            continue;
        char *path = ws_path_join(dir, names.items[i]);
        if (path == NULL || ws_text_list_push(paths, path) != WS_OK)
            status = ws_fail_memory(err, "the names of files");
        free(path);
    }
    ws_text_list_deinit(&names);
    if (status == WS_OK && paths->n_items == 0)
        status = ws_fail(err, WS_ENOTFOUND,
                         "%s: has no sound file (*.wav, *.flac, *.mp3, ...); folders in it are "
                         "not searched",
                         dir);
    return status;
}

static int label(ws_flags *all)
{
    const ws_label_flags *flags = all->values;
    ws_error err = {.status = WS_OK};
    ws_text_list paths = {0};
    int code;

    if (list_sounds(flags->wav_dir, &paths, &err) != WS_OK)
        code = ws_command_fail(all->table->command, &err);
    else
        code = ws_label_run(&(ws_label_job){
            .flags = all,
            .paths = (const char *const *)paths.items,
            .n_files = paths.n_items,
            .heading = WS_LABEL_BASE_NAMES,
        });
    ws_text_list_deinit(&paths);
    return code;
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    ws_label_flags values = {.wav_dir = ""};

    (void)program;
    return ws_command_run_flags(&ws_label_wav_dir_flags, n_arguments, arguments, &values, label);
}

const ws_command ws_command_label_wav_dir = {
    .name = "label_wav_dir",
    .summary = "say which words are in the sound files of a directory",
    .table = &ws_label_wav_dir_flags,
    .run = run,
};
