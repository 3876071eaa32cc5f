#!/usr/bin/env python3
"""Fails on phrases that make a reader stop: words in a sense that is rare in English.

check_english.py TOP: TOP is the top of the source tree. Looks at everything that users read (README.md,
src/cmd, src/settings, the public headers) and at the strings of all other sources. english_left.txt
says how many phrases old files may still have: a number may fall, not rise.
check_english.py --update TOP writes that file."""
import collections
import pathlib
import re
import sys

# The phrase, and what to write instead.
PHRASES = {
    r"\b(go|goes|going|gone|went) on\b": "continue, resume",
    r"\b(is|are|was|were) none\b": "is missing, there is no",
    r"\b(is|are) no (number|word|more than)\b": "is not a number, is NaN",
    r"\bwhat is no\b": "what is not",
    r"\bso many\b": "n, that many",
    r"\banew\b": "again, from scratch",
    r"\bwho(m|so)?ever\b": "a user who, the next run",
    r"\bas which\b": "two sentences",
    r"\bin vain\b": "without effect",
    r"\b(un)?heed(s|ed)?\b": "obey, use, ignore",
    r"\bbehind\b": "after",
    r"\bof (these|those|them) alone\b": "only, with the noun",
    r"\b(trips|tripped) over\b": "refuses, fails on",
    r"\bas long as it stays\b": "while it is",
    r"\bbesides\b": "also, other than",
}
EVERY_WORD = ["README.md", "src/cmd", "src/settings", "include"]
STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')


def lines_of(path, strings_only):
    """(number, text) of a file; of strings those that a compiler would join, as one text."""
    lines = path.read_text().splitlines()
    if not strings_only:
        # a sentence may be broken between two lines
        yield from ((n, f"{one} {two.lstrip(' */#')}")
                    for n, (one, two) in enumerate(zip(lines, lines[1:] + [""]), 1))
        return
    joined, first = "", 0
    for number, line in enumerate(lines, 1):
        if re.match(r"\s*#\s*include", line):
            continue
        found = STRING.findall(line)
        if joined and not line.lstrip().startswith('"'):
            yield first, joined
            joined = ""
        if found:
            first = first if joined else number
            joined += "".join(found)
    yield first, joined


def sources(top):
    for name in EVERY_WORD:
        path = top / name
        yield from ((p, False) for p in ([path] if path.is_file() else sorted(path.rglob("*.[ch]"))))
    for path in sorted((top / "src").rglob("*.[ch]")):
        if path.relative_to(top / "src").parts[0] not in ("cmd", "settings"):
            yield path, True


def phrases_of(path, strings_only):
    """[(line, phrase found, what to write)], each once."""
    found, last = [], {}
    for number, text in lines_of(path, strings_only):
        for phrase, instead in PHRASES.items():
            match = re.search(phrase, text, re.IGNORECASE)
            # two lines that share a phrase tell it once
            if match and last.get(phrase, -1) < number - 1:
                found.append((number, match[0], instead))
                last[phrase] = number
    return found


def main():
    top = pathlib.Path(sys.argv[-1])
    left_file = top / "tests/unit/english_left.txt"
    left = {name: int(n) for n, name in map(str.split, left_file.read_text().splitlines())}
    n_left, is_good = collections.Counter(), True
    for path, strings_only in sources(top):
        found = phrases_of(path, strings_only)
        n_left[path.name] += len(found)  # by this name, as files move
        if len(found) > left.get(path.name, 0):
            is_good = False
            for number, phrase, instead in found:
                print(f'{path.relative_to(top)}:{number}: "{phrase}": write: {instead}')
    if sys.argv[1] == "--update":
        left_file.write_text("".join(f"{n} {name}\n" for name, n in sorted(n_left.items()) if n))
        return 0
    print(f"{sum(n_left.values())} old phrases are left")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
