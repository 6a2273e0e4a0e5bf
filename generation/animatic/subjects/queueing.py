"""Place things of one kind one behind the other."""

from dataclasses import replace

from ..layers import Spot, Stage

# keep tables of points in rows
# fmt: off


def place_queue(stage: Stage, spot: Spot, count: int, gap: float) -> list[Spot]:
    """Return spots for ``count`` things one behind the other, in drawing order; they shrink if the frame is full.

    ``gap``: distance between two of them in heights of a person.
    """
    if count == 1:
        return [spot]
    size = min(1.0, stage.width * 0.92 / (spot.height * gap * count))
    size = max(0.34, size)
    step = min(spot.height * size * gap, stage.width * 0.9 / count)
    first = stage.width / 2 + spot.facing * step * (count - 1) / 2
    out = []
    for k in range(count):
        dx = first - spot.facing * step * k - spot.x
        back = 0.05 * spot.height * (k % 2)
        y = spot.y + stage.ground_rise(spot.x, dx) - back
        out.append(replace(spot, x=spot.x + dx, y=y, height=spot.height * size))
    return sorted(out, key=lambda place: place.y)
