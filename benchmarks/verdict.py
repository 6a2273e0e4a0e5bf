"""End a benchmark that has goals: print the missed goals and the figures as JSON, and exit with 1 if any was missed."""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import NoReturn


def report(figures: Mapping[str, object], missed: Iterable[str]) -> NoReturn:
    """Print missed goals and figures, then exit. The figures stay the last line, because programs read them."""
    missed = list(missed)
    for message in missed:
        sys.stdout.write(f"missed: {message}\n")
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()
    sys.exit(1 if missed else 0)


def list_above(figures: Mapping[str, object], limits: Mapping[str, float]) -> list[str]:
    """Return a message for each figure that exceeds its limit or could not be measured (None)."""
    return [
        f"{name} is {figures[name]}, the limit is {limit:g}"
        if figures[name] is not None
        else f"{name} was not measured, the limit is {limit:g}"
        for name, limit in limits.items()
        if figures[name] is None or figures[name] > limit
    ]


def list_below(figures: Mapping[str, object], least: Mapping[str, float]) -> list[str]:
    """Return a message for each figure that is too small for a meaningful run."""
    return [
        f"{name} is {figures[name]}, the minimum is {minimum:g}: a smaller run proves nothing"
        for name, minimum in least.items()
        if figures[name] < minimum
    ]
