"""What a test finds wrong: gathered, so that one run tells all of it at its end."""
import sys

failures = []


def expect(what, got, want):
    if got != want:
        failures.append(f"{what}:\n    got      {str(got)[:600]}\n    expected {str(want)[:600]}")


def tell(success):
    """Ends the test: with what was found, or else that line."""
    if failures:
        sys.exit("\n".join(failures))
    print(success)
