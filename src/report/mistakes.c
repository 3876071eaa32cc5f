/*
 * The worst mistakes of an evaluation, to look at and listen to: where the network was wrong and
 * most sure of it. Each rank is a tag, so that the page can go through the steps of a run.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/path.h"
#include "metrics/mistakes.h"
#include "plot/clip_plot.h"
#include "report/markdown.h"
#include "report/picture.h"

enum {
    N_SLOTS = 5, /* ranks: with the confusions, of validation and test, they fill a page */
    N_SHOWN = 9, /* evaluations of a run at most: the pages keep ten of a tag, and the sound
                    of all others would only fill the disk */
    MAX_TAG = 32,
    PAUSE_DIVISOR = 10, /* where there is no mistake: a tenth of a second of silence */
};

/* TensorBoard opens the first two groups of a page: pictures begin with "eval" and "review", curves
 * with "eval" and "eval_recall". */
static const char table_tag[] = "review/mistakes";

typedef struct mistakes_view {
    ws_picture_labels labels;
    ws_report_clip clip;          /* arrays owned: the clip that is shown */
    ws_mistake mistakes[N_SLOTS]; /* of the evaluation that is shown */
    size_t n_mistakes;
} mistakes_view;

static void destroy(void *state)
{
    mistakes_view *view = state;
    if (view == NULL)
        return;
    free(view->clip.samples);
    free(view->clip.decibels);
    free(view->clip.fingerprint);
    ws_picture_labels_deinit(&view->labels);
    free(view);
}

static ws_status make_clip(ws_report_clip *clip, const ws_report_sound *sound, ws_error *err)
{
    clip->samples = calloc(sound->n_samples, sizeof *clip->samples);
    clip->decibels =
        calloc(sound->n_spectrum_frames * sound->n_spectrum_bands, sizeof *clip->decibels);
    clip->fingerprint = calloc(sound->n_frames * sound->width, sizeof *clip->fingerprint);
    if (clip->samples == NULL || clip->decibels == NULL || clip->fingerprint == NULL)
        return ws_fail_memory(err, "a clip to be shown");
    return WS_OK;
}

static ws_status create(const ws_report_options *options, void **state, ws_error *err)
{
    mistakes_view *view = calloc(1, sizeof *view);
    if (view == NULL)
        return ws_fail_memory(err, "the worst mistakes");
    ws_status status = make_clip(&view->clip, &options->observation->sound, err);
    if (status == WS_OK)
        status = ws_picture_labels_init(&view->labels, options->observation, err);
    if (status == WS_OK)
        *state = view;
    else
        destroy(view);
    return status;
}

/** Whether an evaluation is one of those that are shown: the first, so that there is something to
 *  see, and then the last one of each of N_SHOWN - 1 parts of the run. It depends on nothing but
 *  its number, so a resumed run shows the same ones. */
static bool is_shown(const ws_evaluation *evaluation)
{
    const int64_t n_parts = N_SHOWN - 1;
    const int64_t number = evaluation->number, n = evaluation->n_planned;
    return number == 1 || number >= n || number * n_parts / n > (number - 1) * n_parts / n;
}

/** A tag belongs to one page, so pictures and sounds do not share one. */
static void write_tag(char tag[MAX_TAG], size_t slot, const char *suffix)
{
    (void)snprintf(tag, MAX_TAG, "review/mistake_%zu%s", slot + 1, suffix);
}

/** Draws the clip of a mistake again, as far as there are arrays for it. */
static ws_status redraw(const ws_report *report, const ws_evaluation *evaluation,
                        const ws_mistake *mistake, ws_report_clip *clip, ws_error *err)
{
    const ws_report_sound *sound = &ws_report_get_observation(report)->sound;
    return sound->redraw(sound->user, evaluation->place, evaluation->entries[mistake->row], clip,
                         err);
}

/** Where a clip is. */
static const char *find_clip_name(const ws_report_clip *clip)
{
    return clip->path == NULL ? "background noise" : ws_path_tail(clip->path);
}

/** Percent, 100 only if nothing is missing. */
static double find_percent(const ws_mistake *mistake)
{
    return floor(1000 * mistake->sureness) / 10;
}

static void add_picture(ws_report *report, const ws_evaluation *evaluation, size_t slot,
                        const ws_clip_plot_args *args)
{
    const ws_report_place place = evaluation->place;
    char tag[MAX_TAG];
    ws_canvas canvas;
    ws_error err;

    if (ws_clip_plot_run(args, &canvas, &err) != WS_OK) {
        ws_report_warn(report, err.message);
        return;
    }
    write_tag(tag, slot, "");
    (void)tbe_describe(ws_report_writer(report, place), tag, NULL,
                       "A clip that was taken for another word, how sure the network was of that, "
                       "and its file. Above its spectrogram, from 0 Hz to half the sample rate, "
                       "below the fingerprint that the network sees. 1 is the worst; the sound is "
                       "on the page Audio, the list on the page Text");
    ws_report_add_picture(report, place, evaluation->step, tag, &canvas);
    ws_canvas_deinit(&canvas);
}

static void add_sound(ws_report *report, const ws_evaluation *evaluation, size_t slot,
                      const mistakes_view *view, size_t n_samples)
{
    const ws_report_place place = evaluation->place;
    tbe_writer *writer = ws_report_writer(report, place);
    const ws_report_sound *sound = &ws_report_get_observation(report)->sound;
    char tag[MAX_TAG];
    tbe_audio audio;

    tbe_audio_init(&audio, sizeof audio);
    audio.format = TBE_SAMPLES_FLOAT;
    audio.sample_rate_hz = (uint32_t)sound->sample_rate_hz;
    audio.n_frames = n_samples < TBE_MAX_AUDIO_SAMPLES ? n_samples : TBE_MAX_AUDIO_SAMPLES;
    audio.samples = view->clip.samples;
    write_tag(tag, slot, "_sound");
    (void)tbe_describe(writer, tag, NULL,
                       "The clip of the picture of the same number on the page Images, as the "
                       "network heard it: cut or padded to its length");
    ws_report_check(report, place, tbe_add_audio(writer, evaluation->step, tag, &audio));
}

static void show_mistake(ws_report *report, mistakes_view *view, const ws_evaluation *evaluation,
                         size_t slot)
{
    const ws_mistake *mistake = &view->mistakes[slot];
    const ws_report_sound *sound = &ws_report_get_observation(report)->sound;
    const ws_report_clip *clip = &view->clip;
    char mark[16];
    ws_error err;

    if (redraw(report, evaluation, mistake, &view->clip, &err) != WS_OK) {
        /* it was there when it was evaluated */
        ws_report_warn(report, err.message);
        return;
    }
    (void)snprintf(mark, sizeof mark, "%.1f%%", find_percent(mistake));
    add_picture(
        report, evaluation, slot,
        &(ws_clip_plot_args){
            .said = view->labels.names[mistake->said],
            .heard = view->labels.names[mistake->heard],
            .mark = mark,
            .detail = find_clip_name(clip),
            .spectrogram = {clip->decibels, sound->n_spectrum_frames, sound->n_spectrum_bands},
            .fingerprint = {clip->fingerprint, sound->n_frames, sound->width},
        });
    add_sound(report, evaluation, slot, view, sound->n_samples);
}

/** Replaces what an earlier step showed at this rank; otherwise the page would still show that. */
static void show_none(ws_report *report, mistakes_view *view, const ws_evaluation *evaluation,
                      size_t slot)
{
    const ws_report_sound *sound = &ws_report_get_observation(report)->sound;
    const size_t pause = sound->sample_rate_hz / PAUSE_DIVISOR;
    const size_t n_samples = pause < sound->n_samples ? pause : sound->n_samples;

    add_picture(report, evaluation, slot,
                &(ws_clip_plot_args){.mark = "", .detail = "no further clip was taken wrongly"});
    for (size_t i = 0; i < n_samples; i++)
        view->clip.samples[i] = 0;
    add_sound(report, evaluation, slot, view, n_samples > 0 ? n_samples : 1);
}

static void add_table(ws_report *report, const mistakes_view *view, const ws_evaluation *evaluation)
{
    ws_buf text;

    ws_buf_init(&text, TBE_MAX_BODY_BYTES);
    ws_buf_push_string(&text,
                       view->n_mistakes > 0
                           ? "| rank | said | heard | how sure | clip |\n|---|---|---|---|---|\n"
                           : "There is no mistake.\n");
    for (size_t i = 0; i < view->n_mistakes; i++) {
        const ws_mistake *mistake = &view->mistakes[i];
        ws_report_clip clip = {.path = NULL};
        (void)redraw(report, evaluation, mistake, &clip, NULL); /* only its name: cannot fail */
        ws_buf_push_format(&text, "| %zu | ", i + 1);
        ws_markdown_push_code(&text, ws_report_label(report, mistake->said));
        ws_buf_push_string(&text, " | ");
        ws_markdown_push_code(&text, ws_report_label(report, mistake->heard));
        ws_buf_push_format(&text, " | %.1f %% | ", find_percent(mistake));
        ws_markdown_push_code(&text, find_clip_name(&clip));
        ws_buf_push_string(&text, " |\n");
    }
    ws_report_add_markdown(report, evaluation->place, evaluation->step, table_tag, &text);
}

static void push_evaluation(ws_report *report, void *state, const ws_evaluation *evaluation)
{
    mistakes_view *view = state;
    const ws_predictions predictions = {evaluation->n_clips, evaluation->confusion->n_labels,
                                        evaluation->labels, evaluation->logits};

    if (!is_shown(evaluation))
        return;
    view->n_mistakes = ws_mistakes_find(&predictions, N_SLOTS, view->mistakes);
    for (size_t slot = 0; slot < N_SLOTS; slot++) {
        if (slot < view->n_mistakes)
            show_mistake(report, view, evaluation, slot);
        else
            show_none(report, view, evaluation, slot);
    }
    add_table(report, view, evaluation);
}

const ws_view ws_view_mistakes = {
    .name = "mistakes",
    .create = create,
    .destroy = destroy,
    .push_evaluation = push_evaluation,
};
