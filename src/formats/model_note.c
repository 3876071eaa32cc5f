#include "formats/model_note.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static const struct {
    const char *kind, *text;
} recipes[] = {
    {"mfcc",
     "samples within +-1; a frame each stride, multiplied by a periodic Hann window and padded "
     "with zeros to fft_length; magnitudes; 40 mel bands from 20 Hz to 4000 Hz (mel = 1127 ln(1 + "
     "f / 700)); natural logarithm, floor 1e-12; DCT-II times sqrt(2 / 40); the first frame_width "
     "of it"},
    {"average",
     "samples within +-1; a frame each stride, multiplied by a periodic Hann window and padded "
     "with zeros to fft_length; squared magnitudes, averaged over windows of "
     "floor(bins / feature_bin_count) bins, the last one perhaps over fewer"},
    {"micro",
     "int16 samples (1.0 is sample_scale); TensorFlow's AudioMicrofrontend; times 10 / 256"},
    {"micro_device",
     "int16 samples (1.0 is 32768); the C code of TensorFlow Lite Micro's front end; times 10 / "
     "256"},
    {"log_mel",
     "samples within +-1, mirrored at both ends, frame f centred on sample f * stride_samples; "
     "periodic Hann window; squared magnitudes; frame_width HTK mel bands from 0 to 8000 Hz; "
     "ln(x + 1e-6)"},
};

static const double training_sample_scale = 32768.0; /* of the micro features */

static const char *find_recipe(const char *kind)
{
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++)
        if (strcmp(recipes[i].kind, kind) == 0)
            return recipes[i].text;
    return "";
}

ws_status ws_model_note_write(const ws_frozen *frozen, const ws_text_list *labels, bool takes_sound,
                              char **text, ws_error *err)
{
    const ws_feature_options *o = &frozen->features;
    ws_feature_settings settings;

    const ws_status status = ws_feature_settings_init(o, &settings, err);
    if (status != WS_OK)
        return status;
    ws_json *note = ws_json_create();
    char *joined = labels != NULL ? ws_text_list_join(labels, ',') : NULL;
    if (joined != NULL)
        ws_json_set_text(note, "labels", joined);
    free(joined);
    if (takes_sound)
        ws_json_set_text(note, "takes", "samples");
    ws_json_set_text(note, "preprocess", o->preprocess);
    ws_json_set_whole(note, "sample_rate", o->sample_rate);
    ws_json_set_whole(note, "clip_duration_ms", o->clip_duration_ms);
    ws_json_set_real(note, "window_size_ms", o->window_size_ms);
    ws_json_set_real(note, "window_stride_ms", o->window_stride_ms);
    ws_json_set_whole(note, "feature_bin_count", o->feature_bin_count);
    if (strcmp(o->preprocess, "micro") == 0)
        ws_json_set_real(note, "sample_scale",
                         frozen->micro_sample_scale > 0.0f ? (double)frozen->micro_sample_scale
                                                           : training_sample_scale);
    ws_json_set_whole(note, "n_frames", (int64_t)settings.n_frames);
    ws_json_set_whole(note, "frame_width", (int64_t)settings.width);
    ws_json_set_whole(note, "window_samples", (int64_t)settings.window_samples);
    ws_json_set_whole(note, "stride_samples", (int64_t)settings.stride_samples);
    ws_json_set_whole(note, "fft_length", (int64_t)settings.fft_length);
    ws_json_set_text(note, "recipe", find_recipe(o->preprocess));
    *text = ws_json_write(note, (ws_json_style){.n_digits = 9});
    ws_json_destroy(note);
    return *text != NULL && (labels == NULL || joined != NULL)
               ? WS_OK
               : ws_fail_memory(err, "the metadata of a model");
}

const char *ws_model_note_find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++)
        if (strcmp(recipes[i].kind, name) == 0)
            return recipes[i].kind;
    return NULL;
}
