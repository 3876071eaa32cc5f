#include "cmd/test_events.h"

#include <stdlib.h>
#include <string.h>

#include "dataset/labels.h"
#include "nn/network.h"
#include "report/report.h"
#include "train/run_name.h"

/** How many of the first labels are no words. */
static size_t count_fixed_labels(const ws_text_list *labels)
{
    const bool are_fixed = labels->n_items > WS_N_FIXED_LABELS &&
                           strcmp(labels->items[WS_SILENCE_INDEX], WS_LABEL_SILENCE) == 0 &&
                           strcmp(labels->items[WS_UNKNOWN_INDEX], WS_LABEL_UNKNOWN) == 0;
    return are_fixed ? WS_N_FIXED_LABELS : 0;
}

static ws_status write_report(const ws_test_run *run, const char *name, ws_error *err)
{
    const ws_exam *exam = run->exam;
    const size_t n_labels = run->labels->n_items;
    const ws_observation observation = {
        .labels = (const char *const *)run->labels->items,
        .n_labels = n_labels,
        .n_fixed_labels = count_fixed_labels(run->labels),
    };
    ws_report *report;

    const ws_status status = ws_report_create(&report,
                                              &(ws_report_options){
                                                  .summaries_dir = run->summaries_dir,
                                                  .run_name = name,
                                                  .views = "scalars,confusion",
                                                  .is_test_alone = true,
                                                  .observation = &observation,
                                                  .log = run->log,
                                              },
                                              err);
    if (status != WS_OK)
        return status;
    ws_report_push_evaluation(report, &(ws_evaluation){
                                          .place = WS_REPORT_TEST,
                                          .is_last = true,
                                          .number = 1,
                                          .n_planned = 1,
                                          .confusion = exam->confusion,
                                          .cross_entropy = ws_cross_entropy(
                                              exam->logits, exam->labels, exam->n_clips, n_labels),
                                          .n_clips = exam->n_clips,
                                          .entries = exam->entries,
                                          .labels = exam->labels,
                                          .logits = exam->logits,
                                      });
    ws_report_destroy(report);
    ws_log_write(run->log, WS_LOG_INFO, "Event files: %s/%s (tensorboard --logdir=%s)",
                 run->summaries_dir, name, run->summaries_dir);
    return WS_OK;
}

ws_status ws_test_events_write(const ws_test_run *run, ws_error *err)
{
    char *name;

    ws_status status = ws_run_name_check(run->run_name, true, err);
    if (status == WS_OK)
        status = ws_run_name_claim(run->summaries_dir, "test", run->run_name, false, &name, err);
    if (status != WS_OK)
        return status;
    status = write_report(run, name, err);
    if (status != WS_OK)
        ws_run_name_release(run->summaries_dir, name);
    free(name);
    return status;
}
