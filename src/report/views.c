#include "report/views.h"

#include <string.h>

#include "base/lookup.h"
#include "base/text.h"

/* What is looked at first is written first; but hparams surrounds the others with two files of its
 * own (hparams.c). */
const ws_view *const ws_views[WS_N_VIEWS] = {
    &ws_view_hparams,  &ws_view_scalars, &ws_view_confusion,  &ws_view_det,
    &ws_view_mistakes, &ws_view_filters, &ws_view_histograms, &ws_view_pr_curves,
    &ws_view_text,     &ws_view_graph,   &ws_view_projector,
};

/* The names of --log: those of the views, and two more. */
enum { ALL = WS_N_VIEWS, NONE, N_NAMES };

static const char *name_at(size_t i)
{
    return i == ALL ? "all" : i == NONE ? "none" : ws_views[i]->name;
}

ws_status ws_views_read(const char *list, bool *is_shown, ws_error *err)
{
    ws_text_list names = {.items = NULL};
    ws_error why;
    ws_status status = ws_text_list_push_split(&names, list, ',');

    memset(is_shown, 0, WS_N_VIEWS * sizeof *is_shown);
    if (status != WS_OK)
        status = ws_fail_memory(err, "--log");
    for (size_t i = 0; status == WS_OK && i < names.n_items; i++) {
        size_t index;
        if (ws_lookup("view", names.items[i], name_at, N_NAMES, &index, &why) != WS_OK)
            status = ws_fail(err, WS_EUSAGE, "--log=%.100s: %.800s", list, why.message);
        else if (index == ALL)
            memset(is_shown, 1, WS_N_VIEWS * sizeof *is_shown);
        else if (index != NONE)
            is_shown[index] = true;
    }
    ws_text_list_deinit(&names);
    return status;
}

ws_status ws_views_has_hparams(const char *list, bool *has, ws_error *err)
{
    bool is_shown[WS_N_VIEWS];
    const ws_status status = ws_views_read(list, is_shown, err);

    *has = false;
    for (size_t i = 0; status == WS_OK && i < WS_N_VIEWS; i++)
        *has |= is_shown[i] && ws_views[i] == &ws_view_hparams;
    return status;
}
