/* nftw() */
#define _XOPEN_SOURCE 700

#include "support/check.h"

#include <ftw.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* The comparisons share this: the items are seen through a function, so that one loop serves both
 * types. */
typedef double (*item_at)(const void *items, size_t i);

static double float_at(const void *items, size_t i)
{
    return (double)((const float *)items)[i];
}

static double double_at(const void *items, size_t i)
{
    return ((const double *)items)[i];
}

static void check_close(const char *name, item_at at, const void *got, const void *want, size_t n,
                        double tolerance)
{
    size_t worst = 0, n_bad = 0;
    double largest = -1.0;

    for (size_t i = 0; i < n; i++) {
        const double difference = fabs(at(got, i) - at(want, i));
        const bool equal = at(got, i) == at(want, i); /* also equal infinities */
        if (!equal && !(difference <= tolerance))
            n_bad++;
        if (!equal && (isnan(difference) ? !isnan(largest) : difference > largest)) {
            largest = difference;
            worst = i;
        }
    }
    if (n_bad == 0)
        return;
    print_error("%s: %zu of %zu values are off by more than %g; the worst, [%zu], is %.9g, "
                "expected %.9g\n",
                name, n_bad, n, tolerance, worst, at(got, worst), at(want, worst));
    fail();
}

void assert_close(const char *name, const float *got, const float *want, size_t n, double tolerance)
{
    check_close(name, float_at, got, want, n, tolerance);
}

void assert_close_double(const char *name, const double *got, const double *want, size_t n,
                         double tolerance)
{
    check_close(name, double_at, got, want, n, tolerance);
}

double ws_test_largest(const float *values, size_t n)
{
    double largest = 0.0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs((double)values[i]));
    return largest;
}

bool ws_test_shared_at(const char *tests_dir, char *path, size_t size, const char *relative)
{
    struct stat info;
    const int length = snprintf(path, size, "%s/../../shared/%s", tests_dir, relative);
    assert_true(length > 0 && (size_t)length < size);
    if (stat(path, &info) == 0)
        return true;
    print_message("skipped: %s is not here\n", path);
    return false;
}

void ws_test_make_dir(char *path, size_t size)
{
    const char *parent = getenv("TMPDIR");
    const int length =
        snprintf(path, size, "%s/wordspot-test-XXXXXX", parent != NULL ? parent : "/tmp");
    assert_true(length > 0 && (size_t)length < size);
    assert_non_null(mkdtemp(path));
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

void ws_test_remove_dir(const char *path)
{
    assert_int_equal(nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

char ws_test_dir[256];

int ws_test_dir_set_up(void **state)
{
    (void)state;
    ws_test_make_dir(ws_test_dir, sizeof ws_test_dir);
    return 0;
}

int ws_test_dir_tear_down(void **state)
{
    (void)state;
    ws_test_remove_dir(ws_test_dir);
    return 0;
}
