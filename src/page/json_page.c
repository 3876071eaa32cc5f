/* The report as JSON, for programs. */
#include <math.h>
#include <string.h>

#include "page/det.h"
#include "page/page.h"

static ws_json *list_texts(const ws_text_list *texts)
{
    ws_json *list = ws_json_create_list();

    for (size_t i = 0; i < texts->n_items; i++)
        ws_json_push_text(list, texts->items[i]);
    return list;
}

static ws_json *write_matrix(const ws_page_matrix *matrix)
{
    const size_t n = matrix->words.n_items;
    ws_json *made = ws_json_create(), *rows = ws_json_create_list(), *words = ws_json_create_list();

    ws_json_set_text(made, "of", matrix->part);
    ws_json_set_whole(made, "step", matrix->step);
    ws_json_set_child(made, "labels", list_texts(&matrix->words));
    for (size_t i = 0; i < n; i++) {
        ws_json *row = ws_json_create_list(), *word = ws_json_create();
        for (size_t k = 0; k < n; k++)
            ws_json_push_whole(row, (int64_t)matrix->counts[i * n + k]);
        ws_json_push(rows, row);
        ws_json_set_text(word, "label", matrix->words.items[i]);
        ws_json_set_whole(word, "clips", (int64_t)ws_page_matrix_said(matrix, i));
        ws_json_set_real(word, "recall", ws_page_matrix_recall(matrix, i));
        ws_json_set_real(word, "precision", ws_page_matrix_precision(matrix, i));
        ws_json_push(words, word);
    }
    ws_json_set_child(made, "counts", rows);
    ws_json_set_child(made, "words", words);
    return made;
}

static ws_json *write_mistakes(const ws_page_result *result)
{
    ws_json *list = ws_json_create_list();

    for (size_t i = 0; i < result->n_mistakes; i++) {
        ws_json *one = ws_json_create();
        ws_json_set_text(one, "said", result->mistakes[i].said);
        ws_json_set_text(one, "heard", result->mistakes[i].heard);
        ws_json_set_text(one, "sureness", result->mistakes[i].sureness);
        ws_json_set_text(one, "clip", result->mistakes[i].clip);
        ws_json_push(list, one);
    }
    return list;
}

static ws_json *write_curves(const ws_page_run *run)
{
    ws_json *list = ws_json_create_list();

    for (size_t p = 0; p < run->n_parts; p++)
        for (size_t i = 0; i < run->parts[p].n_curves; i++) {
            const ws_page_curve *curve = &run->parts[p].curves[i];
            ws_json *one = ws_json_create(), *points = ws_json_create_list();
            ws_json_set_text(one, "part", run->parts[p].name);
            ws_json_set_text(one, "tag", curve->tag);
            ws_json_set_whole(one, "values", (int64_t)curve->n_values);
            ws_json_set_real(one, "least", curve->least);
            ws_json_set_real(one, "largest", curve->most);
            ws_json_set_real(one, "last", curve->last);
            ws_json_set_whole(one, "last_step", curve->last_step);
            for (size_t k = 0; k < curve->n; k++) {
                ws_json *point = ws_json_create();
                ws_json_set_real(point, "step", curve->points[k].step);
                ws_json_set_real(point, "value", curve->points[k].value);
                ws_json_push(points, point);
            }
            ws_json_set_child(one, "points", points);
            ws_json_push(list, one);
        }
    return list;
}

static ws_json *write_run(const ws_page_result *result)
{
    static const char *const ends[] = {
        [WS_PAGE_END_NONE] = NULL,
        [WS_PAGE_END_UNKNOWN] = NULL,
        [WS_PAGE_END_SUCCESS] = "success",
        [WS_PAGE_END_FAILURE] = "failure",
    };
    const ws_page_run *run = result->run;
    ws_json *made = ws_json_create(), *settings = ws_json_create();

    ws_json_set_text(made, "run", run->name);
    ws_json_set_text(made, "group", run->group);
    ws_json_set_text(made, "end", ends[run->end]);
    ws_json_set_real(made, "test_accuracy", result->test);
    ws_json_set_real(made, "best_validation_accuracy", result->best);
    ws_json_set_whole(made, "best_step", result->best_step);
    ws_json_set_real(made, "last_validation_accuracy", result->last);
    ws_json_set_whole(made, "steps", result->n_steps);
    for (size_t i = 0; i < run->names.n_items; i++)
        ws_json_set_text(settings, run->names.items[i], run->values.items[i]);
    ws_json_set_child(made, "settings", settings);
    if (result->matrix.counts != NULL)
        ws_json_set_child(made, "confusion", write_matrix(&result->matrix));
    ws_json_set_child(made, "mistakes", write_mistakes(result));
    ws_json *cutoffs = ws_page_det_write_json(run);
    if (cutoffs != NULL)
        ws_json_set_child(made, "cutoffs", cutoffs);
    ws_json_set_child(made, "curves", write_curves(run));
    return made;
}

ws_json *ws_page_write_json(const ws_page_summary *summary, const ws_page_about *about)
{
    ws_json *made = ws_json_create(), *groups = ws_json_create_list();

    ws_json_set_text(made, "title", about->title);
    ws_json_set_text(made, "version", about->version);
    ws_json_set_text(made, "made", about->made);
    ws_json_set_child(made, "differing_settings", list_texts(&summary->differing));
    for (size_t g = 0; g < summary->n_groups; g++) {
        const ws_page_group *group = &summary->groups[g];
        ws_json *one = ws_json_create(), *runs = ws_json_create_list();
        ws_json_set_real(one, "test_accuracy", group->test);
        ws_json_set_real(one, "test_accuracy_spread", group->test_spread);
        ws_json_set_real(one, "best_validation_accuracy", group->best);
        ws_json_set_real(one, "best_validation_accuracy_spread", group->best_spread);
        ws_json_set_whole(one, "runs_in_means", (int64_t)group->n_counted);
        for (size_t i = 0; i < group->n_members; i++)
            ws_json_push(runs, write_run(&summary->results[group->members[i]]));
        ws_json_set_child(one, "runs", runs);
        ws_json_push(groups, one);
    }
    ws_json_set_child(made, "groups", groups);
    return made;
}
