#!/usr/bin/env python3
"""Fails when a script in findings/ has not the form that all have, or when anything uses one.

check_findings.py TOP: TOP is the top of the source tree. Each script stands alone: it says in its
head which versions behave in which way, installs these versions into a folder of its own, and knows
nothing of this project. It runs by hand: it needs PyPI, and foreign software may change."""
import pathlib
import re
import sys

USERS = ["*.c", "*.h", "*.py", "*.sh", "*.txt", "*.cmake", "*.json"]


def faults_of(path, text):
    head = text.split("set -eu\n")[0]
    installed = re.search(r"pip\" install[^\n]*\\?\n?[^\n]*", text)
    packages = re.findall(r"[\w-]+==[\w.]+", installed[0]) if installed else []
    if not text.startswith("#!/bin/sh\n# "):
        yield "begins with #!/bin/sh and a comment"
    for wanted in "# Versions: ", "# Output seen":
        if wanted not in head:
            yield f"says '{wanted.strip(' #:')}' in its head"
    if not packages:
        yield "installs packages as name==version"
    for package in packages:
        if package.replace("==", " ") not in head.replace("\n# ", " "):
            yield f"names the version of {package.split('==')[0]} in its head"
    if "mktemp -d" not in text or "trap 'rm -rf" not in text:
        yield "works in a temporary folder and removes it"
    if "behaviour has changed" not in text:
        yield "fails when the behaviour changes"
    if "wordspot" in text.lower():
        yield "does not mention this project"


def main():
    top = pathlib.Path(sys.argv[1])
    scripts = sorted((top / "findings").iterdir())
    faults = [f"{path}: expected a script that {fault}"
              for path in scripts for fault in faults_of(path, path.read_text())]
    for folder in "src", "include", "proto", "tests":
        for pattern in USERS:
            for path in (top / folder).rglob(pattern):
                text = path.read_text(errors="replace")
                faults += [f"{path}: uses findings/{script.name}, which is to be run by hand"
                           for script in scripts if script.name in text]
    print("\n".join(faults) if faults else f"{len(scripts)} scripts")
    return 1 if faults or not scripts else 0


if __name__ == "__main__":
    sys.exit(main())
