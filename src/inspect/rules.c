#include "inspect/rules.h"

#include <assert.h>
#include <stddef.h>

#define DEFECT(name, remedy, what, rust, python)           \
    {                                                      \
        name, true, WS_REMEDY_##remedy, what, rust, python \
    }
#define WARNING(name, remedy, what, rust, python)           \
    {                                                       \
        name, false, WS_REMEDY_##remedy, what, rust, python \
    }

/* What several rules have in common. */
#define REST     "refuses the rest of this file"
#define DROPS    "does not show the value"
#define KEEPS    "accepts it"
#define HIDES    "does not show it"
#define PAGE     "refuses the data of this page"
#define ALL_PAGE "refuses the data of this page for all runs"
#define WRONG    "shows it wrong"

static const ws_event_rule rules[] = {
    [WS_RULE_BAD_LENGTH] = DEFECT("bad-length", LEAVE_RECORD,
                                  "the length of a record does not match its checksum", REST, REST),
    [WS_RULE_ZEROS] = DEFECT("zeros", LEAVE_RECORD,
                             "the file ends in zeros, as after a power cut or on a network disk",
                             REST " (BadLengthCrc got 0x07980329, want 0)", REST),
    [WS_RULE_BAD_CHECKSUM] =
        DEFECT("bad-checksum", LEAVE_RECORD, "the content of a record does not match its checksum",
               "does not check it: shows a wrong value, or " REST, REST),
    [WS_RULE_APPENDED] =
        DEFECT("appended", LEAVE_RECORD,
               "a record is truncated, and others were appended after it without a repair",
               "may show a wrong value, then " REST, REST),
    [WS_RULE_NOT_EVENT] =
        DEFECT("not-event", LEAVE_RECORD, "the content of a record is not an event", REST, REST),
    [WS_RULE_NOT_UTF8] =
        DEFECT("not-utf8", LEAVE_RECORD, "a text in a record is not UTF-8", REST, REST),
    [WS_RULE_TORN_TAIL] =
        WARNING("torn-tail", LEAVE_RECORD,
                "the file ends within a record: its writer was killed, or is writing now",
                "waits for the rest", "waits for the rest"),
    [WS_RULE_LONG_RECORD] =
        DEFECT("long-record", LEAVE_RECORD, "a record claims to be longer than 1 GiB", REST, REST),
    [WS_RULE_MANY_PARTS] = WARNING(
        "many-parts", NONE, "a record has too many small parts to be checked here", KEEPS, KEEPS),

    [WS_RULE_NO_RECORD] = WARNING("no-record", NONE, "the file has no whole record", HIDES, HIDES),
    [WS_RULE_FILE_NAME] =
        WARNING("file-name", NONE,
                "the name is not events.out.tfevents.<ten digits>.*: files of the run may be read "
                "in the wrong order, and other programs may ignore this one",
                "", ""),
    [WS_RULE_NO_VERSION] = DEFECT(
        "no-version", ADD_VERSION, "the first record is not the version brain.Event:2", KEEPS,
        "where a step is lower than the one before, drops the later points of all tags"),
    [WS_RULE_VERSION_AGAIN] =
        WARNING("version-again", LEAVE_RECORD, "there is a second version record", "", ""),
    [WS_RULE_NO_START] =
        WARNING("no-start", NONE,
                "no session starts in this file: a run that is resumed from it will overlap", "",
                "takes the first START of a later file as the first of the run"),
    [WS_RULE_LATE_START] =
        WARNING("late-start", NONE, "a session starts, but not in the second record", "", ""),
    [WS_RULE_FILES_OVERLAP] =
        WARNING("files-overlap", NONE,
                "the next file of the run was begun before the last record of this one",
                "reads both", "while both grow, stops reading the older one"),
    [WS_RULE_TWO_WRITERS] =
        DEFECT("two-writers", SPLIT, "two writers logged into this directory at the same time",
               "mixes their values: a later one drops those at its own and higher steps",
               "mixes their values, or drops those of the first writer"),

    [WS_RULE_NAN_TIME] =
        DEFECT("nan-time", SET_TIME, "the wall time of a record is NaN", REST, KEEPS),
    [WS_RULE_INFINITE_TIME] =
        DEFECT("infinite-time", SET_TIME, "the wall time of a record is infinite",
               "does not show the record", KEEPS),
    [WS_RULE_TIME_BACK] = WARNING("time-back", NONE, "the wall time goes back", "", ""),
    [WS_RULE_UNKNOWN_FIELD] =
        WARNING("unknown-field", NONE, "a record has a field that is not known here", "ignores it",
                "ignores it"),
    [WS_RULE_OTHER_EVENT] =
        WARNING("other-event", NONE, "a record is of a kind that no page shows", "", ""),
    [WS_RULE_NO_VALUES] = WARNING("no-values", NONE, "a record of values has none", "", ""),

    [WS_RULE_STEPS_BACK] =
        DEFECT("steps-back", ORDER,
               "the steps of a tag go back without a restart that Python's loader obeys",
               "drops the older values from this step on", "shows both, as a zigzag"),
    [WS_RULE_SAME_STEP] = DEFECT("same-step", ORDER, "a tag has two values at one step",
                                 "keeps the last", "shows both"),
    [WS_RULE_TAG_TWICE] = DEFECT("tag-twice", ORDER, "a tag appears twice in one record",
                                 "keeps the last", "shows both"),
    [WS_RULE_STALE_TAIL] =
        WARNING("stale-tail", NONE,
                "a session started again at an earlier step, and the tag has no values in place of "
                "its old ones",
                "shows the old values", "drops the old values from that step on"),

    [WS_RULE_EMPTY_TAG] = DEFECT("empty-tag", NONE, "a value has no tag",
                                 "shows a card without a name", "shows a card without a name"),
    [WS_RULE_CONTROL_IN_TAG] = WARNING(
        "control-in-tag", NONE,
        "a tag has a control character; with a line feed its chart in the Scalars tab stays empty",
        "", ""),
    [WS_RULE_NAMELESS_GROUP] =
        WARNING("nameless-group", NONE, "a tag begins with a slash: its group has no name", "", ""),
    [WS_RULE_NO_GROUP] =
        WARNING("no-group", NONE, "a tag has no slash: it becomes a group of its own", "", ""),

    [WS_RULE_BLOB_NAME] = DEFECT(
        "blob-name", NONE,
        "the tag of a picture or sound has a double quote or a backslash: use other characters",
        "refuses to serve it", KEEPS),
    [WS_RULE_BLOB_RUN] = DEFECT(
        "blob-run", NONE,
        "the name of a run with pictures or sounds has a double quote or a backslash: rename "
        "the directory",
        "refuses to serve them", KEEPS),

    [WS_RULE_NO_METADATA] = WARNING(
        "no-metadata", NONE, "no value of the tag so far says which page it is for", HIDES, HIDES),
    [WS_RULE_LATE_METADATA] =
        DEFECT("late-metadata", ADD_METADATA,
               "the first value of the tag does not say which page it is for, but this one does",
               "does not show the tag", KEEPS),
    [WS_RULE_METADATA_CHANGES] = WARNING("metadata-changes", NONE,
                                         "the metadata of a tag changes: the first counts", "", ""),
    [WS_RULE_METADATA_NOT_REPEATED] =
        WARNING("metadata-not-repeated", NONE,
                "only an earlier file of the run says which page the tag is for", KEEPS,
                "accepts it, but does not convert older forms"),
    [WS_RULE_UNKNOWN_PAGE] =
        DEFECT("unknown-page", NONE,
               "a value is for a page that TensorBoard does not have, and has no data class", HIDES,
               KEEPS),
    [WS_RULE_WRONG_CLASS] =
        DEFECT("wrong-class", CLEAR_CLASS, "a value has a data class that its page does not use",
               HIDES, HIDES),
    [WS_RULE_NO_CLASS] =
        WARNING("no-class", NONE, "a tag has no data class", "fills it in", "fills it in"),
    [WS_RULE_OTHER_FORM] = DEFECT("other-form", RENAME, "a tag has values of two kinds", DROPS,
                                  "accepts it, but " PAGE),

    [WS_RULE_NO_VALUE] =
        DEFECT("no-value", LEAVE_VALUE, "a tag comes without a value", KEEPS, ALL_PAGE),
    [WS_RULE_HPARAMS_NO_VALUE] = WARNING(
        "hparams-no-value", NONE,
        "hyperparameters come without the empty value that other writers add", KEEPS, KEEPS),
    [WS_RULE_NO_SHAPE] = DEFECT("no-shape", ADD_SHAPE, "strings have no shape", DROPS,
                                "lists the tag with -1 samples"),
    [WS_RULE_TENSOR] = DEFECT("bad-tensor", LEAVE_VALUE,
                              "the elements of a tensor do not match its shape and type",
                              DROPS ", or " PAGE, PAGE),
    [WS_RULE_SCALAR_FORM] = DEFECT("scalar-form", AS_SCALAR,
                                   "a scalar is not one 32-bit float of rank 0", DROPS, KEEPS),
    [WS_RULE_SCALAR_TYPE] =
        DEFECT("scalar-type", NONE, "a scalar is of a type or size that no 32-bit float holds",
               DROPS, "accepts it, or " PAGE),
    [WS_RULE_NOT_FINITE] = WARNING(
        "not-finite", NONE,
        "a scalar is not finite: NaN is drawn as a triangle, infinity leaves a gap", "", ""),
    [WS_RULE_BLOBS_FORM] = DEFECT(
        "blobs-form", NONE,
        "pictures, sounds and graphs must be strings of rank 1 (pictures: width, height, files)",
        DROPS, DROPS),
    [WS_RULE_PICTURE] = DEFECT("picture", NONE, "a picture is not PNG, JPEG, GIF or BMP",
                               "shows a broken picture", "shows a broken picture"),
    [WS_RULE_PICTURE_SIZE] =
        DEFECT("picture-size", NONE, "a picture has another size than its record says",
               "shows it in the wrong size", "shows it in the wrong size"),
    [WS_RULE_SOUND] = DEFECT("sound", NONE, "a sound is not a WAV file",
                             "shows a player without sound", "shows a player without sound"),
    [WS_RULE_SOUND_KIND] =
        DEFECT("sound-kind", NONE, "the metadata does not say that the sounds are WAV files",
               "sends bytes without a type", "sends bytes without a type"),
    [WS_RULE_SOUND_OLD] =
        WARNING("sound-old", NONE, "a sound is in an older form", "converts it", "converts it"),
    [WS_RULE_HISTOGRAM_COUNTS] =
        DEFECT("histogram-counts", FIT_EDGES, "a histogram has more or fewer counts than edges",
               DROPS, "takes the maximum as the last edge"),
    [WS_RULE_HISTOGRAM_EDGES] = DEFECT("histogram-edges", LEAVE_VALUE,
                                       "a histogram has too few edges for its counts", DROPS, PAGE),
    [WS_RULE_HISTOGRAM] =
        DEFECT("histogram", NONE,
               "a histogram must be finite numbers [k,3] whose buckets are in order and adjoin",
               WRONG, WRONG),
    [WS_RULE_TEXT_FORM] =
        DEFECT("text-form", NONE, "a text must be UTF-8 strings of rank 0, 1 or 2",
               "shows a part of it, or " PAGE, "shows a part of it, or " PAGE),
    [WS_RULE_CURVE] =
        DEFECT("curve", NONE,
               "a precision-recall curve must be finite floats [6,n], and its metadata must give n",
               WRONG ", or " PAGE, WRONG ", or " PAGE),
    [WS_RULE_LAYOUT] = DEFECT(
        "layout", LEAVE_VALUE,
        "a layout of charts must be one string of rank 0 under the tag custom_scalars__config__",
        ALL_PAGE, ALL_PAGE),
    [WS_RULE_HPARAMS] = DEFECT("hparams", LEAVE_VALUE,
                               "a message on hyperparameters is invalid, or not the one of its tag",
                               ALL_PAGE, ALL_PAGE),
    [WS_RULE_HPARAMS_RUNNING] =
        WARNING("hparams-running", NONE, "a session ends as RUNNING, which cannot be changed later",
                "", ""),
    [WS_RULE_MESH] = DEFECT("mesh", LEAVE_VALUE, "a mesh must be of rank 3", ALL_PAGE, ALL_PAGE),

    [WS_RULE_GRAPH] = DEFECT("graph", LEAVE_RECORD, "a graph cannot be decoded", PAGE, PAGE),
    [WS_RULE_GRAPH_NODES] =
        DEFECT("graph-nodes", NONE, "a graph has two nodes of one name", WRONG, WRONG),
    [WS_RULE_GRAPH_INPUT] = WARNING(
        "graph-input", NONE, "an input of a node is not a node: the edge is not drawn", "", ""),
    [WS_RULE_GRAPH_AGAIN] =
        WARNING("graph-again", NONE, "there is more than one graph: the newest is shown", "", ""),
    [WS_RULE_META_GRAPH] = WARNING("meta-graph", NONE, "a graph is in a meta graph", HIDES,
                                   "shows it if the run has no other"),
    [WS_RULE_BAD_META_GRAPH] =
        DEFECT("bad-meta-graph", LEAVE_RECORD, "a meta graph cannot be decoded", HIDES, REST),
    [WS_RULE_RUN_TIMES] =
        DEFECT("run-times", LEAVE_RECORD, "the times of a graph cannot be decoded", PAGE, PAGE),
    [WS_RULE_DEVICE_NAME] = WARNING(
        "device-name", NONE,
        "a device's name does not end in device:TYPE:NUMBER: the Graphs page shows no times", "",
        ""),
    [WS_RULE_TIME_ZERO] = WARNING("time-zero", NONE,
                                  "a node that starts at 0 counts as one that did not run", "", ""),

    [WS_RULE_TWO_EXPERIMENTS] = DEFECT(
        "two-experiments", NONE,
        "the HParams experiments of two directories disagree: start TensorBoard with --logdir "
        "on one of them at a time",
        "shows the columns of one of them", "shows the columns of one of them"),
    [WS_RULE_METRIC_MISSING] =
        WARNING("metric-missing", NONE, "a metric of an HParams experiment is in no run below it",
                "shows an empty column", "shows an empty column"),
    [WS_RULE_HPARAM_HIDDEN] = WARNING(
        "hparam-hidden", NONE,
        "runs have hyperparameters that their HParams experiment does not list", HIDES, HIDES),
    [WS_RULE_CHART_TAG] =
        DEFECT("chart-tag", NONE,
               "the tag of a scalar has \"(\" and the runs have a layout of charts: rename the tag",
               PAGE, PAGE),
};
_Static_assert(sizeof rules / sizeof *rules == WS_N_RULES, "a row for each rule");

const ws_event_rule *ws_event_rule_get(ws_event_rule_id id)
{
    assert(id < WS_N_RULES && rules[id].name != NULL);
    return &rules[id];
}

const char *ws_event_remedy_text(ws_event_remedy remedy)
{
    static const char *const texts[] = {
        [WS_REMEDY_NONE] = "left as it is",
        [WS_REMEDY_LEAVE_RECORD] = "left out",
        [WS_REMEDY_LEAVE_VALUE] = "left out the value",
        [WS_REMEDY_ORDER] = "put the values in the order of their steps",
        [WS_REMEDY_SPLIT] = "made a run of its own for each writer",
        [WS_REMEDY_RENAME] = "gave the values of the second kind a tag of their own",
        [WS_REMEDY_ADD_VERSION] = "put a version record in front",
        [WS_REMEDY_SET_TIME] = "took the time of the record before",
        [WS_REMEDY_ADD_METADATA] = "gave the first value the metadata of this one",
        [WS_REMEDY_ADD_SHAPE] = "added the shape",
        [WS_REMEDY_FIT_EDGES] = "gave each count an edge",
        [WS_REMEDY_AS_SCALAR] = "wrote it as a plain scalar",
        [WS_REMEDY_CLEAR_CLASS] = "removed the class",
    };
    return texts[remedy];
}
