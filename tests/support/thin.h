/* Fewer sizes where a test runs under a sanitizer (WS_TEST_THIN=1), which looks at each access: the
 * figures are compared in the release build. */
#ifndef WS_TESTS_SUPPORT_THIN_H
#define WS_TESTS_SUPPORT_THIN_H

#include <stdlib.h>

/** How many sizes of a list to try: n, or only the first few if the tests are thinned. */
static inline size_t ws_test_n_sizes(size_t n, size_t n_thin)
{
    const char *thin = getenv("WS_TEST_THIN");
    return thin != NULL && thin[0] == '1' && n_thin < n ? n_thin : n;
}

#endif
