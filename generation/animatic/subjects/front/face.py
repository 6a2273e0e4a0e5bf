"""The head without eyes, mouth and hair: skin, ears, nose, blush and the fringe's shadow."""

import cv2
import numpy as np

from ...styles.colour import mix
from ..brush import Brush
from ..ink import Sheet, ellipse
from ..look import Look
from .expression import Expression
from .shape import EYE_X, EYE_Y, Shape

# keep tables of points in rows
# fmt: off

HEAD_BOUNDS = (-30.0, 30.0, -16.0, 66.0)


def draw_face(brush: Brush, look: Look, shape: Shape, mood: Expression, fringe: Sheet) -> Sheet:
    """Draw the face; ``fringe`` is the finished hair drawing whose shadow falls on the forehead."""
    sheet = brush.sheet(*HEAD_BOUNDS)
    skin = brush.colour(look.skin)
    line, shade = brush.line(skin), _skin_shade(brush, skin)
    if look.hair_style != "long" and look.hair_style != "bob":  # longer hair covers the ears
        for side in (-1, 1):
            _draw_ear(sheet, side, shape, skin, shade, line)
    path = sheet.fill(shape.outline(), skin, line, 0.4)
    inside = sheet.mask(path, smooth=False)
    _draw_cheeks(brush, sheet, shape, mood, inside, look.kind == "elder")
    _draw_shadows(sheet, shape, shade, inside, fringe, brush)
    _draw_nose(brush, sheet, shape, shade)
    if look.kind == "elder":
        _draw_age(brush, sheet, shape, shade)
        if not look.female:
            _draw_beard(brush, look, sheet, shape)
    if look.glasses:
        _draw_glasses(brush, sheet, shape)
    sheet.outline(path, line, 0.4)
    return sheet


def _skin_shade(brush: Brush, skin: tuple[float, float, float]) -> tuple[float, float, float]:
    return mix(brush.shade(skin), mix(skin, brush.colour("#e08a7c"), 0.55), 0.6)


def _draw_ear(sheet: Sheet, side: int, shape: Shape, skin: tuple, shade: tuple, line: tuple) -> None:
    x = 16.2 - 0.8 * shape.turn * side
    sheet.fill(
        [
            (side * x, 22), (side * (x + 2.4), 23.4), (side * (x + 3.2), 20), (side * (x + 2.1), 14.6),
            (side * (x - 0.6), 12.4), (side * (x - 2), 17),
        ],
        skin,
        line,
        0.36,
    )
    sheet.stroke([(side * (x + 0.4), 20.6), (side * (x + 2.0), 20.2), (side * (x + 1.2), 16.4)], shade, 0.5)


def _draw_cheeks(brush: Brush, sheet: Sheet, shape: Shape, mood: Expression, inside: np.ndarray, old: bool) -> None:
    blush = brush.colour("#ff8f8a")
    for side in (-1, 1):
        spot = ellipse(side * (EYE_X + 1.6), 10.6 + shape.chin * 0.25, 3.6, 1.7)
        sheet.tint(shape.feature(spot.tolist()), blush, mood.blush, smooth=False, inside=inside, soft=1.1)
        if mood.blush > 0.4 and not old:
            for k in (-1.6, 0, 1.6):
                x = side * (EYE_X + 1.6) + k
                sheet.stroke(
                    shape.feature([(x - 0.35, 10.0), (x + 0.35, 11.4)]), mix(blush, brush.colour("#e0606a"), 0.4), 0.24
                )


def _draw_shadows(sheet: Sheet, shape: Shape, shade: tuple, inside: np.ndarray, fringe: Sheet, brush: Brush) -> None:
    """Draw the fringe's shadow, its outline moved down and away from the light, and shade one cheek."""
    dark = 1 if brush.stage.light.direction[0] < 0 else -1
    shift = np.array([[1, 0, dark * 0.5 * sheet.k], [0, 1, 1.7 * sheet.k]], np.float32)
    fallen = cv2.warpAffine(fringe.alpha(), shift, sheet.pixels.shape[1::-1])
    if sheet.soft:
        fallen = cv2.GaussianBlur(fallen, (0, 0), sheet.soft * sheet.k)
    sheet.tint_mask(cv2.multiply(fallen, inside, scale=1 / 255), shade, 0.82)
    edge = [
        (dark * 17.5, 26), (dark * 15.2, 17), (dark * 12.6, 9.8), (dark * 6.5, 3.4), (dark * 1.5, 1.2),
        (dark * 0.5, -6), (dark * 12, -6), (dark * 20, 10),
    ]
    moved = [(x + shape.turn * 1.9 * max(0, 1 - y / 26), y + shape.chin * max(0, 1 - y / 26)) for x, y in edge]
    sheet.tint(moved, shade, 0.6, inside=inside)


def _draw_nose(brush: Brush, sheet: Sheet, shape: Shape, shade: tuple) -> None:
    y = 11.2 + shape.chin * 0.35
    ink = mix(shade, brush.colour("#8a4450"), 0.35)
    lean = 0.5 if shape.turn >= 0 else -0.5
    sheet.stroke(
        shape.feature([(lean * 0.2, y + 1.5), (lean * 1.3, y + 0.2), (lean * 0.3, y - 0.2)]), ink, 0.42, (0.1, 0.5)
    )
    if shape.eye_h < 0.75:
        sheet.stroke(
            shape.feature([(lean, y + 6), (lean * 1.7, y + 2.4), (lean * 2.6, y + 0.2)]), shade, 0.5, (0.1, 0.6)
        )


def _draw_age(brush: Brush, sheet: Sheet, shape: Shape, shade: tuple) -> None:
    """Draw age: furrows beside nose and mouth, bags under the eyes, lines beside the eyes and on the forehead."""
    ink, y = mix(shade, brush.colour("#8a4a50"), 0.45), shape.chin * 0.5
    for side in (-1, 1):
        for points, width in (
            ([(3.4, 11.6), (6.2, 9.2), (6.9, 6.2 + y)], 0.5),
            ([(5.0, 4.4 + y), (5.6, 3.0 + y), (5.2, 1.8 + y)], 0.34),
            ([(4.6, 13.0), (8.2, 11.9), (12.2, 13.0)], 0.42),
            ([(5.8, 11.6), (8.4, 10.9), (11.0, 11.5)], 0.26),
            ([(14.2, 17.6), (15.4, 18.6)], 0.34),
            ([(14.2, 16.6), (15.6, 16.4)], 0.34),
            ([(14.0, 15.5), (15.2, 14.4)], 0.34),
            ([(9.4, 7.6 + y), (10.8, 5.4 + y), (10.4, 3.8 + y)], 0.3),
        ):
            sheet.stroke(shape.feature([(side * px, py) for px, py in points]), ink, width, (0.2, 0.1))
    for height, reach in ((28.6, 7.4), (30.8, 8.6)):
        top = height + 0.4
        brow = [(-reach, height - 0.5), (-reach * 0.4, top), (reach * 0.4, top), (reach, height - 0.5)]
        sheet.stroke(shape.feature(brow), ink, 0.36, (0.1, 0.1))


def _draw_beard(brush: Brush, look: Look, sheet: Sheet, shape: Shape) -> None:
    """Draw an old man's beard along the jaw, and a moustache that leaves the mouth free."""
    hair = brush.colour(look.hair)
    line, y = brush.line(hair), shape.chin * 0.55
    jaw = [
        (-14.6, 15), (-11.6, 6), (-6, 0.6), (-2.4, -6.5), (0, -8.5), (2.4, -6.5), (6, 0.6), (11.6, 6), (14.6, 15),
        (11.2, 9.6), (6.4, 5.0), (3.2, 4.4 + y * 0.5), (0, 3.6 + y * 0.5), (-3.2, 4.4 + y * 0.5), (-6.4, 5.0),
        (-11.2, 9.6),
    ]
    path = sheet.fill(shape.feature([(x, h + y) for x, h in jaw]), hair, line, 0.36)
    inside = sheet.mask(path, smooth=False)
    shade = brush.shade(hair)
    sheet.tint(shape.feature([(0, 5 + y), (9, 8 + y), (5, -2 + y), (0, -9 + y)]), shade, 0.6, inside=inside)
    for x in (-3.0, 0.4, 3.4):
        sheet.stroke(shape.feature([(x, 3 + y), (x * 0.6, -5 + y)]), shade, 0.34, (0.3, 0.05))
    for side in (-1, 1):
        lip = [(0, 9.6), (side * 3.2, 9.9), (side * 6.6, 7.4), (side * 4.4, 7.6), (side * 1.4, 8.2)]
        sheet.fill(shape.feature([(x, h + y) for x, h in lip]), hair, line, 0.3)


def _draw_glasses(brush: Brush, sheet: Sheet, shape: Shape) -> None:
    frame = brush.colour("#4a3a48")
    for side in (-1, 1):
        ring = ellipse(side * EYE_X, EYE_Y - 0.4, 6.6, 6.0)
        placed = np.asarray(shape.feature(ring.tolist()))
        sheet.tint(placed, brush.bright("#dff2ff"), 0.16, smooth=False)
        sheet.outline(placed, frame, 0.5)
        sheet.stroke([(side * 14.4, EYE_Y), (side * 17, EYE_Y + 0.6)], frame, 0.45, (1, 1))
    sheet.stroke(shape.feature([(-2.0, EYE_Y), (0, EYE_Y + 0.7), (2.0, EYE_Y)]), frame, 0.45, (1, 1))
