"""Runs the programs of a test."""
import subprocess
import sys


def run(*command):
    """What it printed. Ends the test if the program fails or takes two minutes."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=False, timeout=120)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")
    return done.stdout
