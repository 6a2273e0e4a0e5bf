"""Parsing of JSON from outside, which may contain numbers that no database stores, or be nested too deep."""

import json
import math

MAX_DEPTH = 100


def parse(content: bytes | str):
    """Return the parsed value, with None for NaN, Infinity and 1e400. Raises ValueError if invalid or too deep."""
    try:
        value = json.loads(content, parse_constant=lambda _name: None, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if is_too_deep(value):
        raise ValueError("nested too deep")
    return value


def is_too_deep(value: object) -> bool:
    """Return whether lists and objects are nested more than ``MAX_DEPTH`` deep."""
    level = [value]
    for _depth in range(MAX_DEPTH + 1):
        level = [item for outer in level if isinstance(outer, list | dict) for item in _items(outer)]
        if not level:
            return False
    return True


def _items(outer: list | dict):
    return outer.values() if isinstance(outer, dict) else outer


def _finite(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None
