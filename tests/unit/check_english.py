#!/usr/bin/env python3
"""Fails on phrases that make a reader stop: words in a sense that is rare in English.

check_english.py TOP: TOP is the top of the source tree. Looks at everything that users read (README.md,
src/cmd, src/settings, the public headers) and at the strings of all other sources."""
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
    top = pathlib.Path(sys.argv[1])
    n_found = 0
    for path, strings_only in sources(top):
        for number, phrase, instead in phrases_of(path, strings_only):
            print(f'{path.relative_to(top)}:{number}: "{phrase}": write: {instead}')
            n_found += 1
    return 1 if n_found else 0


if __name__ == "__main__":
    sys.exit(main())
