"""An animal seen from the side: it walks or runs past to the right, eats from a bowl, or plays with a ball."""

import math

from ..layers import Pose
from ..styles.colour import bgr, mix
from .creature import Creature
from .ink import Sheet, ellipse
from .puppet import Motion

# keep tables of points in rows
# fmt: off

LEGS = ((-7.8, 1, True), (7.2, 0, True), (-9.8, 0, False), (9.4, 1, False))  # x, beat, whether it is a far leg
BITE = 0.9  # seconds between two dips of the head into the bowl


def add_walking(view: Creature) -> None:
    for k, (x, beat, far) in enumerate(LEGS):
        if k == 2:
            _add_tail(view)
            view.puppet.add("body", _draw_flank(view), pivot=(0, 12), motion=view.breath)
        view.puppet.add(f"leg {k}", _draw_leg(view, x, far), pivot=(x, 12.6), motion=_move_leg(view, k, x, beat))
    view.puppet.add("head", _draw_head(view), pivot=(11, 18), motion=_move_head(view))
    if view.subject.action == "eat":
        view.puppet.add("bowl", _draw_bowl(view), pivot=(23.5, 0), rim=False)


def _move_head(view: Creature) -> Motion:
    if view.subject.action == "eat":
        return lambda t: Pose(dy=-1.0, turn=1.12 + 0.1 * math.sin(2 * math.pi * t / BITE) + 0.05 * math.sin(t * 19))
    if view.subject.action == "play":
        return lambda t: Pose(turn=0.34 - 0.3 * view.bat(t), dy=-0.8 + 0.8 * view.bat(t))
    if view.subject.action == "run":
        return lambda t: Pose(turn=0.1 * math.sin(t * view.rate + 0.6), dx=1.0, dy=-1.2)
    return view.look


def _move_leg(view: Creature, k: int, x: float, beat: int) -> Motion:
    hind = x < 0
    if view.subject.action == "run":  # a gallop: both hind legs push off, then both forelegs reach out
        lag = (0.0 if k > 1 else 0.55) + (math.pi * 0.8 if hind else 0.0)
        return lambda t: Pose(turn=-0.82 * math.sin(t * view.rate + lag) - (0.1 if hind else -0.06))
    if view.subject.action == "play" and k == 3:  # the near forepaw bats the ball
        return lambda t: Pose(turn=-1.15 * view.bat(t) - 0.1, dx=0.8 * view.bat(t), dy=0.6 * view.bat(t))
    if not view.walks:
        return lambda t: Pose()
    return lambda t: Pose(turn=-0.34 * math.sin(t * view.rate + beat * math.pi + (0.5 if hind else 0)))


def _draw_bowl(view: Creature) -> Sheet:
    """Draw a bowl of food on the ground, before the animal."""
    sheet = view.brush.sheet(14, 34, -2, 10)
    china, food = view.brush.colour(view.kind.collar or "#4a8fd0"), view.brush.colour("#a8693c")
    heap = [(18.4, 4.6), (20.6, 6.8), (23.5, 7.4), (26.6, 6.6), (28.6, 4.6)]
    view.draw_piece(sheet, [*heap, (23.5, 3.6)], food, width=0.4)
    body = [(16.8, 5.0), (30.2, 5.0), (28.6, 0.2), (23.5, -0.4), (18.4, 0.2)]
    path = view.draw_piece(sheet, body, china, smooth=False)
    dark = [(x + view.dark * 4, y) for x, y in ((23.5, 6), (23.5, -2), (36 if view.dark > 0 else 10, -2))]
    sheet.tint([*dark, (dark[2][0], 6)], view.brush.shade(china), 0.7, False, sheet.mask(path, smooth=False))
    sheet.stroke([(17.2, 4.0), (29.8, 4.0)], view.brush.colour("#f8f4ec"), 0.7, (1, 1), smooth=False)
    return sheet


def _draw_leg(view: Creature, x: float, far: bool) -> Sheet:
    sheet = view.brush.sheet(x - 7, x + 7, -2, 18)
    colour = mix(view.fur, view.shade, 0.85) if far else view.fur
    bend = -1.0 if x < 0 else 0.3
    path = view.draw_piece(
        sheet,
        [
            (x - 2.6, 15), (x - 1.9 + bend, 7), (x - 1.2 + bend * 0.4, 1.8), (x - 1.0, 0), (x + 2.3, 0),
            (x + 2.2, 1.5), (x + 1.1, 2.2), (x + 1.5 + bend, 7), (x + 2.8, 15),
        ],
        colour,
        width=0.46,
    )
    sheet.tint(
        [(x - 3, -1), (x + 4, -1), (x + 4, 1.9), (x - 3, 2.3)], view.belly, 0.95,
        inside=sheet.mask(path, smooth=False),
    )
    if not far:
        sheet.erase([(x - 4, 13.4), (x + 4, 13.4), (x + 4, 19), (x - 4, 19)], smooth=False)
    return sheet


def _draw_flank(view: Creature) -> Sheet:
    sheet = view.brush.sheet(-17, 17, 4, 26)
    path = view.draw_piece(
        sheet,
        [
            (-13, 19.4), (-9, 21.4), (0, 20.4), (8, 21.6), (13, 21), (13.8, 15.6), (11.6, 10.4), (4, 8.6), (-4, 9.2),
            (-10, 8.8), (-14, 13),
        ],
    )
    mask = sheet.mask(path, smooth=False)
    sheet.tint(
        [(-16, 12.4), (-6, 12.6), (4, 11.8), (14, 14), (14, 4), (-16, 4)],
        view.belly if view.kind.belly != view.kind.fur else view.shade, 0.95, inside=mask,
    )
    sheet.tint([(-16, 12.6), (-6, 11.4), (4, 10.6), (15, 12.4), (14, 4), (-16, 4)], view.shade, 0.45, inside=mask)
    if view.kind.mark and view.kind.ears == "point":
        colour = view.brush.colour(view.kind.mark)
        for x in (-9, -5, -1, 3, 7):
            sheet.tint([(x - 1, 23), (x + 1, 23), (x + 0.5, 15.5)], colour, 0.9, False, mask, 0.15)
    return sheet


def _add_tail(view: Creature) -> None:
    sheet = view.brush.sheet(-36, -8, 6, 40)
    points = {
        "long": [(-12.5, 18.5), (-18.5, 20.5), (-22, 26), (-21.4, 32), (-24, 35.5)],
        "curl": [(-12.5, 19), (-16.6, 23), (-15.4, 27.5), (-11.4, 27.2), (-11, 24)],
        "brush": [(-12.5, 18.5), (-18, 20), (-22.5, 23), (-26.5, 27)],
    }[view.kind.tail]
    view.draw_tail(sheet, points, 1.7 if view.kind.tail == "long" else 2.9)
    fast = view.subject.kind == "dog"
    view.puppet.add("tail", sheet, pivot=(-12.5, 18.5), motion=view.wag(0.2 if fast else 0.14, 8.0 if fast else 2.2))


def _draw_head(view: Creature) -> Sheet:
    sheet = view.brush.sheet(4, 34, 10, 42)
    m = view.kind.muzzle
    flop = view.kind.ears == "flop"
    far = [(13, 31), (16, 32), (17, 27)] if flop else [(15.6, 31), (19.4, 37.5), (20.6, 30)]
    view.draw_piece(sheet, far, view.shade, False)
    path = view.draw_piece(
        sheet,
        [
            (9, 20.5), (9.6, 26.5), (13.4, 31.2), (18.6, 31.2), (21.8, 28), (22.8 + m * 1.6, 25.2),
            (22.6 + m * 2.0, 22.6), (19, 20.2), (14, 18.2),
        ],
    )
    mask = sheet.mask(path, smooth=False)
    sheet.tint(
        [(24 + m * 2, 25), (20, 25), (17.4, 22.4), (13, 20.6), (14, 16), (28, 18)], view.belly, 1, inside=mask,
        soft=0.2,
    )
    _draw_near_ear(view, sheet)
    nose = view.brush.colour("#e8908a" if view.subject.kind == "cat" else "#3a2c34")
    nx, ny = 22.8 + m * 1.7, 25.3
    sheet.fill(ellipse(nx, ny, 0.9, 0.7), nose, view.brush.line(nose), 0.25, smooth=False)
    sheet.stroke([(nx - 0.2, ny - 1.4), (nx - 2.4, ny - 2.4), (nx - 3.8, ny - 1.8)], view.line, 0.4)
    eye = sheet.fill(ellipse(18.6, 26.6, 1.2, 1.6), view.brush.colour(view.kind.eyes), view.line, 0.45, smooth=False)
    inside = sheet.mask(eye, smooth=False)
    sheet.tint(ellipse(19.0, 26.6, 0.6, 1.3), bgr("#1a1420"), 1, False, inside, 0.05)
    sheet.tint(ellipse(18.9, 27.3, 0.4, 0.45), view.brush.bright("#ffffff"), 1, False, inside, 0.04)
    if view.kind.collar:
        colour = view.brush.colour(view.kind.collar)
        view.draw_piece(sheet, [(9.2, 23.2), (13.8, 19.4), (14.6, 17.6), (12.6, 17.0), (8.8, 20.6)], colour, width=0.36)
    return sheet


def _draw_near_ear(view: Creature, sheet: Sheet) -> None:
    if view.kind.ears == "flop":
        colour = view.brush.colour(view.kind.mark or view.kind.fur)
        view.draw_piece(sheet, [(11.6, 31), (9.6, 27), (10.6, 22.4), (13.2, 22.2), (14.6, 28)], colour)
        return
    view.draw_piece(sheet, [(10.4, 29.2), (11.4, 37.8), (16.6, 31.6)], view.fur, False)
    sheet.tint([(11.6, 30.6), (12.0, 35.6), (14.8, 31.8)], view.brush.colour("#f2b0a8"), 0.85, False)
