"""What stands in places, from ``places.toml``."""

from functools import cache
from typing import Any

from ..catalogue import load_table
from ..lines import Sketch
from ..things import draw_named
from ..tracing import load_shapes
from .setting import Setting

TIMES = (0.26, 0.46)


@cache
def load_furniture() -> dict[str, Any]:
    return load_table("places")


def draw_furniture(setting: Setting) -> list[Sketch]:
    """Return the furniture of a place, back to front; none for a variant without a row."""
    rows = load_furniture().get(setting.panel.place, {})
    items = sorted(rows.get(setting.variant, ()), key=lambda item: item[2])
    sketches: list[Sketch] = []
    for name, x, y, tall in items:
        sketches += draw_named(name, setting.at(x, y), setting.height * tall, x > 0.5, TIMES)
    return sketches


def list_goods(variant: str) -> list[str]:
    """Return the pictures of what a shop sells: those of a row, or the one that the variant names."""
    rows = load_furniture()["shop"]
    if variant in rows:
        return [name for (name,) in rows[variant]]
    return [variant] if load_shapes(variant) else []
