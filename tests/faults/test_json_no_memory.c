/* base/json when the n-th allocation fails: never a document with a part missing, and never the
 * blame on its bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/json.h"

static size_t n_left; /* allocations that still succeed */

static void *scarce_malloc(size_t size)
{
    if (n_left == 0)
        return NULL;
    n_left--;
    return malloc(size);
}

static ws_json *make(void)
{
    ws_json *json = ws_json_create(), *list = ws_json_create_list();

    ws_json_set_text(json, "name", "caf\xc3\xa9");
    ws_json_set_text(json, "bytes", "caf\xe9");
    ws_json_set_whole(json, "n", 1);
    ws_json_set_real(json, "x", 0.5);
    ws_json_push(list, ws_json_create());
    ws_json_set_child(json, "list", list);
    return json;
}

static void making_one_tells_of_memory(void **state)
{
    bool was_made = false;
    (void)state;

    for (size_t n = 0; !was_made; n++) {
        n_left = n;
        ws_json *json = make();
        const ws_status status = ws_json_get_status(json);
        char *text = ws_json_write(json, (ws_json_style){.n_digits = 9});
        n_left = SIZE_MAX;
        assert_true(status == WS_OK || status == WS_ENOMEM);
        was_made = text != NULL;
        if (was_made) {
            assert_int_equal(status, WS_OK);
            assert_string_equal(text, "{\"name\":\"caf\xc3\xa9\",\"bytes\":\"caf?\",\"n\":1,"
                                      "\"x\":0.5,\"list\":[{}]}");
            assert_true(n > 10);
        }
        free(text);
        ws_json_destroy(json);
    }
}

static int make_scarce(void **state)
{
    (void)state;
    json_set_alloc_funcs(scarce_malloc, free);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(making_one_tells_of_memory),
    };
    return cmocka_run_group_tests(tests, make_scarce, NULL);
}
