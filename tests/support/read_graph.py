#!/usr/bin/env python3
"""read_graph.py FILE: the nodes of a binary GraphDef in their order, or of the graph in a
saved_model.pb: "op name <- inputs". Independent of the C code; only the wire format is shared."""
import pathlib
import sys

from wire import fields

MESSAGE = 2


def texts(message, number):
    return [value.decode() for field, value in fields(message) if field == number]


def graph_of(path):
    data = path.read_bytes()
    if path.name != "saved_model.pb":
        return data
    meta_graph = next(value for field, value in fields(data) if field == 2)
    return next(value for field, value in fields(meta_graph) if field == 2)


def main():
    for field, node in fields(graph_of(pathlib.Path(sys.argv[1]))):
        if field == 1:
            print(*texts(node, 2), *texts(node, 1), "<-", *texts(node, 3))


if __name__ == "__main__":
    main()
