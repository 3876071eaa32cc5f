#include "cmd/test_json.h"

#include <math.h>

#include "base/json.h"
#include "cmd/json_line.h"
#include "cmd/label_json.h"

static double round_share(double share)
{
    return round(share * 1e6) / 1e6;
}

static ws_json *make_heard_as(const ws_test_line *line, size_t label)
{
    const ws_confusion *confusion = line->exam->confusion;
    ws_json *made = ws_json_create();

    for (size_t i = 0; i < confusion->n_labels; i++) {
        const uint64_t count = confusion->counts[label * confusion->n_labels + i];
        if (count > 0)
            ws_json_set_whole(made, line->labels->items[i], (int64_t)count);
    }
    return made;
}

static ws_json *make_labels(const ws_test_line *line)
{
    const ws_confusion *confusion = line->exam->confusion;
    ws_json *list = ws_json_create_list();

    for (size_t i = 0; i < confusion->n_labels; i++) {
        ws_json *made = ws_json_create();
        ws_json_set_text(made, "label", line->labels->items[i]);
        ws_json_set_whole(made, "n_clips", (int64_t)ws_confusion_true_total(confusion, i));
        ws_json_set_real(made, "recall", round_share(ws_confusion_recall(confusion, i)));
        ws_json_set_real(made, "precision", round_share(ws_confusion_precision(confusion, i)));
        ws_json_set_child(made, "heard_as", make_heard_as(line, i));
        ws_json_push(list, made);
    }
    return list;
}

static ws_json *make_mistakes(const ws_test_line *line)
{
    ws_json *list = ws_json_create_list();

    for (size_t i = 0; i < line->n_mistakes; i++) {
        const ws_mistake *mistake = &line->mistakes[i];
        ws_json *made = ws_json_create();
        int32_t label = 0;
        ws_json_set_text(
            made, "file",
            line->clips->get(line->clips->user, line->exam->entries[mistake->row], &label));
        ws_json_set_text(made, "label", line->labels->items[mistake->said]);
        ws_json_set_text(made, "heard_as", line->labels->items[mistake->heard]);
        ws_json_set_real(made, "probability", round_share(mistake->sureness));
        ws_json_push(list, made);
    }
    return list;
}

ws_status ws_test_json_write(const char *path, const ws_test_line *line, ws_error *err)
{
    const ws_exam *exam = line->exam;

    const ws_status status = ws_label_json_check(line->labels, exam->confusion->n_labels, err);
    if (status != WS_OK)
        return status;
    ws_json *made = ws_json_create();
    ws_json_set_real(made, "accuracy", round_share(ws_confusion_accuracy(exam->confusion)));
    ws_json_set_whole(made, "n_clips", (int64_t)exam->n_clips);
    ws_json_set_whole(made, "n_skipped", (int64_t)exam->n_broken);
    ws_json_set_child(made, "labels", make_labels(line));
    ws_json_set_child(made, "mistakes", make_mistakes(line));
    return ws_json_line_write(path, made, err);
}
