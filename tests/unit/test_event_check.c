/* events/check: framing, the file as a whole, steps, tags and their pages. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/crc32c.h"
#include "tbevents/little_endian.h"
#include "unit/event_file.h"
#include "unit/event_findings.h"

/* ---- framing ---- */

static void a_good_file_has_nothing(void **state)
{
    made_file file = good();
    (void)state;
    expect(file, nothing);
}

static void damage_has_its_names(void **state)
{
    made_file whole = good();
    const size_t end = whole.size;
    (void)state;
    made_push_scalar(&whole, "m/more", 4, 1);
    for (size_t n = end + 1; n < whole.size; n++) { /* torn at each byte */
        made_file file = whole;
        file.size = n;
        expect(file, WS_RULE_TORN_TAIL);
        file = whole;
        file.size = n;
        made_push_scalar(&file, "m/good", 5, 1); /* and appended to */
        expect(file, n - end < 12 ? WS_RULE_BAD_LENGTH : WS_RULE_APPENDED);
    }
    made_file file = whole;
    file.bytes[end] ^= 1;
    expect(file, WS_RULE_BAD_LENGTH);
    made_push_scalar(&file, "m/good", 5, 1);
    expect(file, WS_RULE_BAD_LENGTH);
    file = whole;
    file.bytes[end + 14] ^= 1;
    expect(file, WS_RULE_BAD_CHECKSUM);
    made_push_scalar(&file, "m/good", 5, 1);
    expect(file, WS_RULE_BAD_CHECKSUM);
    file = whole;
    memset(file.bytes + end, 0, 100);
    file.size = end + 100;
    expect(file, WS_RULE_ZEROS);
    made_push_scalar(&file, "m/good", 5, 1);
    expect(file, WS_RULE_BAD_LENGTH);
}

static void a_finding_says_where(void **state)
{
    made_file file = good();
    const size_t end = file.size;
    const made_file *const files[] = {&file};
    (void)state;
    made_push_scalar(&file, "m/bad", 2, NAN);
    const findings all = findings_of(files, 1, GOOD_NAME);
    expect_in(&all, (const ws_event_rule_id[]){WS_RULE_NOT_FINITE, WS_N_RULES});
    assert_int_equal(all.last.offset, end);
    assert_int_equal(all.last.record, 5);
    assert_int_equal(all.last.step, 2);
    assert_false(all.last.is_of_file);
}

static void payloads_may_be_empty(void **state)
{
    static const uint8_t no_event[] = {0xff, 0xff, 0xff};
    static const uint8_t unknown[] = {9, 0, 0, 0, 0, 0, 0, 0xb0, 0x40, 0xa0, 0x06, 1};
    made_file file = good();
    (void)state;
    made_push_payload(&file, no_event, sizeof no_event);
    expect(file, WS_RULE_NOT_EVENT);
    file = good();
    made_push_payload(&file, (const uint8_t[]){0x2a, 5, 0x0a, 3, 0x0a, 1, 0xff}, 7);
    expect(file, WS_RULE_NOT_UTF8);
    file = good();
    made_push_payload(&file, unknown, sizeof unknown);
    expect(file, WS_RULE_UNKNOWN_FIELD, WS_RULE_OTHER_EVENT);
}

static void texts_that_are_not_shown_are_looked_at_too(void **state)
{
    Tbproto__Event event;
    Tbproto__SessionLog log;
    char message[] = "\xff", tag[] = "m/a";
    made_file file = good();
    (void)state;
    tbproto__event__init(&event);
    tbproto__session_log__init(&log);
    log.msg = message;
    event.what_case = TBPROTO__EVENT__WHAT_SESSION_LOG;
    event.session_log = &log;
    made_push_event(&file, &event);
    expect(file, WS_RULE_NOT_UTF8);
    file = good();
    made_push_scalar(&file, tag, 1, 1);
    file.bytes[file.size - 4 - 6] = '\0'; /* "m/\0": the checksum is computed again */
    const size_t size = 9 + 2 + 2 + 2 + 5 + 5;
    made_file other = good();
    made_push_payload(&other, file.bytes + file.size - 4 - size, size);
    expect(other, WS_RULE_CONTROL_IN_TAG);
}

/* ---- the file, times, sessions ---- */

static void files_have_a_beginning(void **state)
{
    made_file file = {.size = 0};
    const made_file *const files[] = {&file};
    (void)state;
    expect(file, WS_RULE_NO_RECORD);
    made_push_start(&file, 0);
    expect(file, WS_RULE_NO_VERSION, WS_RULE_LATE_START);
    file.size = 0;
    made_push_version(&file, "brain.Event:1");
    made_push_start(&file, 0);
    expect(file, WS_RULE_NO_VERSION);
    file.size = 0;
    made_push_version(&file, "brain.Event:2");
    expect(file, WS_RULE_NO_START);
    made_push_version(&file, "brain.Event:2");
    made_push_start(&file, 0);
    expect(file, WS_RULE_VERSION_AGAIN, WS_RULE_LATE_START);
    file = good();
    static const char *const names[] = {"a.tfevents", "events.out.tfevents.170000000.host",
                                        "events.out.tfevents.1700000000"};
    for (size_t i = 0; i < 3; i++) {
        const findings all = findings_of(files, 1, names[i]);
        expect_in(&all, (const ws_event_rule_id[]){WS_RULE_FILE_NAME, WS_N_RULES});
        assert_true(all.last.is_of_file);
    }
}

static void wall_times_are_looked_at(void **state)
{
    static const struct {
        double time;
        ws_event_rule_id rule;
    } rows[] = {{(double)NAN, WS_RULE_NAN_TIME},
                {(double)INFINITY, WS_RULE_INFINITE_TIME},
                {-(double)INFINITY, WS_RULE_INFINITE_TIME},
                {5, WS_RULE_TIME_BACK}};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        made_file file = good();
        Tbproto__Event event;
        Tbproto__Summary summary;
        tbproto__event__init(&event);
        tbproto__summary__init(&summary);
        event.wall_time = rows[i].time;
        event.what_case = TBPROTO__EVENT__WHAT_SUMMARY;
        event.summary = &summary;
        made_push_event(&file, &event);
        expect(file, rows[i].rule, WS_RULE_NO_VALUES);
    }
}

static void steps_have_to_go_on(void **state)
{
    made_file file = good();
    (void)state;
    made_push_scalar(&file, "m/good", 3, 1);
    expect(file, WS_RULE_SAME_STEP);
    file = good();
    made_push_scalar(&file, "m/good", 2, 1);
    made_push_scalar(&file, "m/good", 3, 1);
    made_push_scalar(&file, "m/other", 1, 1);
    expect(file, WS_RULE_STEPS_BACK);
    file = good();
    made_push_start(&file, 2);
    made_push_scalar(&file, "m/good", 2, 1);
    expect(file, WS_RULE_LATE_START); /* but Python's loader uses it */
    made_push_start(&file, 2);
    expect(file, WS_RULE_LATE_START, WS_RULE_LATE_START, WS_RULE_STALE_TAIL);
    file = good();
    made_push_start(&file, 3);
    made_push_scalar(&file, "m/good", 4, 1); /* only Python's loader drops the one at step 3 */
    expect(file, WS_RULE_LATE_START, WS_RULE_STALE_TAIL);
}

/** A length one above the declared maximum is refused, the maximum itself is only not all there. */
static void records_have_a_longest(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 2; i++) {
        uint8_t head[12];
        made_file file = good();
        (void)tbe_put_le(head, ((uint64_t)1 << 30) + i, 8);
        (void)tbe_put_le(head + 8, ws_crc32c_mask(ws_crc32c(0, head, 8)), 4);
        made_push_raw(&file, head, sizeof head);
        made_push_scalar(&file, "m/good", 4, 1);
        expect(file, i == 0 ? WS_RULE_APPENDED : WS_RULE_LONG_RECORD);
    }
}

/** A large picture or graph is no damage. */
static void records_may_be_long(void **state)
{
    enum { LONG = 65 << 20 };
    const made_file begin = good();
    uint8_t *bytes = calloc(1, begin.size + LONG + 16);
    findings all = {{0}, {.path = NULL}};
    const ws_event_check_hooks hooks = {.user = &all, .found = findings_take};
    ws_event_check *check = ws_event_check_create(&hooks, NULL);
    ws_error err = {.message = ""};
    (void)state;
    memcpy(bytes, begin.bytes, begin.size);
    uint8_t *payload = bytes + begin.size + 12;
    payload[0] = 0x22; /* a graph, of zeros */
    for (unsigned i = 0; i < 4; i++)
        payload[1 + i] = (uint8_t)((((LONG - 5) >> 7 * i) & 127) | (i < 3 ? 128 : 0));
    assert_int_equal(bytes_frame(payload - 12, LONG), LONG + 16);
    assert_int_equal(ws_event_check_bytes(check, GOOD_NAME, bytes, begin.size + LONG + 16, &err),
                     WS_OK);
    assert_int_equal(all.n[WS_RULE_LONG_RECORD], 0);
    assert_int_equal(all.n[WS_RULE_GRAPH], 1); /* it was read */
    ws_event_check_destroy(check);
    free(bytes);
}

static void a_tag_may_be_there_once_in_a_record(void **state)
{
    made_file file = good();
    Tbproto__Summary__Value made;
    Tbproto__Summary__Value *const list[] = {&made, &made};
    char tag[] = "m/twice";
    (void)state;
    tbproto__summary__value__init(&made);
    made.tag = tag;
    made.value_case = TBPROTO__SUMMARY__VALUE__VALUE_SIMPLE_VALUE;
    made_push_values(&file, 4, list, 2);
    expect(file, WS_RULE_TAG_TWICE);
}

static void a_run_is_looked_at_as_a_whole(void **state)
{
    made_file first = good(), second = {.size = 0}, bare = {.size = 0};
    const made_file *const resumed[] = {&first, &second};
    const made_file *const overlapping[] = {&bare, &second};
    const made_file *const at_once[] = {&second, &first};
    (void)state;
    made_push_version(&bare, "brain.Event:2");
    for (int step = 1; step <= 3; step++)
        made_push_scalar(&bare, "m/good", step, 1);
    second.wall_time = 2000;
    made_push_version(&second, "brain.Event:2");
    made_push_start(&second, 2);
    made_push_scalar(&second, "m/good", 2, 1);
    findings all = findings_of(resumed, 2, GOOD_NAME);
    expect_in(&all, (const ws_event_rule_id[]){nothing});
    all = findings_of(overlapping, 2, GOOD_NAME); /* its START is the first of the run */
    expect_in(&all, (const ws_event_rule_id[]){WS_RULE_NO_START, WS_RULE_STEPS_BACK, WS_N_RULES});
    all = findings_of(at_once, 2, GOOD_NAME);
    expect_in(&all, (const ws_event_rule_id[]){WS_RULE_FILES_OVERLAP, WS_N_RULES});
}

/* ---- tags and pages ---- */

static void tags_are_looked_at(void **state)
{
    made_file file = good();
    (void)state;
    made_push_scalar(&file, "", 1, 1);
    expect(file, WS_RULE_EMPTY_TAG);
    file = good();
    made_push_scalar(&file, "m/a\nb", 1, 1);
    made_push_scalar(&file, "/a", 1, 1);
    made_push_scalar(&file, "a", 1, 1);
    made_push_scalar(&file, "a", 2, 1); /* a note about a tag is reported once */
    expect(file, WS_RULE_CONTROL_IN_TAG, WS_RULE_NAMELESS_GROUP, WS_RULE_NO_GROUP);
}

/** A scalar in the newer form. */
static void init_scalar(made_tensor *made)
{
    made_tensor_init(made, "m/s", "scalars", SCALAR, FLOAT, NULL, 0);
    made->floats[0] = 0.5f;
    made->tensor.n_float_val = 1;
}

static void pages_have_to_be_told(void **state)
{
    made_tensor made;
    made_file file = good();
    (void)state;
    init_scalar(&made);
    made_push_tensor(&file, 1, &made);
    made.value.metadata = NULL;
    made_push_tensor(&file, 2, &made);
    expect(file, nothing);

    made_file second = {.size = 0};
    const made_file *const files[] = {&file, &second};
    second.wall_time = 2000;
    made_begin(&second);
    made_push_start(&second, 3);
    made_push_tensor(&second, 3, &made);
    made_push_tensor(&second, 4, &made);
    /* reported once a file; START 0 drops all earlier values */
    const findings all = findings_of(files, 2, GOOD_NAME);
    assert_int_equal(all.n[WS_RULE_METADATA_NOT_REPEATED], 1);
    assert_int_equal(all.n[WS_RULE_NO_METADATA], 0);

    file = good();
    made_push_tensor(&file, 1, &made);
    expect(file, WS_RULE_NO_METADATA);
    made.value.metadata = &made.metadata;
    made_push_tensor(&file, 2, &made);
    expect(file, WS_RULE_NO_METADATA, WS_RULE_LATE_METADATA);
    char title[] = "another";
    made.metadata.display_name = title;
    made_push_tensor(&file, 3, &made);
    expect(file, WS_RULE_NO_METADATA, WS_RULE_LATE_METADATA, WS_RULE_METADATA_CHANGES);
}

static void pages_have_classes(void **state)
{
    made_tensor made;
    made_file file = good();
    char other[] = "ours";
    (void)state;
    init_scalar(&made);
    made.metadata.data_class = TBPROTO__DATA_CLASS__DATA_CLASS_UNKNOWN;
    made_push_tensor(&file, 1, &made);
    expect(file, WS_RULE_NO_CLASS);
    file = good();
    made.metadata.data_class = TENSOR;
    made_push_tensor(&file, 1, &made);
    expect(file, WS_RULE_WRONG_CLASS);
    file = good();
    made.plugin.plugin_name = other;
    made_push_tensor(&file, 1, &made);
    expect(file, nothing);
    made.metadata.data_class = TBPROTO__DATA_CLASS__DATA_CLASS_UNKNOWN;
    file = good();
    made_push_tensor(&file, 1, &made);
    expect(file, WS_RULE_UNKNOWN_PAGE);
}

static void tags_have_to_have_values(void **state)
{
    made_tensor made;
    made_file file = good();
    char hparams[] = "hparams";
    (void)state;
    init_scalar(&made);
    made.value.value_case = TBPROTO__SUMMARY__VALUE__VALUE__NOT_SET;
    made_push_tensor(&file, 1, &made);
    expect(file, WS_RULE_NO_VALUE);
    file = good();
    made.plugin.plugin_name = hparams;
    made_push_tensor(&file, 1, &made);
    expect(file, WS_RULE_HPARAMS_NO_VALUE);
}

static void each_rule_has_its_sentences(void **state)
{
    (void)state;
    for (size_t i = 0; i < WS_N_RULES; i++) {
        const ws_event_rule *rule = ws_event_rule_get((ws_event_rule_id)i);
        assert_true(rule->name[0] != '\0' && rule->what[0] != '\0');
        assert_true(!rule->is_defect || (rule->rust[0] != '\0' && rule->python[0] != '\0'));
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(rule->name, ws_event_rule_get((ws_event_rule_id)k)->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_file_has_nothing),
        cmocka_unit_test(damage_has_its_names),
        cmocka_unit_test(a_finding_says_where),
        cmocka_unit_test(payloads_may_be_empty),
        cmocka_unit_test(texts_that_are_not_shown_are_looked_at_too),
        cmocka_unit_test(files_have_a_beginning),
        cmocka_unit_test(wall_times_are_looked_at),
        cmocka_unit_test(steps_have_to_go_on),
        cmocka_unit_test(records_have_a_longest),
        cmocka_unit_test(records_may_be_long),
        cmocka_unit_test(a_tag_may_be_there_once_in_a_record),
        cmocka_unit_test(a_run_is_looked_at_as_a_whole),
        cmocka_unit_test(tags_are_looked_at),
        cmocka_unit_test(pages_have_to_be_told),
        cmocka_unit_test(pages_have_classes),
        cmocka_unit_test(tags_have_to_have_values),
        cmocka_unit_test(each_rule_has_its_sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
