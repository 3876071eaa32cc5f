#include "formats/feature_source.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "audio/feature_range.h"
#include "base/path.h"
#include "base/utf8.h"

enum { PER_LINE = 10, MAX_BYTE = 255 };

static void push_path(ws_buf *out, const char *path)
{
    char before = '\0';

    while (*path != '\0') {
        uint32_t code;
        const size_t n = ws_utf8_read(path, &code);
        if ((before == '*' && *path == '/') || (before == '/' && *path == '*'))
            ws_buf_push_string(out, "\"\"");
        before = *path;
        if (n > 0)
            ws_buf_push(out, path, n);
        else
            ws_buf_push_byte(out, '?');
        path += n > 0 ? n : 1;
    }
}

static void push_path_flag(ws_buf *out, const char *name, const char *path)
{
    ws_buf_push_format(out, " * --%s=\"", name);
    push_path(out, path);
    ws_buf_push_string(out, "\" \\\n");
}

static void push_comment(ws_buf *out, const ws_feature_source *source)
{
    const ws_feature_options *options = source->options;

    ws_buf_push_string(out, "/* File automatically created by\n"
                            " * tensorflow/examples/speech_commands/wav_to_features.py \\\n");
    ws_buf_push_format(out, " * --sample_rate=%lld \\\n", (long long)options->sample_rate);
    ws_buf_push_format(out, " * --clip_duration_ms=%lld \\\n",
                       (long long)options->clip_duration_ms);
    ws_buf_push_format(out, " * --window_size_ms=%.15g \\\n", options->window_size_ms);
    ws_buf_push_format(out, " * --window_stride_ms=%.15g \\\n", options->window_stride_ms);
    ws_buf_push_format(out, " * --feature_bin_count=%lld \\\n",
                       (long long)options->feature_bin_count);
    if (source->is_quantized)
        ws_buf_push_string(out, " * --quantize=1 \\\n");
    ws_buf_push_format(out, " * --preprocess=\"%s\" \\\n", options->preprocess);
    push_path_flag(out, "input_wav", source->input_wav);
    push_path_flag(out, "output_c_file", source->output_c_file);
    ws_buf_push_string(out, " */\n\n");
}

/** The character as an identifier has it, independent of the locale. */
static char identifier_character(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
}

/** Appends g_ and the sound file's name, with the characters that an identifier allows. */
static void push_name(ws_buf *out, const char *path)
{
    const char *base = ws_path_base(path);
    const char *first = base + strspn(base, "."); /* a name of dots has no suffix */
    const char *dot = strrchr(first, '.');
    const char *end = dot != NULL ? dot : base + strlen(base);

    ws_buf_push_string(out, "g_");
    for (const char *p = base; p < end;) {
        uint32_t code;
        const size_t n = ws_utf8_read(p, &code);
        ws_buf_push_byte(out, (unsigned char)identifier_character(*p));
        p += n > 0 ? n : 1;
    }
}

static void push_declaration(ws_buf *out, const ws_feature_source *source, const char *type,
                             const char *what)
{
    ws_buf_push_format(out, "const %s ", type);
    push_name(out, source->input_wav);
    ws_buf_push_string(out, what);
}

unsigned char ws_feature_source_quantize(float value, float min, float max)
{
    const float level = nearbyintf(MAX_BYTE * (value - min) / (max - min));
    return (unsigned char)fminf(fmaxf(level, 0.0f), MAX_BYTE);
}

static void push_data(ws_buf *out, const ws_feature_source *source, const ws_feature_range *range)
{
    for (size_t i = 0; i < source->width * source->height; i++) {
        if (i % PER_LINE == 0)
            ws_buf_push_string(out, "\n  ");
        if (source->is_quantized)
            ws_buf_push_format(
                out, "%d, ",
                ws_feature_source_quantize(source->features[i], range->min, range->max));
        else
            ws_buf_push_format(out, "%f, ", (double)source->features[i]);
    }
    ws_buf_push_string(out, "\n};\n");
}

/** C has no literals for NaN and infinity, and a model cannot use them. */
static ws_status check_finite(const ws_feature_source *source, ws_error *err)
{
    for (size_t i = 0; i < source->width * source->height; i++) {
        if (!isfinite(source->features[i]))
            return ws_fail(err, WS_ENUMERIC,
                           "%s: feature %zu is not a finite number: the sound is too loud by far",
                           source->input_wav, i);
    }
    return WS_OK;
}

ws_status ws_feature_source_write(const ws_feature_source *source, ws_buf *out, ws_error *err)
{
    ws_feature_range range;

    ws_status status = ws_feature_range_find(source->options->preprocess, &range, err);
    if (status == WS_OK)
        status = check_finite(source, err);
    if (status != WS_OK)
        return status;
    push_comment(out, source);
    push_declaration(out, source, "int", "_width = ");
    ws_buf_push_format(out, "%zu;\n", source->width);
    push_declaration(out, source, "int", "_height = ");
    ws_buf_push_format(out, "%zu;\n", source->height);
    /* the empty line before floats is the original's */
    if (source->is_quantized)
        push_declaration(out, source, "unsigned char", "_data[] = {");
    else
        push_declaration(out, source, "float", "_data[] = {\n");
    push_data(out, source, &range);
    if (out->status == WS_ELIMIT)
        return ws_fail(err, WS_ELIMIT, "%s: its %zu x %zu features take more than %zu bytes of C",
                       source->input_wav, source->height, source->width, out->max_size);
    return out->status == WS_OK ? WS_OK : ws_fail_memory(err, "the text of the features");
}
