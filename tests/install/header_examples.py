#!/usr/bin/env python3
"""header_examples.py HEADER...: the examples in the headers' comments as one C file, a function
each, to see that they compile. An example is an indented block after an empty line of the comment,
with a semicolon in it."""
import pathlib
import re
import sys

INDENT = re.compile(r"^ \*     (?P<code>.*)$")

print("#include <stdio.h>\n#include <string.h>\n#include <tbevents/tbevents.h>")
n_examples = 0
for name in sys.argv[1:]:
    block, before = [], ""
    for line in [*pathlib.Path(name).read_text().splitlines(), ""]:
        match = INDENT.match(line)
        if match and (block or before == " *"):
            block.append(match["code"])
            continue
        if any(";" in code for code in block):
            n_examples += 1
            print(f"\nvoid example_{n_examples}(tbe_writer *writer, size_t n_weights, "
                  "const float *weights);\n"
                  f"void example_{n_examples}(tbe_writer *writer, size_t n_weights, "
                  "const float *weights)\n{\n    char message[256];\n"
                  "    (void)writer, (void)n_weights, (void)weights, (void)message;\n    {")
            print("\n".join("        " + code for code in block))
            print("    }\n}")
        block, before = [], line
if n_examples < 15:
    sys.exit(f"header_examples.py: only {n_examples} examples were found")
