"""Event files with one defect each, for test_event_tool.py: good scalars (tag m/good, steps 1 to 5)
with something bad after the third."""
import pathlib
import sys

from tensorboard.compat.proto import event_pb2, graph_pb2, summary_pb2, tensor_pb2
from tensorboard.compat.proto import tensor_shape_pb2

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from wire import record  # noqa: E402 (it is in another folder)

FLOAT, DOUBLE, STRING, INT64, BFLOAT16, HALF, UINT32 = 1, 2, 7, 9, 14, 19, 22
PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000f"
                    "494441547801010400fbff00ff0000030101008d1de5820000000049454e44ae426082")
WAV = bytes.fromhex("524946462800000057415645666d742010000000010001803e0000007d000002001000"
                    "6461746104000000000001 00".replace(" ", ""))


def event(step=0, wall_time=None, **what):
    """A record of one event; at a second of its own, so that times increase."""
    time = 1000.0 + step if wall_time is None else wall_time
    return record(event_pb2.Event(wall_time=time, step=step, **what).SerializeToString())


def values(*items, step=3, wall_time=1003.5):
    return event(step, wall_time, summary=summary_pb2.Summary(value=items))


def good(*steps, tag="m/good", since=1000.0):
    return b"".join(values(summary_pb2.Summary.Value(tag=tag, simple_value=step), step=step,
                           wall_time=since + step) for step in steps)


def start(step, time=1000.5):
    return event(step, time, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START))


def version(time):
    return event(0, time, file_version="brain.Event:2")


VERSION = version(1000.0)
HEAD = VERSION + start(0)
FULL = HEAD + good(1, 2, 3, 4, 5)


def around(bad):
    return [HEAD + good(1, 2, 3) + bad + good(4, 5)]


def metadata(plugin, data_class=0, content=b""):
    return summary_pb2.SummaryMetadata(
        data_class=data_class,
        plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name=plugin, content=content))


def tensor(dtype, shape, **lists):
    """shape None: absent"""
    made = tensor_pb2.TensorProto(dtype=dtype, **lists)
    if shape is not None:
        made.tensor_shape.CopyFrom(tensor_shape_pb2.TensorShapeProto(
            dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=size) for size in shape]))
    return made


def value(plugin, data_class, made, tag="m/bad", content=b""):
    return summary_pb2.Summary.Value(tag=tag, tensor=made,
                                     metadata=metadata(plugin, data_class, content))


def bad_value(*args, **options):
    return around(values(value(*args, **options)))


def not_utf8():
    made = summary_pb2.Summary.Value(tag="m/tag", simple_value=1)
    payload = event_pb2.Event(wall_time=1003.5, step=3, summary=summary_pb2.Summary(
        value=[made])).SerializeToString()
    return record(payload.replace(b"m/tag", b"m/\xfftag"[:5]))


def damaged_checksum(whole):
    return whole[:-5] + bytes([whole[-5] ^ 1]) + whole[-4:]


def graph(*nodes):
    made = graph_pb2.GraphDef()
    for name, inputs in nodes:
        made.node.add(name=name, op="op", input=inputs)
    return made.SerializeToString()


ONE = good(3, tag="m/other")
BLOB, TENSOR, SCALAR = 3, 2, 1

# name: (files of the run, in order; rules of ours that have to be found, and no other defect).
CASES = {
    "clean": ([FULL], set()),
    "torn_tail": ([FULL + ONE[:-3]], set()),
    "torn_head": ([FULL + ONE[:5]], set()),
    "appended": (around(ONE[:30]), {"appended"}),
    "appended_behind_a_long_one": (around(record(b"\x12" * 5000)[:20]), {"appended"}),
    "appended_behind_a_head": (around(ONE[:7]), {"bad-length"}),
    "bad_length": (around(bytes([ONE[0] ^ 1]) + ONE[1:]), {"bad-length"}),
    "bad_checksum": (around(damaged_checksum(ONE)), {"bad-checksum"}),
    "zeros": ([FULL + bytes(64)], {"zeros"}),
    "hole": (around(bytes(64)), {"bad-length"}),
    "not_event": (around(record(b"\xff\xff\xff\xff")), {"not-event"}),
    "not_utf8": (around(not_utf8()), {"not-utf8"}),
    "no_version": ([start(0) + good(1, 2, 3, 4, 5)], {"no-version"}),
    "nan_time": (around(values(summary_pb2.Summary.Value(tag="m/other", simple_value=1),
                               wall_time=float("nan"))), {"nan-time"}),
    "infinite_time": (around(values(summary_pb2.Summary.Value(tag="m/other", simple_value=1),
                                    wall_time=float("inf"))), {"infinite-time"}),
    "steps_back": ([HEAD + good(1, 2, 3, 7, 8, 4, 5)], {"steps-back"}),
    "same_step": ([HEAD + good(1, 2, 3, 3, 4, 5)], {"same-step"}),
    "tag_twice": ([HEAD + good(1, 2) +
                   values(*[summary_pb2.Summary.Value(tag="m/good", simple_value=x)
                            for x in (9, 3)], wall_time=1003.0) + good(4, 5)], {"tag-twice"}),
    "resumed": ([HEAD + good(1, 2, 3, 8, 9), VERSION + start(4) + good(4, 5)], set()),
    "resumed_without_first_start": ([VERSION + good(1, 2, 3, 4, 5),
                                     version(2000.0) + start(4, 2000.0) +
                                     good(4, 5, since=2000.0)], {"steps-back"}),
    "two_writers": ([VERSION + good(1, 2, 3, 4, 5),
                     VERSION + good(2, 4) + good(6, tag="m/other")], {"two-writers"}),
    "two_writers_with_starts": ([FULL, HEAD + good(2, 4)], {"two-writers"}),
    "two_writers_of_other_tags": ([VERSION + good(1, 2, 3, 4, 5),
                                   VERSION + good(1, 2, tag="m/other")], set()),
    "two_writers_of_other_tags_with_starts": ([FULL, HEAD + good(1, 2, tag="m/other")],
                                              {"two-writers"}),
    "steps_down": ([FULL + good(*range(9, 5, -1), tag="m/down")], {"steps-back"}),
    "empty_tag": (around(values(summary_pb2.Summary.Value(tag="", simple_value=1))),
                  {"empty-tag"}),
    "no_metadata": (around(values(summary_pb2.Summary.Value(
        tag="m/bad", tensor=tensor(FLOAT, [2, 2], float_val=[1, 2, 3, 4])))), set()),
    "late_metadata": (around(values(summary_pb2.Summary.Value(
        tag="m/bad", tensor=tensor(FLOAT, [], float_val=[1]))) +
        values(value("scalars", SCALAR, tensor(FLOAT, [], float_val=[2])), step=4)),
        {"late-metadata"}),
    "metadata_in_first_file": ([HEAD + good(1, 2, 3) +
                                values(value("scalars", SCALAR, tensor(FLOAT, [], float_val=[1]))),
                                VERSION + start(4) +
                                values(summary_pb2.Summary.Value(
                                    tag="m/bad", tensor=tensor(FLOAT, [], float_val=[2])),
                                    step=4) + good(4, 5)], set()),
    "unknown_page": (bad_value("ours", 0, tensor(FLOAT, [], float_val=[1])), {"unknown-page"}),
    "wrong_class": (bad_value("scalars", TENSOR, tensor(FLOAT, [], float_val=[1])),
                    {"wrong-class"}),
    "no_value": (around(values(summary_pb2.Summary.Value(
        tag="m/bad", metadata=metadata("scalars", SCALAR)))), {"no-value"}),
    "hparams_no_value": (around(values(summary_pb2.Summary.Value(
        tag="_hparams_/session_end_info",
        metadata=metadata("hparams", TENSOR, bytes.fromhex("220b08011100000000000004 40"
                                                           .replace(" ", "")))), step=0)), set()),
    "no_shape": (bad_value("images", BLOB, tensor(STRING, None, string_val=[b"1", b"1", PNG])),
                 {"no-shape"}),
    "bad_tensor": (bad_value("scalars", SCALAR, tensor(FLOAT, [2], float_val=[1, 2, 3])),
                   {"bad-tensor"}),
    "strings_in_bytes": (bad_value("text", TENSOR, tensor(STRING, [], tensor_content=b"x")),
                         {"bad-tensor"}),
    "double": (bad_value("scalars", SCALAR, tensor(DOUBLE, [], double_val=[0.5])),
               {"scalar-form"}),
    "half": (bad_value("scalars", SCALAR, tensor(HALF, [], half_val=[0x3800])), {"scalar-form"}),
    "bfloat16": (bad_value("scalars", SCALAR, tensor(BFLOAT16, [], tensor_content=b"\x00\x3f")),
                 {"scalar-form"}),
    "int64": (bad_value("scalars", SCALAR, tensor(INT64, [], int64_val=[2 ** 40 + 2 ** 20])),
              {"scalar-form"}),
    "uint32": (bad_value("scalars", SCALAR, tensor(UINT32, [], uint32_val=[2 ** 31])),
               {"scalar-form"}),
    "rank_1": (bad_value("scalars", SCALAR, tensor(FLOAT, [1], float_val=[0.5])),
               {"scalar-form"}),
    "number_of_wrong_class": (around(values(summary_pb2.Summary.Value(
        tag="m/bad", simple_value=0.5, metadata=metadata("scalars", TENSOR)))), {"wrong-class"}),
    "other_form": (around(values(summary_pb2.Summary.Value(tag="m/bad", simple_value=1)) +
                          values(summary_pb2.Summary.Value(
                              tag="m/bad", histo=summary_pb2.HistogramProto(
                                  bucket_limit=[1, 2], bucket=[1, 1])), step=4, wall_time=1003.6)),
                   {"other-form"}),
    "two_kinds": (around(b"".join(values(
        summary_pb2.Summary.Value(tag="m/bad", simple_value=step),
        value("histograms", TENSOR, tensor(DOUBLE, [1, 3], double_val=[0, 1, step])), step=step,
        wall_time=1003.0 + step / 10) for step in (1, 2, 3))), {"other-form"}),
    "number_and_tensor": (around(values(summary_pb2.Summary.Value(tag="m/bad", simple_value=1)) +
                                 values(summary_pb2.Summary.Value(
                                     tag="m/bad", tensor=tensor(FLOAT, [], float_val=[2])), step=4,
                                     wall_time=1003.6)), set()),
    "model_as_keras_writes_it": (bad_value("graph_keras_model", 0,
                                           tensor(STRING, [], string_val=[b"{}"])), set()),
    "no_pictures": (bad_value("images", BLOB, tensor(STRING, [2], string_val=[b"1", b"1"])),
                    set()),
    "image_rank_0": (bad_value("images", BLOB, tensor(STRING, [], string_val=[b"1"])),
                     {"blobs-form"}),
    "no_picture": (bad_value("images", BLOB, tensor(STRING, [3], string_val=[b"1", b"1", b"x"])),
                   {"picture"}),
    "picture_size": (bad_value("images", BLOB,
                               tensor(STRING, [3], string_val=[b"2", b"1", PNG])),
                     {"picture-size"}),
    "no_sound": (bad_value("audio", BLOB, tensor(STRING, [1], string_val=[b"x"]),
                           content=b"\x10\x0b"), {"sound"}),
    "sound_kind": (bad_value("audio", BLOB, tensor(STRING, [1], string_val=[WAV])),
                   {"sound-kind"}),
    "histogram_counts": (around(values(summary_pb2.Summary.Value(
        tag="m/bad", histo=summary_pb2.HistogramProto(max=9, bucket_limit=[1, 2], bucket=[1])))),
        {"histogram-counts"}),
    "histogram_too_few_edges": (around(values(summary_pb2.Summary.Value(
        tag="m/bad", histo=summary_pb2.HistogramProto(bucket_limit=[1], bucket=[1, 2, 3])))),
        {"histogram-edges"}),
    "histogram_edges": (around(values(summary_pb2.Summary.Value(
        tag="m/bad", histo=summary_pb2.HistogramProto(bucket_limit=[2, 1], bucket=[1, 1])))),
        {"histogram"}),
    "histogram_form": (bad_value("histograms", TENSOR,
                                 tensor(DOUBLE, [2, 2], double_val=[1, 2, 3, 4])), {"histogram"}),
    "histogram_gap": (bad_value("histograms", TENSOR, tensor(
        DOUBLE, [2, 3], double_val=[0, 1, 1, 2, 3, 1])), {"histogram"}),
    "text_form": (bad_value("text", TENSOR, tensor(STRING, [1, 1, 1], string_val=[b"x"])),
                  {"text-form"}),
    "text_not_utf8": (bad_value("text", TENSOR, tensor(STRING, [], string_val=[b"\xff"])),
                      {"text-form"}),
    "own_page_with_halves": (bad_value("ours", TENSOR, tensor(19, [1], half_val=[1])), set()),
    "one_number_for_all": (bad_value("histograms", TENSOR, tensor(DOUBLE, [2, 3], double_val=[1])),
                           set()),
    "curve": (bad_value("pr_curves", TENSOR, tensor(FLOAT, [6, 1], float_val=[1] * 6)), {"curve"}),
    "layout": (bad_value("custom_scalars", TENSOR, tensor(STRING, [], string_val=[b"\xff"]),
                         tag="custom_scalars__config__"), {"layout"}),
    "hparams": (bad_value("hparams", TENSOR, tensor(FLOAT, []), tag="_hparams_/experiment",
                          content=b"\x22\x00"), {"hparams"}),
    "mesh": (bad_value("mesh", TENSOR, tensor(FLOAT, [1], float_val=[1])), {"mesh"}),
    "graph": (around(event(3, 1003.5, graph_def=b"\xff\xff")), {"graph"}),
    "graph_twice_a_name": (around(event(3, 1003.5, graph_def=graph(("a", []), ("a", [])))),
                           {"graph-nodes"}),
    "graph_input": (around(event(3, 1003.5, graph_def=graph(("a", ["b"])))), set()),
    "meta_graph": (around(event(3, 1003.5, meta_graph_def=b"")), set()),
    "bad_meta_graph": (around(event(3, 1003.5, meta_graph_def=b"\xff\xff")), {"bad-meta-graph"}),
    "run_times": (around(event(3, 1003.5, tagged_run_metadata=event_pb2.TaggedRunMetadata(
        tag="t", run_metadata=b"\xff\xff"))), {"run-times"}),
    "line_feed_in_tag": (around(good(3, tag="m/a\nb")), set()),
    "unknown_field": (around(record(event_pb2.Event(wall_time=1003.5, step=3)
                                    .SerializeToString() + b"\xa0\x06\x01")), set()),
}

# Where the judge has another opinion, and why.
JUDGE_NOTES = {"steps_back", "same_step", "resumed_without_first_start", "steps_down",
               "two_writers", "two_writers_with_starts",
               "two_writers_of_other_tags_with_starts",  # it calls these notes
               "appended_behind_a_long_one",  # it does not look after a torn tail
               "number_of_wrong_class", "other_form", "bad_meta_graph", "text_not_utf8"}
JUDGE_BAD = {"unknown_field",           # which both loaders skip
             "no_metadata",             # which both loaders do not show, and nothing more
             "graph_input",             # whose edge is left out, as in PyTorch's graphs
             "model_as_keras_writes_it", "number_and_tensor", "no_pictures", "own_page_with_halves",
             "one_number_for_all",      # which both loaders take
             "hparams_no_value",        # which both loaders take
             "metadata_in_first_file"}  # it looks at each file by itself, the loaders at the run

# Steps of m/good that a loader shows before a repair, where these are not 1 to 5.
RUST_SHOWS = {"two_writers": [1, 2, 4], "two_writers_with_starts": [1, 2, 4],
              **{name: [1, 2, 3] for name in
              ("appended_behind_a_head", "bad_length", "not_event", "not_utf8", "nan_time", "hole",
               "appended", "appended_behind_a_long_one")}}
PYTHON_SHOWS = {**{name: [1, 2, 3] for name in
                   ("appended_behind_a_head", "bad_length", "bad_checksum", "hole", "appended",
                    "appended_behind_a_long_one")},
                "not_event": "error", "not_utf8": "error", "bad_meta_graph": "error",
                "histogram_too_few_edges": "error",
                "steps_back": [1, 2, 3, 7, 8, 4, 5], "same_step": [1, 2, 3, 3, 4, 5],
                "tag_twice": [1, 2, 3, 3, 4, 5],
                "resumed_without_first_start": [1, 2, 3, 4, 5, 4, 5],
                "two_writers": [1, 2, 3, 4, 5, 2, 4], "two_writers_with_starts": [2, 4],
                "two_writers_of_other_tags_with_starts": []}
# And after it, in both loaders.
REPAIRED = {"steps_back": [1, 2, 3, 4, 5, 7, 8]}
# Values that a repair leaves out, and why: it says how many they are.
LEFT_OUT = {"same_step": "1 value left out: a later value has the same tag and step",
            "tag_twice": "1 value left out: a later value has the same tag and step",
            "resumed_without_first_start":
                "2 values left out: a later value has the same tag and step",
            "no_value": "1 x no-value", "bad_tensor": "1 x bad-tensor",
            "strings_in_bytes": "1 x bad-tensor", "histogram_too_few_edges": "1 x histogram-edges",
            "graph": "1 x graph", "run_times": "1 x run-times",
            "layout": "1 x layout", "hparams": "1 x hparams", "mesh": "1 x mesh"}

# Scalars that at most Python's loader shows before a repair, with their steps, and both after it.
RUST_HIDES = {**dict.fromkeys(("double", "half", "int64", "rank_1", "number_of_wrong_class"), [3]),
              "late_metadata": [3, 4], "bfloat16": "error", "uint32": "error"}
# (One with too long a record is not here: it ends the data server, for all runs.)

# What a repair leaves as it is: no loader stops at it, and what is meant cannot be known.
NOT_REPAIRED = {"unknown_page", "image_rank_0", "no_picture", "picture_size", "no_sound", "sound_kind",
                "graph_twice_a_name", "histogram_edges", "histogram_form", "histogram_gap",
                "text_form", "text_not_utf8", "curve", "empty_tag"}


def write(folder):
    """One run a case. @return paths of the files by case"""
    paths = {}
    for name, (files, _) in CASES.items():
        run = folder / name
        run.mkdir(parents=True)
        paths[name] = [run / f"events.out.tfevents.{1000000000 + i}.host" for i in
                       range(len(files))]
        for path, content in zip(paths[name], files):
            path.write_bytes(content)
    return paths
