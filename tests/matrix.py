"""Rows of parametrized tests that only ``./test deep`` runs."""

from collections.abc import Iterable
from typing import Any

import pytest


def deep_except(rows: Iterable[Any], *kept: Any) -> list[Any]:
    """Return all rows of a one-argument matrix, marked ``deep`` except for the kept ones."""
    return [row if row in kept else pytest.param(row, marks=pytest.mark.deep) for row in rows]
