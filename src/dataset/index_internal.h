/** What an index consists of. Private to dataset/. */
#ifndef WS_DATASET_INDEX_INTERNAL_H
#define WS_DATASET_INDEX_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "dataset/clip_list.h"
#include "dataset/index.h"
#include "dataset/unknown_pool.h"

typedef struct ws_entry_list {
    uint64_t *entries; /* [n] label in the upper 32 bits, file in the lower ones; owned */
    size_t n;
} ws_entry_list;

struct ws_index {
    ws_text_list labels;
    ws_clip_list clips;
    ws_entry_list sets[WS_N_SETS];
    ws_unknown_pool pool; /* unknown clips for training, those that are not in the set, too */
};

#endif
