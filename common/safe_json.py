"""JSON that somebody else wrote: it may hold numbers that no database keeps, and be nested deeper than one can walk."""

import json
import math

MOST_DEEP = 100


def read(content: bytes | str):
    """What it says; what is no number (NaN, Infinity, 1e400) is None. ValueError for what is no JSON, or too deep."""
    try:
        told = json.loads(content, parse_constant=_nothing, parse_float=_number)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if is_deep(told):
        raise ValueError("nested too deep")
    return told


def is_deep(told: object) -> bool:
    """Whether lists and objects lie more than ``MOST_DEEP`` within each other."""
    level = [told]
    for _depth in range(MOST_DEEP + 1):
        level = [each for outer in level if isinstance(outer, list | dict) for each in _inside(outer)]
        if not level:
            return False
    return True


def _inside(outer: list | dict):
    return outer.values() if isinstance(outer, dict) else outer


def _number(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


def _nothing(_name: str) -> None:
    return None
