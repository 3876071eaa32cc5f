#include "cmd/test_long_json.h"

#include <math.h>
#include <stdio.h>

#include "cmd/json_line.h"

static double round_share(double share)
{
    return round(share * 1e6) / 1e6;
}

static void set_way(ws_json *object, const ws_long_way *way)
{
    char text[32] = "clean";

    if (way->is_noisy)
        (void)snprintf(text, sizeof text, "%g", way->snr_db);
    ws_json_set_text(object, "snr", text);
}

static ws_json *make_point(double cutoff, uint64_t n_false, uint64_t n_missed)
{
    ws_json *made = ws_json_create();

    ws_json_set_real(made, "cutoff", round_share(cutoff));
    ws_json_set_whole(made, "false_accepts", (int64_t)n_false);
    ws_json_set_whole(made, "misses", (int64_t)n_missed);
    return made;
}

static ws_json *make_way(const ws_test_long_line *line, size_t way)
{
    const ws_det det = ws_long_exam_count(line->exam, way, line->n_ways, NULL);
    ws_json *made = ws_json_create(), *points = ws_json_create_list();

    set_way(made, &line->ways[way]);
    ws_json_set_real(made, "hours", round_share(det.seconds / 3600.0));
    ws_json_set_whole(made, "phrases", (int64_t)det.n_phrases);
    if (line->manifest_cutoff > 0.0) {
        const ws_long_count own = ws_long_exam_count_at(line->exam, way, line->manifest_cutoff);
        ws_json_set_child(made, "manifest",
                          make_point(line->manifest_cutoff, own.n_false, own.n_missed));
    }
    for (size_t i = 0; i < WS_DET_N_CUTOFFS; i++)
        ws_json_push(points, make_point(ws_det_cutoff(i), det.n_false[i], det.n_missed[i]));
    ws_json_set_child(made, "points", points);
    return made;
}

static ws_json *make_recording(const ws_test_long_line *line, size_t i)
{
    const ws_long_piece *piece = &line->exam->pieces[i];
    ws_json *made = ws_json_create();

    ws_json_set_text(made, "file", piece->path);
    ws_json_set_text(made, "speaker", piece->speaker);
    set_way(made, &line->ways[piece->way]);
    ws_json_set_bool(made, "phrase", piece->is_phrase);
    ws_json_set_real(made, "best", round_share((double)piece->best));
    ws_json_set_real(made, "time",
                     round_share((double)(piece->best_at + 1) * line->exam->seconds_each));
    return made;
}

ws_status ws_test_long_json_write(const char *path, const ws_test_long_line *line, ws_error *err)
{
    ws_json *made = ws_json_create();
    ws_json *ways = ws_json_create_list(), *recordings = ws_json_create_list();

    ws_json_set_real(made, "cutoff", round_share(line->cutoff->cutoff));
    ws_json_set_bool(made, "is_extrapolated", line->cutoff->is_extrapolated);
    ws_json_set_real(made, "target_false_accepts", line->target);
    ws_json_set_whole(made, "n_last", (int64_t)line->exam->rule.n_last);
    ws_json_set_real(made, "score_ms", round_share(1000.0 * line->exam->seconds_each));
    for (size_t way = 0; way < line->n_ways; way++)
        ws_json_push(ways, make_way(line, way));
    for (size_t i = 0; i < line->exam->n; i++)
        ws_json_push(recordings, make_recording(line, i));
    ws_json_set_child(made, "ways", ways);
    ws_json_set_child(made, "recordings", recordings);
    return ws_json_line_write(path, made, err);
}
