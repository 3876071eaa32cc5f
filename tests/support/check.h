/** What several test programs need: comparing arrays, finding the golden data, a scratch folder. */
#ifndef WS_TESTS_SUPPORT_CHECK_H
#define WS_TESTS_SUPPORT_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Fails the test unless |got[i] - want[i]| <= tolerance for all i < n (NaN never passes); prints
 * the worst place with both values. name says which array it is.
 */
void assert_close(const char *name, const float *got, const float *want, size_t n,
                  double tolerance);
void assert_close_double(const char *name, const double *got, const double *want, size_t n,
                         double tolerance);

/** The largest |values[i]|: for tolerances "relative to the largest". */
double ws_test_largest(const float *values, size_t n);

/**
 * Writes the path of a file or folder of the data that lies beside the project.
 *
 * @param tests_dir  WS_TESTS_DIR
 * @param relative   such as "golden/tensorflow/features"
 * @return false, after saying so, if it is not there: the test skips
 */
bool ws_test_shared_at(const char *tests_dir, char *path, size_t size, const char *relative);
#define ws_test_shared(path, size, relative) \
    ws_test_shared_at(WS_TESTS_DIR, (path), (size), (relative))

/** Makes an empty directory and writes its name into path; asserts that it worked. */
void ws_test_make_dir(char *path, size_t size);
/** Removes such a directory with all that is in it. */
void ws_test_remove_dir(const char *path);

/* The same as fixtures of cmocka. */
extern char ws_test_dir[256];
int ws_test_dir_set_up(void **state);
int ws_test_dir_tear_down(void **state);

#endif
