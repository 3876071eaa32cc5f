/* metrics/confusion: counting, the figures that follow from it, and NumPy's layout of it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "metrics/confusion.h"

/* The output of NumPy 2.4.6, after a space, for the matrices of make_pattern(). */
static const char text_12_of_1000[] = " [[  0 729 458 187 916 645 374 103 832 561 290  19]\n"
                                      " [919 679 439 199 959 719 479 239 999 759 519 279]\n"
                                      " [838 629 420 211   2 793 584 375 166 957 748 539]\n"
                                      " [757 579 401 223  45 867 689 511 333 155 977 799]\n"
                                      " [676 529 382 235  88 941 794 647 500 353 206  59]\n"
                                      " [595 479 363 247 131  15 899 783 667 551 435 319]\n"
                                      " [514 429 344 259 174  89   4 919 834 749 664 579]\n"
                                      " [433 379 325 271 217 163 109  55   1 947 893 839]\n"
                                      " [352 329 306 283 260 237 214 191 168 145 122  99]\n"
                                      " [271 279 287 295 303 311 319 327 335 343 351 359]\n"
                                      " [190 229 268 307 346 385 424 463 502 541 580 619]\n"
                                      " [109 179 249 319 389 459 529 599 669 739 809 879]]";

static const char text_12_of_million[] =
    " [[     0 104729 209458 314187 418916 523645 628374 733103 837832 942561\n"
    "   47289 152018]\n"
    " [  7919 112679 217439 322199 426959 531719 636479 741239 845999 950759\n"
    "   55518 160278]\n"
    " [ 15838 120629 225420 330211 435002 539793 644584 749375 854166 958957\n"
    "   63747 168538]\n"
    " [ 23757 128579 233401 338223 443045 547867 652689 757511 862333 967155\n"
    "   71976 176798]\n"
    " [ 31676 136529 241382 346235 451088 555941 660794 765647 870500 975353\n"
    "   80205 185058]\n"
    " [ 39595 144479 249363 354247 459131 564015 668899 773783 878667 983551\n"
    "   88434 193318]\n"
    " [ 47514 152429 257344 362259 467174 572089 677004 781919 886834 991749\n"
    "   96663 201578]\n"
    " [ 55433 160379 265325 370271 475217 580163 685109 790055 895001 999947\n"
    "  104892 209838]\n"
    " [ 63352 168329 273306 378283 483260 588237 693214 798191 903168   8144\n"
    "  113121 218098]\n"
    " [ 71271 176279 281287 386295 491303 596311 701319 806327 911335  16342\n"
    "  121350 226358]\n"
    " [ 79190 184229 289268 394307 499346 604385 709424 814463 919502  24540\n"
    "  129579 234618]\n"
    " [ 87109 192179 297249 402319 507389 612459 717529 822599 927669  32738\n"
    "  137808 242878]]";

static const char text_31_of_10[] =
    " [[0 9 8 7 6 5 4 3 2 1 0 9 8 7 6 5 4 3 2 1 0 9 8 7 6 5 4 3 2 1 0]\n"
    " [9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9]\n"
    " [8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8]\n"
    " [7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7]\n"
    " [6 9 2 5 8 1 4 7 0 3 6 9 2 5 8 1 4 7 0 3 6 9 2 5 8 1 4 7 0 3 6]\n"
    " [5 9 3 7 1 5 9 3 7 1 5 9 3 7 1 5 9 3 7 1 5 9 3 7 1 5 9 3 7 1 5]\n"
    " [4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4]\n"
    " [3 9 5 1 7 3 9 5 1 7 3 9 5 1 7 3 9 5 1 7 3 9 5 1 7 3 9 5 1 7 3]\n"
    " [2 9 6 3 0 7 4 1 8 5 2 9 6 3 0 7 4 1 8 5 2 9 6 3 0 7 4 1 8 5 2]\n"
    " [1 9 7 5 3 1 9 7 5 3 1 9 7 5 3 1 9 7 5 3 1 9 7 5 3 1 9 7 5 3 1]\n"
    " [0 9 8 7 6 5 4 3 2 1 0 9 8 7 6 5 4 3 2 1 0 9 8 7 6 5 4 3 2 1 0]\n"
    " [9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9]\n"
    " [8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8]\n"
    " [7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7]\n"
    " [6 9 2 5 8 1 4 7 0 3 6 9 2 5 8 1 4 7 0 3 6 9 2 5 8 1 4 7 0 3 6]\n"
    " [5 9 3 7 1 5 9 3 7 1 5 9 3 7 1 5 9 3 7 1 5 9 3 7 1 5 9 3 7 1 5]\n"
    " [4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4]\n"
    " [3 9 5 1 7 3 9 5 1 7 3 9 5 1 7 3 9 5 1 7 3 9 5 1 7 3 9 5 1 7 3]\n"
    " [2 9 6 3 0 7 4 1 8 5 2 9 6 3 0 7 4 1 8 5 2 9 6 3 0 7 4 1 8 5 2]\n"
    " [1 9 7 5 3 1 9 7 5 3 1 9 7 5 3 1 9 7 5 3 1 9 7 5 3 1 9 7 5 3 1]\n"
    " [0 9 8 7 6 5 4 3 2 1 0 9 8 7 6 5 4 3 2 1 0 9 8 7 6 5 4 3 2 1 0]\n"
    " [9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9]\n"
    " [8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8]\n"
    " [7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7]\n"
    " [6 9 2 5 8 1 4 7 0 3 6 9 2 5 8 1 4 7 0 3 6 9 2 5 8 1 4 7 0 3 6]\n"
    " [5 9 3 7 1 5 9 3 7 1 5 9 3 7 1 5 9 3 7 1 5 9 3 7 1 5 9 3 7 1 5]\n"
    " [4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4 9 4]\n"
    " [3 9 5 1 7 3 9 5 1 7 3 9 5 1 7 3 9 5 1 7 3 9 5 1 7 3 9 5 1 7 3]\n"
    " [2 9 6 3 0 7 4 1 8 5 2 9 6 3 0 7 4 1 8 5 2 9 6 3 0 7 4 1 8 5 2]\n"
    " [1 9 7 5 3 1 9 7 5 3 1 9 7 5 3 1 9 7 5 3 1 9 7 5 3 1 9 7 5 3 1]\n"
    " [0 9 8 7 6 5 4 3 2 1 0 9 8 7 6 5 4 3 2 1 0 9 8 7 6 5 4 3 2 1 0]]";

static const char text_13_of_100000[] =
    " [[    0  4729  9458 14187 18916 23645 28374 33103 37832 42561 47290 52019\n"
    "  56748]\n"
    " [ 7919 12679 17439 22199 26959 31719 36479 41239 45999 50759 55519 60279\n"
    "  65039]\n"
    " [15838 20629 25420 30211 35002 39793 44584 49375 54166 58957 63748 68539\n"
    "  73330]\n"
    " [23757 28579 33401 38223 43045 47867 52689 57511 62333 67155 71977 76799\n"
    "  81621]\n"
    " [31676 36529 41382 46235 51088 55941 60794 65647 70500 75353 80206 85059\n"
    "  89912]\n"
    " [39595 44479 49363 54247 59131 64015 68899 73783 78667 83551 88435 93319\n"
    "  98203]\n"
    " [47514 52429 57344 62259 67174 72089 77004 81919 86834 91749 96664  1579\n"
    "   6494]\n"
    " [55433 60379 65325 70271 75217 80163 85109 90055 95001 99947  4893  9839\n"
    "  14785]\n"
    " [63352 68329 73306 78283 83260 88237 93214 98191  3168  8145 13122 18099\n"
    "  23076]\n"
    " [71271 76279 81287 86295 91303 96311  1319  6327 11335 16343 21351 26359\n"
    "  31367]\n"
    " [79190 84229 89268 94307 99346  4385  9424 14463 19502 24541 29580 34619\n"
    "  39658]\n"
    " [87109 92179 97249  2319  7389 12459 17529 22599 27669 32739 37809 42879\n"
    "  47949]\n"
    " [95028   129  5230 10331 15432 20533 25634 30735 35836 40937 46038 51139\n"
    "  56240]]";

static const char text_32_of_100[] = " [[ 0 29 58 ... 41 70 99]\n"
                                     " [19 79 39 ... 59 19 79]\n"
                                     " [38 29 20 ... 77 68 59]\n"
                                     " ...\n"
                                     " [51 79  7 ... 63 91 19]\n"
                                     " [70 29 88 ... 81 40 99]\n"
                                     " [89 79 69 ... 99 89 79]]";

static const char text_35_wide_left_out[] = " [[  0 729 458 ... 328  57 786]\n"
                                            " [919 679 439 ... 239 999 759]\n"
                                            " [838 629 420 ... 150 941 732]\n"
                                            " ...\n"
                                            " [408 129 850 ... 480 201 922]\n"
                                            " [327  79 831 ... 391 143 895]\n"
                                            " [246  29 812 ... 302  85 868]]";

static const char text_35_of_million[] = " [[     0 104729 209458 ... 351325 456054 560783]\n"
                                         " [  7919 112679 217439 ... 360236 464996 569756]\n"
                                         " [ 15838 120629 225420 ... 369147 473938 578729]\n"
                                         " ...\n"
                                         " [253408 359129 464850 ... 636477 742198 847919]\n"
                                         " [261327 367079 472831 ... 645388 751140 856892]\n"
                                         " [269246 375029 480812 ... 654299 760082 865865]]";

static const char text_40_very_wide[] =
    " [[               0                9                8 ...                3\n"
    "                 2 9007199254740993]\n"
    " [               9                9                9 ...                9\n"
    "                 9                9]\n"
    " [               8                9                0 ...                5\n"
    "                 6                7]\n"
    " ...\n"
    " [               3                9                5 ...                5\n"
    "                 1                7]\n"
    " [               2                9                6 ...                1\n"
    "                 8                5]\n"
    " [               1                9                7 ...                7\n"
    "                 5                3]]";

static ws_confusion *make(size_t n_labels)
{
    ws_confusion *confusion = NULL;
    assert_int_equal(ws_confusion_create(n_labels, &confusion, NULL), WS_OK);
    return confusion;
}

/** The matrix that the expected texts above were printed from. */
static ws_confusion *make_pattern(size_t n_labels, uint64_t modulus)
{
    ws_confusion *confusion = make(n_labels);
    for (size_t i = 0; i < n_labels; i++) {
        for (size_t j = 0; j < n_labels; j++)
            confusion->counts[i * n_labels + j] = (i * 7919 + j * 104729 + i * j * 31) % modulus;
    }
    return confusion;
}

static void check_text(const ws_confusion *confusion, const char *expected)
{
    char *text = ws_confusion_text(confusion);
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void text_is_numpys(void **state)
{
    static const struct {
        size_t n_labels;
        uint64_t modulus;
        const char *text;
    } cases[] = {
        {12, 1000, text_12_of_1000},     {12, 1000001, text_12_of_million},
        {13, 100000, text_13_of_100000}, {31, 10, text_31_of_10},
        {32, 100, text_32_of_100},       {35, 1000001, text_35_of_million},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_confusion *confusion = make_pattern(cases[i].n_labels, cases[i].modulus);
        check_text(confusion, cases[i].text);
        ws_confusion_destroy(confusion);
    }
}

/* The width is that of the elements shown, which may be far from the widest of all. */
static void summarised_text_has_the_width_of_what_it_shows(void **state)
{
    (void)state;
    ws_confusion *confusion = make_pattern(35, 1000);
    confusion->counts[17 * 35 + 17] = 1000000;
    check_text(confusion, text_35_wide_left_out);
    ws_confusion_destroy(confusion);

    confusion = make_pattern(40, 10);
    confusion->counts[39] = 9007199254740993u;
    check_text(confusion, text_40_very_wide);
    ws_confusion_destroy(confusion);
}

static void text_of_small_matrices(void **state)
{
    (void)state;
    ws_confusion *confusion = make(1);
    check_text(confusion, " None");
    confusion->counts[0] = UINT64_MAX;
    check_text(confusion, " [[18446744073709551615]]");
    ws_confusion_destroy(confusion);

    static const uint64_t counts[9] = {258, 0, 0, 7, 6, 26, 10, 1, 107};
    confusion = make(3);
    memcpy(confusion->counts, counts, sizeof counts);
    check_text(confusion, " [[258   0   0]\n"
                          " [  7   6  26]\n"
                          " [ 10   1 107]]");
    ws_confusion_destroy(confusion);
}

static void push_counts_the_largest_logit(void **state)
{
    /* TensorFlow's argmax gives the same answers for each of these rows */
    static const struct {
        float logits[3];
        size_t predicted;
    } rows[] = {
        {{1, 2, 3}, 2},
        {{1, 2, 2}, 1}, /* the lowest of equal ones */
        {{-5, -5, -5}, 0},
        {{NAN, NAN, NAN}, 0},
        {{NAN, 1, 2}, 2},
        {{3, NAN, 2}, 0},
        {{-INFINITY, -INFINITY, NAN}, 0},
        {{-INFINITY, -3, NAN}, 1},
        {{0, INFINITY, INFINITY}, 1},
    };
    (void)state;
    ws_confusion *confusion = make(3);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const int32_t label = (int32_t)(i % 3);
        ws_confusion_reset(confusion);
        assert_int_equal(ws_confusion_total(confusion), 0);
        ws_confusion_push(confusion, rows[i].logits, &label, 1);
        assert_int_equal(confusion->counts[(size_t)label * 3 + rows[i].predicted], 1);
        assert_int_equal(ws_confusion_total(confusion), 1);
    }
    ws_confusion_destroy(confusion);
}

static void push_adds_batches_up(void **state)
{
    static const float logits[4][2] = {{0, 1}, {1, 0}, {0, 1}, {0, 1}};
    static const int32_t labels[4] = {0, 0, 1, 1};
    static const uint64_t expected[4] = {3, 3, 0, 6};
    (void)state;
    ws_confusion *confusion = make(2);
    for (int i = 0; i < 3; i++) { /* in one batch, row by row, and with an empty one between */
        const size_t n = i == 1 ? 1 : 4;
        for (size_t row = 0; row < 4; row += n)
            ws_confusion_push(confusion, logits[row], labels + row, n);
        ws_confusion_push(confusion, logits[0], labels, 0);
    }
    assert_memory_equal(confusion->counts, expected, sizeof expected);
    ws_confusion_destroy(confusion);
}

static void check_close(double value, double expected)
{
    assert_true(fabs(value - expected) < 1e-12);
}

static void figures_follow_from_counts(void **state)
{
    static const uint64_t counts[9] = {8, 2, 0, 1, 4, 0, 0, 0, 0};
    (void)state;
    ws_confusion *confusion = make(3);
    check_close(ws_confusion_accuracy(confusion), 0.0); /* as "0.0% (N=0)" in the original's log */
    assert_true(isnan(ws_confusion_recall(confusion, 0)));
    assert_true(isnan(ws_confusion_precision(confusion, 0)));

    memcpy(confusion->counts, counts, sizeof counts);
    assert_int_equal(ws_confusion_total(confusion), 15);
    assert_int_equal(ws_confusion_true_total(confusion, 0), 10);
    assert_int_equal(ws_confusion_predicted_total(confusion, 0), 9);
    assert_int_equal(ws_confusion_predicted_total(confusion, 2), 0);
    check_close(ws_confusion_accuracy(confusion), 12.0 / 15);
    check_close(ws_confusion_recall(confusion, 0), 0.8);
    check_close(ws_confusion_recall(confusion, 1), 0.8);
    assert_true(isnan(ws_confusion_recall(confusion, 2)));
    check_close(ws_confusion_precision(confusion, 0), 8.0 / 9);
    check_close(ws_confusion_precision(confusion, 1), 4.0 / 6);
    assert_true(isnan(ws_confusion_precision(confusion, 2)));
    ws_confusion_destroy(confusion);
}

static void impossible_sizes_are_refused(void **state)
{
    ws_confusion *confusion = NULL;
    ws_error err;
    (void)state;
    assert_int_equal(ws_confusion_create(0, &confusion, &err), WS_EINVAL);
    assert_null(confusion);
    assert_string_equal(err.message, "a confusion matrix of 0 labels, expected 1 to 4096");
    assert_int_equal(ws_confusion_create(SIZE_MAX / 2, &confusion, &err), WS_EINVAL);
    ws_confusion_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_numpys),
        cmocka_unit_test(summarised_text_has_the_width_of_what_it_shows),
        cmocka_unit_test(text_of_small_matrices),
        cmocka_unit_test(push_counts_the_largest_logit),
        cmocka_unit_test(push_adds_batches_up),
        cmocka_unit_test(figures_follow_from_counts),
        cmocka_unit_test(impossible_sizes_are_refused),
    };
    return cmocka_run_group_tests_name("confusion", tests, NULL, NULL);
}
