"""How a benchmark that asks for something ends: what was missed in words, its figures as JSON, and 1 if any was."""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import NoReturn


def give(figures: Mapping[str, object], missed: Iterable[str]) -> NoReturn:
    """The figures stay the last line, whatever was missed: programs read them."""
    missed = list(missed)
    for words in missed:
        sys.stdout.write(f"missed: {words}\n")
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()
    sys.exit(1 if missed else 0)


def above(figures: Mapping[str, object], asks: Mapping[str, float]) -> list[str]:
    """Words for each figure that is above what is asked, or that could not be measured (None)."""
    return [
        f"{name} is {figures[name]}, asked is at most {most:g}"
        if figures[name] is not None
        else f"{name} was not measured, asked is at most {most:g}"
        for name, most in asks.items()
        if figures[name] is None or figures[name] > most
    ]


def below(figures: Mapping[str, object], least: Mapping[str, float]) -> list[str]:
    """Words for each figure that is too small for the others to prove anything."""
    return [
        f"{name} is {figures[name]}, asked is at least {few:g}: a smaller run proves nothing"
        for name, few in least.items()
        if figures[name] < few
    ]
