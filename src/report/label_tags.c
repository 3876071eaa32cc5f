#include "report/label_tags.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/** @return NULL if out of memory */
static char *make_tag(const char *group, const char *label, size_t number)
{
    char *tag = ws_text_format("%s/%s", group, label);

    if (tag == NULL)
        return tag;
    bool is_odd = ws_utf8_clean(tag) || strchr(label, '?') != NULL;
    for (char *at = strchr(tag, '('); at != NULL; at = strchr(at, '(')) {
        *at = '?';
        is_odd = true;
    }
    if (!is_odd)
        return tag;
    /* also where the label itself has a "?": it may look like another one that was cleaned */
    char *numbered = ws_text_format("%s #%zu", tag, number);
    free(tag);
    return numbered;
}

ws_status ws_label_tags_push(ws_text_list *tags, const ws_observation *observation,
                             const char *group, ws_error *err)
{
    for (size_t label = 0; label < observation->n_labels; label++) {
        char *tag = make_tag(group, observation->labels[label], label);
        const ws_status status = tag != NULL ? ws_text_list_push(tags, tag) : WS_ENOMEM;
        free(tag);
        if (status != WS_OK)
            return ws_fail_memory(err, "tags of labels");
    }
    return WS_OK;
}
