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
#define STOPS       "reads nothing of this file from here on"
#define DEAD        "gives this file up until TensorBoard is restarted"
#define DROPS       "drops the value"
#define KEEPS       "takes it"
#define ALL_STOPPED "stops loading, for all runs"
#define SHOWS_NONE  "shows nothing of it"
#define FAILS       "its page answers with an error"

static const ws_event_rule rules[] = {
    [WS_RULE_BAD_LENGTH] = DEFECT("bad-length", LEAVE_RECORD,
                                  "the length of a record does not fit its checksum", DEAD, STOPS),
    [WS_RULE_ZEROS] = DEFECT("zeros", LEAVE_RECORD,
                             "the file ends in zeros, as after a power cut or on a network disk",
                             DEAD " (BadLengthCrc got 0x07980329, want 0)", STOPS),
    [WS_RULE_BAD_CHECKSUM] =
        DEFECT("bad-checksum", LEAVE_RECORD, "the content of a record does not fit its checksum",
               "does not look: it shows a wrong value, or gives the file up", STOPS),
    [WS_RULE_APPENDED] =
        DEFECT("appended", LEAVE_RECORD,
               "a record is cut off, and others were appended behind it without a repair",
               "may show a wrong value, then gives the file up", STOPS),
    [WS_RULE_NOT_EVENT] =
        DEFECT("not-event", LEAVE_RECORD, "the content of a record is no event", DEAD, ALL_STOPPED),
    [WS_RULE_NOT_UTF8] =
        DEFECT("not-utf8", LEAVE_RECORD, "a text in a record is not UTF-8", DEAD, ALL_STOPPED),
    [WS_RULE_TORN_TAIL] = WARNING("torn-tail", LEAVE_RECORD,
                                  "the file ends within a record: its writer was killed, or is "
                                  "writing just now",
                                  "waits for the rest", "waits for the rest"),
    [WS_RULE_LONG_RECORD] =
        DEFECT("long-record", LEAVE_RECORD, "a record is said to be longer than 1 GiB",
               "asks for that much memory: where there is less, it ends, for all runs",
               "waits for the rest, or ends, for all runs"),
    [WS_RULE_MANY_PARTS] =
        WARNING("many-parts", NONE,
                "a record is of more small parts than are taken apart here: it was not looked at",
                KEEPS, KEEPS),

    [WS_RULE_NO_RECORD] =
        WARNING("no-record", NONE, "there is no whole record in the file", SHOWS_NONE, SHOWS_NONE),
    [WS_RULE_FILE_NAME] =
        WARNING("file-name", NONE,
                "the name is not events.out.tfevents.<ten digits>.*: the order of a run's files "
                "may be wrong, and other programs may pass it over",
                "", ""),
    [WS_RULE_NO_VERSION] =
        DEFECT("no-version", ADD_VERSION, "the first record is not the version brain.Event:2",
               KEEPS, "where a step is lower than the one before, drops the later points of a tag"),
    [WS_RULE_VERSION_AGAIN] =
        WARNING("version-again", LEAVE_RECORD, "there is a second version record", "", ""),
    [WS_RULE_NO_START] = WARNING("no-start", NONE,
                                 "no session starts in this file: a run that is resumed from it "
                                 "will overlap",
                                 "", "takes the first START of a later file for the first of all"),
    [WS_RULE_LATE_START] =
        WARNING("late-start", NONE, "a session starts, but not in the second record", "", ""),
    [WS_RULE_FILES_OVERLAP] =
        WARNING("files-overlap", NONE,
                "the next file of the run was begun before the last record of this one",
                "reads both", "while they grow, reads no more of the older one"),

    [WS_RULE_NAN_TIME] =
        DEFECT("nan-time", SET_TIME, "the wall time of a record is not a number", DEAD, KEEPS),
    [WS_RULE_INFINITE_TIME] =
        DEFECT("infinite-time", SET_TIME, "the wall time of a record is infinite",
               "drops the record", KEEPS),
    [WS_RULE_TIME_BACK] = WARNING("time-back", NONE, "the wall time goes back", "", ""),
    [WS_RULE_UNKNOWN_FIELD] =
        WARNING("unknown-field", NONE, "a record has a field that is not known here", "skips it",
                "skips it"),
    [WS_RULE_OTHER_EVENT] =
        WARNING("other-event", NONE, "a record is of a kind that no page shows", "", ""),
    [WS_RULE_NO_VALUES] = WARNING("no-values", NONE, "a record of values has none", "", ""),

    [WS_RULE_STEPS_BACK] =
        DEFECT("steps-back", LEAVE_OLDER,
               "the steps of a tag go back, and no session starts there that Python's loader heeds",
               "drops the older values from this step on", "shows both, as a zigzag"),
    [WS_RULE_SAME_STEP] = DEFECT("same-step", LEAVE_OLDER, "a tag has two values at one step",
                                 "keeps the last", "shows both"),
    [WS_RULE_TAG_TWICE] = DEFECT("tag-twice", LEAVE_OLDER, "a tag is there twice in one record",
                                 "keeps the last", "shows both"),
    [WS_RULE_STALE_TAIL] =
        WARNING("stale-tail", NONE,
                "a session started again at an earlier step, and the tag has no values in place of "
                "its old ones",
                "shows the old values", "drops those from that step on"),

    [WS_RULE_EMPTY_TAG] = DEFECT("empty-tag", NONE, "a value has no tag",
                                 "shows a card without a name", "shows a card without a name"),
    [WS_RULE_CONTROL_IN_TAG] = WARNING("control-in-tag", NONE,
                                       "a tag has a control character; with a line feed its chart "
                                       "in the Scalars tab stays empty",
                                       "", ""),
    [WS_RULE_NAMELESS_GROUP] =
        WARNING("nameless-group", NONE, "a tag begins with a slash: its group has no name", "", ""),
    [WS_RULE_NO_GROUP] =
        WARNING("no-group", NONE, "a tag has no slash: it becomes a group of its own", "", ""),

    [WS_RULE_NO_METADATA] =
        DEFECT("no-metadata", LEAVE_VALUE,
               "no value of the tag up to here says which page it is for", SHOWS_NONE, SHOWS_NONE),
    [WS_RULE_LATE_METADATA] =
        DEFECT("late-metadata", NONE,
               "not the first value of the tag says which page it is for, but this one",
               "shows nothing of the tag", KEEPS),
    [WS_RULE_METADATA_CHANGES] = WARNING(
        "metadata-changes", NONE, "what a tag's page is told changes: the first counts", "", ""),
    [WS_RULE_METADATA_NOT_REPEATED] =
        WARNING("metadata-not-repeated", NONE,
                "only an earlier file of the run says which page the tag is for", KEEPS,
                "takes it, but does not convert older forms"),
    [WS_RULE_UNKNOWN_PAGE] = DEFECT("unknown-page", NONE,
                                    "a value is for a page that is not TensorBoard's own, and says "
                                    "not of which class it is",
                                    SHOWS_NONE, KEEPS),
    [WS_RULE_WRONG_CLASS] =
        DEFECT("wrong-class", CLEAR_CLASS,
               "a value says a class of data that its page does not have", SHOWS_NONE, SHOWS_NONE),
    [WS_RULE_NO_CLASS] = WARNING("no-class", NONE, "a tag does not say its class of data",
                                 "fills it in", "fills it in"),
    [WS_RULE_OTHER_FORM] =
        DEFECT("other-form", LEAVE_VALUE, "a value is of another kind than the page of its tag",
               DROPS, "takes it, and " FAILS),

    [WS_RULE_NO_VALUE] = DEFECT("no-value", LEAVE_VALUE, "a tag has no value with it", KEEPS,
                                "answers /scalars/tags with an error: the Scalars tab is gone, for "
                                "all runs"),
    [WS_RULE_HPARAMS_NO_VALUE] = WARNING("hparams-no-value", NONE,
                                         "hyperparameters without the empty value that other "
                                         "writers add",
                                         KEEPS, KEEPS),
    [WS_RULE_NO_SHAPE] = DEFECT("no-shape", ADD_SHAPE, "strings have no shape", DROPS,
                                "lists the tag with -1 samples"),
    [WS_RULE_TENSOR] = DEFECT("bad-tensor", LEAVE_VALUE,
                              "a tensor's numbers or strings do not fit its shape and type",
                              DROPS ", or " FAILS, FAILS),
    [WS_RULE_SCALAR_FORM] = DEFECT("scalar-form", AS_SCALAR,
                                   "a scalar is not one 32-bit float of rank 0", DROPS, KEEPS),
    [WS_RULE_NOT_FINITE] = WARNING("not-finite", NONE,
                                   "a scalar is not finite: a NaN is drawn as a triangle, an "
                                   "infinity leaves a gap",
                                   "", ""),
    [WS_RULE_BLOBS_FORM] =
        DEFECT("blobs-form", LEAVE_VALUE,
               "pictures, sounds and graphs are to be strings of rank 1 (pictures: width, height, "
               "files)",
               DROPS, "lists the tag without samples, or fails"),
    [WS_RULE_PICTURE] = DEFECT("picture", NONE, "a picture is no PNG, JPEG, GIF or BMP",
                               "shows a broken picture", "shows a broken picture"),
    [WS_RULE_PICTURE_SIZE] =
        DEFECT("picture-size", NONE, "a picture has another size than is said of it",
               "shows it, with the wrong size", "shows it, with the wrong size"),
    [WS_RULE_SOUND] = DEFECT("sound", NONE, "a sound is no WAV file", "shows a player that is mute",
                             "shows a player that is mute"),
    [WS_RULE_SOUND_KIND] =
        DEFECT("sound-kind", NONE, "the Audio page is not told that the sounds are WAV files",
               "sends bytes without a type", "sends bytes without a type"),
    [WS_RULE_SOUND_OLD] =
        WARNING("sound-old", NONE, "a sound is in an older form", "converts it", "converts it"),
    [WS_RULE_HISTOGRAM_COUNTS] =
        DEFECT("histogram-counts", LEAVE_VALUE, "a histogram has more or fewer counts than edges",
               DROPS, "draws what counts there are"),
    [WS_RULE_HISTOGRAM] = DEFECT("histogram", NONE,
                                 "a histogram is to be numbers [k,3], finite, its buckets in order "
                                 "and adjoining",
                                 "draws it wrong", "draws it wrong"),
    [WS_RULE_TEXT_FORM] =
        DEFECT("text-form", NONE, "a text is to be UTF-8 strings of rank 0, 1 or 2",
               "shows a part of it, or " FAILS, "shows a part of it, or " FAILS),
    [WS_RULE_CURVE] = DEFECT("curve", NONE,
                             "a precision-recall curve is to be floats [6,n], finite, with its "
                             "number of thresholds told",
                             "draws it wrong, or fails", "draws it wrong, or fails"),
    [WS_RULE_LAYOUT] = DEFECT("layout", LEAVE_VALUE,
                              "a layout of charts is to be one string of rank 0 under the tag "
                              "custom_scalars__config__",
                              "the Custom Scalars page fails, for all runs",
                              "the Custom Scalars page fails, for all runs"),
    [WS_RULE_HPARAMS] = DEFECT(
        "hparams", LEAVE_VALUE, "the message on hyperparameters is none, or not the one of its tag",
        "the HParams page fails, for all runs", "the HParams page fails, for all runs"),
    [WS_RULE_HPARAMS_RUNNING] =
        WARNING("hparams-running", NONE, "a session ends as RUNNING, which stays for ever", "", ""),
    [WS_RULE_MESH] =
        DEFECT("mesh", LEAVE_VALUE, "a mesh is to be of rank 3",
               "the Mesh page fails, for all runs", "the Mesh page fails, for all runs"),

    [WS_RULE_GRAPH] = DEFECT("graph", LEAVE_RECORD, "a graph cannot be decoded",
                             "the Graphs page fails", "the Graphs page fails"),
    [WS_RULE_GRAPH_NODES] =
        DEFECT("graph-nodes", NONE, "a graph has two nodes of one name",
               "the Graphs page draws it wrong", "the Graphs page draws it wrong"),
    [WS_RULE_GRAPH_INPUT] = WARNING("graph-input", NONE,
                                    "an input of a node is no node: the edge is not drawn", "", ""),
    [WS_RULE_GRAPH_AGAIN] =
        WARNING("graph-again", NONE, "there is more than one graph: the newest is shown", "", ""),
    [WS_RULE_META_GRAPH] = WARNING("meta-graph", NONE, "a graph is in a meta graph", SHOWS_NONE,
                                   "shows it if the run has no other"),
    [WS_RULE_BAD_META_GRAPH] = DEFECT("bad-meta-graph", LEAVE_RECORD,
                                      "a meta graph cannot be decoded", SHOWS_NONE, ALL_STOPPED),
    [WS_RULE_RUN_TIMES] =
        DEFECT("run-times", LEAVE_RECORD, "the times of a graph cannot be decoded",
               "the Graphs page fails", "the Graphs page fails"),
    [WS_RULE_DEVICE_NAME] = WARNING("device-name", NONE,
                                    "a device's name does not end in device:TYPE:NUMBER: the "
                                    "Graphs page shows no times",
                                    "", ""),
    [WS_RULE_TIME_ZERO] = WARNING("time-zero", NONE,
                                  "a node that starts at 0 counts as one that did not run", "", ""),
};
_Static_assert(sizeof rules / sizeof *rules == WS_N_RULES, "a row for each rule");

const ws_event_rule *ws_event_rule_get(ws_event_rule_id id)
{
    assert(id < WS_N_RULES && rules[id].name != NULL);
    return &rules[id];
}

const char *ws_event_remedy_text(ws_event_remedy remedy)
{
    switch (remedy) {
    case WS_REMEDY_LEAVE_RECORD:
        return "left out";
    case WS_REMEDY_LEAVE_VALUE:
        return "left out the value";
    case WS_REMEDY_LEAVE_OLDER:
        return "left out what the later value replaces";
    case WS_REMEDY_ADD_VERSION:
        return "put a version record in front";
    case WS_REMEDY_SET_TIME:
        return "took the time of the record before";
    case WS_REMEDY_ADD_SHAPE:
        return "added the shape";
    case WS_REMEDY_AS_SCALAR:
        return "wrote it as a plain scalar";
    case WS_REMEDY_CLEAR_CLASS:
        return "took the class away";
    default:
        return "left as it is";
    }
}
