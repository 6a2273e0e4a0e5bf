"""Place people who act together: opponents face each other, people hand in hand stand in a row."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from .layers import Spot, Stage
from .scene import PEOPLE, Subject
from .styles import style_for
from .subjects.figure.ball_player import APART as BALL_APART
from .subjects.figure.body import measure_reach
from .subjects.figure.fighter import APART
from .subjects.people import get_group

GRIP = 1.6  # how far a hand reaches into the other one, in units
SHIFT = 0.55  # distance of a pair of opponents from the next, in heights of a person


def plan_groups(stage: Stage, subjects: Sequence[Subject], spot: Spot) -> None:
    """Set ``stage.group_spots`` for all who act together, around ``spot``."""
    groups: dict[str, list[Subject]] = {}
    for subject in subjects:
        if subject.kind in PEOPLE and subject.view != "front":
            groups.setdefault(get_group(subject), []).extend([subject] * subject.count)
    for name, place in (("fight", _oppose), ("play", _oppose), ("hold_hands", _join_hands), ("whole", _line_up)):
        members = groups.get(name, [])
        if len(members) > 1:
            stage.group_spots[name] = place(stage, members, spot)


def _line_up(stage: Stage, members: Sequence[Subject], spot: Spot) -> list[Spot]:
    """Return spots side by side with room for arms and guitars; every second one stands a little further back."""
    gap = 0.72 if any(member.tool for member in members) else 0.6
    steps = [k * gap for k in range(len(members))]
    return _spread(stage, spot, steps, [1.0 - 0.05 * (k % 2) for k in range(len(members))])


def _oppose(stage: Stage, members: Sequence[Subject], spot: Spot) -> list[Spot]:
    """Return spots of opponents in pairs who face each other; somebody without an opponent stands at the end."""
    apart = (BALL_APART if members[0].action == "play" else APART[members[0].tool]) / 100
    steps = [k // 2 * (apart + SHIFT) + k % 2 * apart for k in range(len(members))]
    places = _spread(stage, spot, steps, [1.0 - 0.06 * (k // 2 % 2) for k in range(len(members))])
    alone = len(members) % 2
    return [
        replace(place, facing=-1 if k % 2 else 1, partner=not alone or k < len(members) - 1)
        for k, place in enumerate(places)
    ]


def _spread(stage: Stage, spot: Spot, steps: Sequence[float], sizes: Sequence[float]) -> list[Spot]:
    """Return spots from left to right.

    ``steps``: distances from the first in heights of a person. ``sizes``: factors of the height of those further back.
    """
    width = steps[-1]
    spot = replace(spot, height=min(spot.height, 0.92 * stage.width / (width + 0.5)))
    left = _find_middle(stage, spot, (width / 2 + 0.2) * spot.height) - width / 2 * spot.height
    out = []
    for step, size in zip(steps, sizes, strict=True):
        x = left + step * spot.height
        y = spot.y + stage.ground_rise(spot.x, x - spot.x) - (1 - size) * spot.height * 0.5
        out.append(replace(spot, x=x, y=y, height=spot.height * size, depth=spot.depth - (1 - size) * 0.1))
    return out


def _join_hands(stage: Stage, members: Sequence[Subject], spot: Spot) -> list[Spot]:
    """Return spots in a row at distances at which neighbours reach each other's hands."""
    heads = style_for(stage.style).ink.heads
    reaches = [measure_reach(member.kind, heads, behind=member.view == "back") for member in members]
    steps, heights = [], []
    for (x0, top0, long0), (x1, top1, long1) in pairwise(reaches):
        high = max(top0 - long0 * 0.985, top1 - long1 * 0.985)  # both reach it, the smaller person upwards
        heights.append(high)
        across = sum((long**2 - (top - high) ** 2) ** 0.5 for top, long in ((top0, long0), (top1, long1)))
        steps.append(x0 + x1 + across - GRIP)
    width = sum(steps) / 100
    spot = replace(spot, height=min(spot.height, 0.88 * stage.width / (width + 0.3)))
    x = _find_middle(stage, spot, (width / 2 + 0.12) * spot.height) - width * spot.height / 2
    out = []
    for k in range(len(members)):
        clasps = [(-1, heights[k - 1])] if k else []
        clasps += [(1, heights[k])] if k < len(heights) else []
        out.append(replace(spot, x=x, y=spot.y, facing=1, clasps=tuple(clasps)))
        x += (steps[k] if k < len(steps) else 0) / 100 * spot.height
    return out


def _find_middle(stage: Stage, spot: Spot, half: float) -> float:
    """Return the x nearest to the spot around which a group of a half width, in pixels, stands on visible ground."""
    least, most = half + 0.02 * stage.width, 0.98 * stage.width - half
    if spot.ends is not None:
        least, most = max(least, spot.ends[0] + half), min(most, spot.ends[1] - half)
    return min(max(spot.x, least), most) if least < most else (least + most) / 2
