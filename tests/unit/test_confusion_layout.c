/* plot/confusion_layout: what labels are called at the edges of the picture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plot/confusion_layout.h"
#include "plot/font.h"

static void labels_are_cut_to_their_room(void **state)
{
    static const struct {
        const char *label;
        int room;
        const char *shown;
    } cases[] = {
        {"yes", 84, "yes"},
        {"_silence_", 84, "sil"},
        {"_silence_", 104, "silence"},
        {"_unknown_", 84, "unk"},
        {"right", 68, "right"},
        {"right", 67, "righ."},
        {"_", 84, "_"},
        {"__", 84, "__"},
        {"", 84, ""},
        {"backward", 84, "back."},
        {"yes", 3, ""},
        {"_ab_", 84, "ab"},
        {"_ab\303\274cdefgh_", 84, "ab\303\274cd."},
        {"\303\274berx", 60, "\303\274be."},
    };
    char shown[WS_FONT_MAX_BYTES];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_confusion_layout_label(cases[i].label, cases[i].room, shown);
        assert_string_equal(shown, cases[i].shown);
    }
    char *huge = malloc(5000);
    assert_non_null(huge);
    memset(huge, 'i', 4999);
    huge[4999] = '\0';
    ws_confusion_layout_label(huge, 100000, shown);
    assert_true(strlen(shown) < WS_FONT_MAX_BYTES);
    free(huge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_cut_to_their_room),
    };
    return cmocka_run_group_tests_name("confusion_layout", tests, NULL, NULL);
}
