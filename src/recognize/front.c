#include "recognize/front.h"

#include <math.h>

#include "base/softmax.h"

/* The factor by which the micro features multiply samples. */
static const float micro_scale = WS_SAMPLE_SCALE_TRAINING;

static ws_status check_model(const ws_frozen *model, const ws_feature_settings *settings,
                             ws_error *err)
{
    const size_t n_inputs = ws_frozen_n_features(model);
    const bool is_stream = ws_frozen_is_stream(model);

    if (is_stream ? n_inputs % settings->width != 0 : n_inputs != settings->size)
        return ws_fail(
            err, WS_EFORMAT,
            "the model's network takes %zu numbers, but its features are %zu (%zu frames "
            "of %zu)",
            n_inputs, settings->size, settings->n_frames, settings->width);
    for (size_t i = 0; i < model->graph.n_weights; i++) {
        if (!isfinite(model->parameters[i]))
            return ws_fail(err, WS_EFORMAT,
                           "the model's weights are not all finite numbers: its training went "
                           "wrong");
    }
    return WS_OK;
}

ws_status ws_front_init(const ws_frozen *model, ws_front *front, ws_error *err)
{
    *front = (ws_front){
        .n_labels = ws_frozen_n_labels(model),
        .gives_scores = model->lite != NULL,
        .scores = model->lite != NULL ? model->lite->graphs[0].outputs[0] : 0,
        .sample_scale =
            model->micro_sample_scale > 0.0f ? model->micro_sample_scale / micro_scale : 1.0f,
    };
    ws_status status = ws_feature_settings_init(&model->features, &front->settings, err);
    if (status == WS_OK)
        status = check_model(model, &front->settings, err);
    if (status == WS_OK && ws_frozen_is_stream(model))
        front->step = ws_frozen_n_features(model) / front->settings.width;
    return status;
}

/* Smaller than any score but zero that 8 bits hold. */
static const float least_score = 1e-9f;

void ws_front_run_lite(const ws_front *front, ws_lite_run *run, const float *features,
                       float *scores)
{
    ws_lite_run_write(run, 0, features);
    ws_lite_run_invoke(run);
    ws_lite_run_read(run, front->scores, scores);
    for (size_t k = 0; k < front->n_labels; k++)
        scores[k] = logf(scores[k] < least_score ? least_score : scores[k]);
}

static bool find_given_scores(const ws_front *front, const float *logits, float *scores)
{
    bool is_fine = true;

    for (size_t k = 0; k < front->n_labels; k++) {
        scores[k] = logits[k] <= logf(least_score) ? 0.0f : expf(logits[k]);
        is_fine = is_fine && isfinite(logits[k]);
    }
    return is_fine;
}

bool ws_front_find_scores(const ws_front *front, const float *logits, float *scores)
{
    double largest;

    if (front->gives_scores)
        return find_given_scores(front, logits, scores);
    const double sum = ws_softmax_sum(logits, front->n_labels, &largest);

    for (size_t k = 0; k < front->n_labels; k++)
        scores[k] = (float)(exp((double)logits[k] - largest) / sum);
    return isfinite(sum);
}
