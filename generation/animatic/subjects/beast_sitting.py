"""A sitting animal, with its back or its face to the camera."""

import numpy as np

from ..layers import Pose
from ..styles.colour import bgr, mix, times
from .creature import Creature
from .ink import Sheet, ellipse
from .puppet import Motion

# keep tables of points in rows
# fmt: off

def add_sitting(view: Creature, face: bool) -> None:
    _add_tail(view)
    view.puppet.add("body", _draw_body(view, face), pivot=(0, 0), motion=view.breath)
    neck = (0.0, 24.0)
    if view.kind.ears == "point":
        _add_ears(view, neck)
    view.puppet.add("head", _draw_head(view, face), pivot=neck, motion=view.look)
    if view.kind.ears == "flop":
        _add_ears(view, neck)
    if face:
        for name, closed in (("eyes open", False), ("eyes closed", True)):
            blink = _blink(view, closed)
            view.puppet.add(
                name, _draw_eyes(view, closed), pivot=(0, 31), motion=blink, parent=view.look, parent_pivot=neck,
                rim=False,
            )


def _add_ears(view: Creature, neck: tuple[float, float]) -> None:
    for side in (-1, 1):
        options = {"motion": view.twitch(side), "parent": view.look, "parent_pivot": neck}
        view.puppet.add(f"ear {side}", _draw_ear(view, side), pivot=(side * 5.6, 36.0), **options)


def _blink(view: Creature, closed: bool) -> Motion:
    def motion(t: float) -> Pose:
        shut = (t + view.phase * 0.3) % 2.7 > 2.56 or view.subject.expression == "sleepy"
        return Pose(alpha=1.0 if shut == closed else 0.0)

    return motion


def _draw_body(view: Creature, face: bool) -> Sheet:
    sheet = view.brush.sheet(-17, 17, -2, 30)
    half = [(4.6, 28), (6.6, 22), (8.4, 15), (11.6, 8.5), (11.8, 3), (8.6, 0.2)]
    path = view.draw_piece(sheet, [(0, 29), *half, (0, -0.4), *[(-x, y) for x, y in reversed(half)]])
    mask = sheet.mask(path, smooth=False)
    sheet.tint(
        [
            (view.dark * 1.5, 30), (view.dark * 3.5, 16), (view.dark * 6, 6), (view.dark * 3, -1),
            (view.dark * 16, -1), (view.dark * 16, 30),
        ],
        view.shade,
        0.8,
        inside=mask,
    )
    _draw_marks(view, sheet, mask)
    if face:
        sheet.tint([(0, 27), (4.2, 22), (3.2, 12), (0, 8), (-3.2, 12), (-4.2, 22)], view.belly, 1, inside=mask)
        for k in (-1, 1):
            view.draw_piece(
                sheet,
                [
                    (k * 1.0, 15), (k * 0.7, 2), (k * 1.4, -0.6), (k * 4.6, -0.6), (k * 5.0, 1.6), (k * 4.2, 6),
                    (k * 4.6, 15),
                ],
                width=0.42,
            )
            view.draw_piece(sheet, ellipse(k * 3.0, 0.7, 2.3, 1.5), view.belly, False, 0.4)
            sheet.fill([(k * 1.6, 17.5), (k * 1.3, 12), (k * 4.2, 12), (k * 4.8, 17.5)], view.fur)
    else:
        sheet.stroke([(0, 27), (0.2, 17)], view.shade, 0.7)
        for k in (-1, 1):
            sheet.stroke([(k * 9.8, 10.8), (k * 6.0, 8.0), (k * 5.4, 3.2), (k * 7.2, 0.6)], view.line, 0.45)
    if view.kind.collar:
        colour = view.brush.colour(view.kind.collar)
        collar = [(-5.4, 26), (0, 24.2), (5.4, 26), (5.8, 23.6), (0, 21.8), (-5.8, 23.6)]
        view.draw_piece(sheet, collar, colour, width=0.36)
        if face:
            gold = view.brush.colour("#f0c050")
            view.draw_piece(sheet, ellipse(0, 21.6, 1.3, 1.3), gold, False, 0.34)
    return sheet


def _draw_marks(view: Creature, sheet: Sheet, mask: np.ndarray) -> None:
    if not view.kind.mark or view.kind.ears == "flop":
        return
    colour = view.brush.colour(view.kind.mark)
    for k in (-1, 1):
        for y, reach in ((19, 3.6), (14.5, 4.6), (10, 5.6)):
            x = 7.6 + (19 - y) * 0.45
            sheet.tint(
                [(k * (x + 2), y + 1), (k * (x - reach), y - 0.2), (k * (x + 2), y - 1.2)], colour, 0.9, False, mask,
                0.15,
            )


def _add_tail(view: Creature) -> None:
    sheet = view.brush.sheet(4, 34, -3, 30)
    tips = {
        "long": [(7, 2.4), (15, 1.6), (20.5, 4.5), (22.4, 10.5), (20.6, 15.4)],
        "curl": [(8, 4), (14.5, 6.0), (17.6, 11.5), (14.6, 15.4), (11.2, 13.0)],
        "brush": [(7, 2.6), (14, 2.2), (19, 3.6), (23, 6.4), (25.5, 10.5)],
    }[view.kind.tail]
    view.draw_tail(sheet, tips, 2.0 if view.kind.tail == "long" else 3.2)
    fast = view.subject.kind == "dog"
    view.puppet.add("tail", sheet, pivot=(7, 2.4), motion=view.wag(0.16 if fast else 0.1, 7.0 if fast else 1.8))


def _draw_ear(view: Creature, side: int) -> Sheet:
    sheet = view.brush.sheet(-16, 16, 26, 48)
    if view.kind.ears == "flop":
        view.draw_piece(
            sheet,
            [
                (side * 4.2, 38.6), (side * 8.2, 38.4), (side * 11.2, 33.5), (side * 10.6, 28.8), (side * 8.0, 28.2),
                (side * 6.6, 33),
            ],
            view.brush.colour(view.kind.mark or view.kind.fur),
            width=0.46,
        )
        return sheet
    tip = (side * 8.2, 45.0) if view.subject.kind == "cat" else (side * 7.2, 44.0)
    outer = [(side * 2.2, 38), (side * 4.4, 41.5), tip, (side * 9.2, 40), (side * 9.2, 33)]
    view.draw_piece(sheet, outer, smooth=False)
    if view.subject.view == "front":
        pink = view.brush.colour("#f2b0a8")
        sheet.tint([(side * 4.2, 38), (side * 7.4, 43), (side * 8.2, 35)], pink, 0.9, smooth=False)
    else:
        sheet.tint([(side * 6.0, 40), tip, (side * 9.4, 40), (side * 9.4, 33)], view.shade, 0.8, smooth=False)
    return sheet


def _draw_head(view: Creature, face: bool) -> Sheet:
    sheet = view.brush.sheet(-15, 15, 20, 44)
    m = view.kind.muzzle
    half = [(4.4, 39.4), (8.2, 36.6), (9.8, 32.0), (8.9 + m * 0.2, 27.4), (5.0, 24.2)]
    path = view.draw_piece(sheet, [(0, 39.8), *half, (0, 23.4), *[(-x, y) for x, y in reversed(half)]])
    mask = sheet.mask(path, smooth=False)
    sheet.tint(
        [
            (view.dark * 3, 41), (view.dark * 5.6, 32), (view.dark * 3, 23), (view.dark * 14, 23),
            (view.dark * 14, 41),
        ],
        view.shade,
        0.75,
        inside=mask,
    )
    if view.kind.mark and view.kind.ears != "flop":
        colour = view.brush.colour(view.kind.mark)
        for x in (-2.2, 0, 2.2):
            sheet.tint([(x - 0.5, 40), (x + 0.5, 40), (x * 0.8, 36)], colour, 0.9, False, mask, 0.12)
    if face:
        _draw_muzzle(view, sheet, mask, m)
    return sheet


def _draw_muzzle(view: Creature, sheet: Sheet, mask: np.ndarray, m: float) -> None:
    sheet.tint(
        [(0, 31.5), (3.6, 29.6), (6.4 + m, 26.6), (4.0, 22.4), (-4.0, 22.4), (-6.4 - m, 26.6), (-3.6, 29.6)],
        view.belly, 1, inside=mask, soft=0.25,
    )
    nose = view.brush.colour("#e8908a" if view.subject.kind == "cat" else "#3a2c34")
    q = 1.0 + m * 0.35
    sheet.fill(
        [(-1.1 * q, 29.2), (1.1 * q, 29.2), (0.5 * q, 28.2), (0, 27.9), (-0.5 * q, 28.2)], nose,
        view.brush.line(nose), 0.25,
    )
    ink = mix(view.line, nose, 0.2)
    for k in (-1, 1):
        sheet.stroke([(0, 28), (k * 0.5, 26.8), (k * 1.8, 26.5), (k * 2.6, 27.1)], ink, 0.42)
        if view.subject.kind == "cat":
            for y, fall in ((27.6, 0.5), (26.6, -0.7)):
                sheet.stroke(
                    [(k * 4.6, y), (k * 8, y + fall * 0.5), (k * 12, y + fall)], mix(view.belly, view.line, 0.25),
                    0.22,
                )


def _draw_eyes(view: Creature, closed: bool) -> Sheet:
    sheet = view.brush.sheet(-9, 9, 25, 37)
    colour, ink = view.brush.colour(view.kind.eyes), times(view.line, 0.7)
    cat = view.subject.kind == "cat"
    for k in (-1, 1):
        x, y, (rx, ry) = k * 4.5, 31.6, (2.1, 2.2) if cat else (1.5, 1.8)
        if closed:
            sheet.stroke([(x - rx, y - 0.2), (x, y - 1.2), (x + rx, y - 0.2)], ink, 0.55)
            continue
        path = sheet.fill(ellipse(x, y, rx, ry), colour, ink, 0.5, smooth=False)
        inside = sheet.mask(path, smooth=False)
        sheet.tint(ellipse(x, y + ry, rx * 1.2, ry * 0.9), times(colour, 0.5), 0.8, False, inside, 0.3)
        sheet.tint(ellipse(x, y, rx * (0.42 if cat else 0.7), ry * 0.86), bgr("#1a1420"), 1, False, inside, 0.05)
        sheet.tint(
            ellipse(x - 0.7 * -view.dark, y + 0.8, 0.62, 0.7), view.brush.bright("#ffffff"), 1, False, inside, 0.04
        )
        sheet.tint(
            ellipse(x + 0.7 * -view.dark, y - 0.9, 0.3, 0.3), view.brush.bright("#ffffff"), 0.9, False, inside, 0.04
        )
        sheet.stroke(
            [
                (x - k * rx * 1.1, y - 0.2), (x - k * rx * 0.4, y + ry * 0.9), (x + k * rx * 0.5, y + ry),
                (x + k * rx * 1.2, y + ry * 0.6),
            ],
            ink,
            0.75,
        )
    return sheet
