/**
 * The parts of a run: what the options come to, and everything that training needs, made and
 * checked before the first step.
 */
#ifndef WS_TRAIN_RUN_H
#define WS_TRAIN_RUN_H

#include "audio/features.h"
#include "base/text.h"
#include "cluster/ranks.h"
#include "dataset/index.h"
#include "dataset/labels.h"
#include "dataset/noise.h"
#include "dataset/source.h"
#include "metrics/confusion.h"
#include "models/model.h"
#include "nn/network.h"
#include "report/report.h"
#include "train/observed.h"
#include "train/plateau.h"
#include "train/recipe.h"
#include "train/saver.h"
#include "train/targets.h"
#include "train/trainer.h"
#include "train/wake_data.h"

typedef struct ws_run {
    ws_train_options options; /* with the run's name filled in */
    const ws_train_hooks *hooks;
    ws_ranks *ranks;       /* borrowed, of the hooks; NULL: one process */
    uint64_t n_bytes_sent; /* by this rank in training steps */
    uint64_t n_messages_sent;
    uint8_t *marks; /* [ranks, files of the index] what each has met (dataset/source.h); owned,
                       NULL without ranks */
    double *waits;  /* [ranks] seconds of a step that each has waited for others; owned */
    bool is_writer; /* rank 0: it has a report and a saver, which others have not */
    /* from the options alone */
    ws_recipe recipe;
    ws_text_list labels;
    ws_feature_settings feature_settings;
    ws_source_options source_options; /* without its pointers until the data set is open */
    ws_graph graph;
    ws_engine engine;
    /* from the data set */
    ws_index *index;
    ws_noise *noise;
    ws_features *features;
    ws_source *source;
    ws_wake_data wake; /* instead of the four above, with --wake_word */
    /* the network and a batch for it */
    ws_network *network;
    size_t batch_size;          /* at most the size of the training set, as in the original */
    float *batch_features;      /* [batch_size, feature_settings.size] owned */
    int32_t *batch_labels;      /* [batch_size] owned */
    ws_targets *targets;        /* what a batch should come to; owned; NULL with --wake_word */
    float *logits;              /* [batch_size, n_labels] owned */
    ws_optimizer_memory memory; /* the optimiser's */
    float *averages;            /* [graph.n_weights] of --ema, owned; NULL without */
    ws_span *decayed;           /* [n_decayed] weights that decay, owned */
    size_t n_decayed;
    ws_confusion *confusion;
    /** What an evaluation finds: room for the larger set, owned. */
    struct {
        size_t *entries; /* [n] places in the set */
        int32_t *labels; /* [n] */
        float *logits;   /* [n, n_labels of the confusion] */
        ws_det det;      /* of a wake word */
        size_t *counts;  /* [ranks] rows of a round */
        size_t *ends;    /* [ranks] bytes */
    } evaluated;
    int64_t last_step;     /* made so far, by this process or the one that saved the checkpoint */
    bool lacks_validation; /* of last_step, which the checkpoint's process did not finish */
    ws_plateau plateau;    /* of the validations so far, in this process and those before */
    /* what it leaves behind */
    char *run_name;              /* owned */
    char *settings;              /* owned */
    ws_setting *report_settings; /* owned */
    ws_observed *observed;       /* owned, what the report sees */
    ws_report *report;
    ws_saver *saver;
} ws_run;

/**
 * Checks all that can be checked without the data set, and makes what needs nothing else.
 *
 * @param run  overwritten; ws_run_deinit() it, after a failure too
 */
WS_MUST_CHECK ws_status ws_run_init(ws_run *run, const ws_train_options *options,
                                    const ws_train_hooks *hooks, ws_error *err);

/** Opens the data set, and makes all other parts. */
WS_MUST_CHECK ws_status ws_run_open(ws_run *run, ws_train_start start, ws_error *err);

void ws_run_deinit(ws_run *run);

/** Whether it trains a wake word. */
bool ws_run_is_wake(const ws_run *run);

/** Clips of a set; of a wake word the recordings of its validation. */
size_t ws_run_n_clips(const ws_run *run, ws_set set);

/** How good the last evaluation was, 0 to 1, to choose checkpoints by: its accuracy; of a wake word
 *  the share of phrases heard with few false accepts. */
double ws_run_get_quality(const ws_run *run);

/** Counts what the network said of clips. A network of one label says yes where its logit is above
 *  0: it has two classes. @param logits  [n, labels of the network] */
void ws_run_push_confusion(ws_run *run, const float *logits, const int32_t *labels, size_t n);

/** Whether whoever started the run wants it to end. */
bool ws_run_stop_wanted(const ws_run *run);

#endif
