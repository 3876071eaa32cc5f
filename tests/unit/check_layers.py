#!/usr/bin/env python3
"""Fails when a source file includes a module that src/LAYERS does not allow it.

check_layers.py TOP: TOP is the top of the source tree. Quoted includes are written from src/
("base/file.h"); those without a slash, of include/ and of generated messages are no module's."""
import pathlib
import re
import sys


def read_layers(path):
    """{module: set of modules and single headers}; a module may only name earlier ones."""
    allowed = {}
    for line in path.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        module, depends = line.split(":")
        later = [d for d in depends.split() if d.split("/")[0] not in allowed]
        if later:
            sys.exit(f"{path}: {module} names {', '.join(later)} before they are listed")
        allowed[module] = set(depends.split()) | {module}
    return allowed


def main():
    src = pathlib.Path(sys.argv[1]) / "src"
    allowed = read_layers(src / "LAYERS")
    folders = {path.relative_to(src).parts[0] for path in src.rglob("*/*.[ch]")}
    faults = [f"src/{name}: not in src/LAYERS" for name in sorted(folders - set(allowed))]
    for path in sorted(src.rglob("*.[ch]")):
        module = path.relative_to(src).parts[0]
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            target = match[1].split("/")[0]
            if target == "..":
                faults.append(f"{path}:{number}: includes are written from src/, without ..")
            elif target in allowed and not {target, match[1]} & allowed.get(module, {target}):
                faults.append(f"{path}:{number}: {module} may not include {match[1]}")
    print("\n".join(faults) if faults else f"{len(folders)} modules, every include allowed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
