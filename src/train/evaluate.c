#include "train/evaluate.h"

#include "train/pace.h"

ws_status ws_evaluate(ws_run *run, ws_set set, double *cross_entropy, bool *is_complete,
                      ws_error *err)
{
    const size_t n_clips = ws_index_n_clips(run->index, set);
    const size_t n_labels = run->labels.n_items;
    const char *activity = set == WS_SET_TESTING ? "test" : "validation";
    double sum = 0;
    size_t n_seen = 0;
    ws_pace pace;

    ws_confusion_reset(run->confusion);
    ws_pace_init(&pace, 0);
    *is_complete = true;
    for (size_t offset = 0; offset < n_clips; offset += run->batch_size) {
        size_t n = 0;
        if (set == WS_SET_TESTING && ws_run_stop_wanted(run)) {
            *is_complete = false;
            break;
        }
        const ws_status status =
            ws_source_read_evaluation(run->source, set, offset, run->batch_size,
                                      run->batch_features, run->batch_labels, &n, err);
        if (status != WS_OK)
            return status;
        ws_network_predict(run->network, run->batch_features, n, run->logits);
        ws_confusion_push(run->confusion, run->logits, run->batch_labels, n);
        if (n > 0)
            sum += (double)n * ws_cross_entropy(run->logits, run->batch_labels, n, n_labels);
        n_seen += n;
        const size_t n_done =
            offset + run->batch_size < n_clips ? offset + run->batch_size : n_clips;
        const ws_train_progress progress =
            ws_pace_push(&pace, activity, (int64_t)n_done, (int64_t)n_clips);
        if (run->hooks->show_progress != NULL)
            run->hooks->show_progress(run->hooks->user, &progress);
    }
    *cross_entropy = n_seen > 0 ? sum / (double)n_seen : 0.0;
    return WS_OK;
}
