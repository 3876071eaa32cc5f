/* wordspot label_wav */
#include "cmd/command.h"
#include "cmd/label.h"

/** The files: --wav first, then the operands. @param flags  its operands have room for one more */
static size_t list_files(ws_label_flags *flags)
{
    ws_operands *files = &flags->files;

    if (flags->wav[0] == '\0')
        return files->n_items;
    for (size_t i = files->n_items; i > 0; i--)
        files->items[i] = files->items[i - 1];
    files->items[0] = flags->wav;
    return ++files->n_items;
}

static int label(ws_flags *all)
{
    ws_label_flags *flags = all->values;
    ws_error err = {.status = WS_OK};
    const size_t n_files = list_files(flags);

    if (n_files == 0) {
        (void)ws_fail(&err, WS_EUSAGE,
                      "--wav is missing: which file, or files, shall be labelled?");
        return ws_command_fail(all->table->command, &err);
    }
    return ws_label_run(&(ws_label_job){
        .flags = all,
        .paths = flags->files.items,
        .n_files = n_files,
        .heading = n_files > 1 ? WS_LABEL_PATHS : WS_LABEL_NO_HEADING,
    });
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    ws_label_flags values = {.wav = ""};

    (void)program;
    return ws_command_run_flags(&ws_label_wav_flags, n_arguments, arguments, &values, label);
}

const ws_command ws_command_label_wav = {
    .name = "label_wav",
    .summary = "say which words are in sound files",
    .table = &ws_label_wav_flags,
    .run = run,
};
