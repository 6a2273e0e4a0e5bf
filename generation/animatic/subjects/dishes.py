"""Drawings of dishes, about 50 units wide, standing on height 0."""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from ..styles.colour import mix
from .brush import Brush
from .ink import Sheet, curve, ellipse
from .solid import Solid

# keep tables of points in rows
# fmt: off

STEAMING = ("", "noodles", "buns", "soup")
CANDLES = (-8.0, 0.0, 8.0)


def draw_noodles(brush: Brush, solid: Solid, sheet: Sheet, paint: str) -> None:
    """Draw a bowl of ramen with an egg, pork, seaweed and chopsticks."""
    _draw_broth(brush, solid, sheet, paint, "#d08a3c")
    noodle = brush.colour("#f6dc98")
    line = mix(noodle, brush.line(noodle), 0.55)
    for k in range(9):
        x = -15 + k * 3.6
        wave = [(x, 17.4), (x + 2.4, 21.4), (x + 5.4, 18.6), (x + 8, 21.8)]
        sheet.stroke(wave, line, 1.9, (0.8, 0.8))
        sheet.stroke(wave, noodle, 1.25, (0.8, 0.8))
    nori = brush.colour("#2f4038")
    sheet.fill([(9, 20), (11.4, 34), (21, 32.4), (19, 20)], nori, brush.line(nori), 0.5, smooth=False)
    pork, fat = brush.colour("#c8826a"), brush.colour("#f4d4c0")
    for x, y in ((2.6, 22.6), (8, 20.6)):
        sheet.fill(ellipse(x, y, 5.6, 3.3, 0.15), pork, brush.line(pork), 0.45, smooth=False)
        sheet.fill(ellipse(x - 0.6, y + 0.3, 3.5, 1.8, 0.15), fat, smooth=False)
    _draw_egg(brush, sheet, -10.5, 22)
    white, pink = brush.colour("#fbf7f2"), brush.colour("#ee8aa2")
    sheet.fill(ellipse(-3, 18.6, 3.2, 2.3), white, brush.line(white), 0.4, smooth=False)
    sheet.stroke([(-4.4, 18.4), (-3, 19.6), (-1.8, 18.6), (-3, 18)], pink, 0.7, (0.8, 0.6))
    green = brush.colour("#6cb84e")
    for x, y in ((-15, 19.4), (-6.4, 20.6), (-1, 21), (14.4, 19), (4, 17.2), (11, 17.8)):
        sheet.fill(ellipse(x, y, 1.2, 0.9), green, brush.line(green), 0.3, smooth=False)
    _draw_bowl_front(brush, solid, sheet, paint)
    _draw_chopsticks(brush, sheet)


def draw_soup(brush: Brush, solid: Solid, sheet: Sheet, paint: str) -> None:
    """Draw a bowl of soup with vegetables."""
    _draw_broth(brush, solid, sheet, paint, "#e0a83c")
    for x, y, tone in (
        (-12, 20, "#e8743c"), (-6, 18, "#8abf4e"), (-2, 21.6, "#f4e2b0"), (5, 18.8, "#e8743c"), (9, 21.2, "#8abf4e"),
        (14, 19.4, "#f4e2b0"), (0, 18.2, "#d8503c"),
    ):
        piece = brush.colour(tone)
        sheet.fill(ellipse(x, y, 2.8, 1.6), piece, brush.line(piece), 0.4, smooth=False)
    _draw_bowl_front(brush, solid, sheet, paint)


def _draw_broth(brush: Brush, solid: Solid, sheet: Sheet, paint: str, broth: str) -> None:
    bowl, soup = brush.colour(paint or "#c8423c"), brush.colour(broth)
    sheet.fill(ellipse(0, 20, 23, 6.8), bowl, brush.line(bowl), 0.7, smooth=False)
    inside = mix(brush.colour("#f6efe2"), brush.shade(bowl), 0.15)
    sheet.fill(ellipse(0, 19.8, 21.4, 5.8), inside, smooth=False)
    path = sheet.fill(ellipse(0, 19.0, 20, 5.0), soup, smooth=False)
    mask = sheet.mask(path, smooth=False)
    sheet.tint(ellipse(-6, 21.6, 9, 1.3), mix(soup, (235.0, 248.0, 255.0), 0.5), 0.6, smooth=False, inside=mask)


def _draw_bowl_front(brush: Brush, solid: Solid, sheet: Sheet, paint: str) -> None:
    bowl = brush.colour(paint or "#c8423c")
    rim = [(math.cos(a) * 23, 20 + math.sin(a) * 6.8) for a in np.linspace(math.pi, 2 * math.pi, 24)]
    body = [*rim, (21.4, 13), (16, 6), (9.4, 2.6), (9, 0), (-9, 0), (-9.4, 2.6), (-16, 6), (-21.4, 13)]
    mask = solid.fill(sheet, body, bowl, 6, 0.7, smooth=False)
    band = brush.colour("#fbf2dc")
    for k in range(-3, 4):
        x, y = k * 6.0, 9.4 + 0.1 * k * k
        turn = [(x - 2, y - 1.6), (x - 2, y + 1.6), (x + 2, y + 1.6), (x + 2, y - 0.8), (x, y - 0.8), (x, y + 0.4)]
        for p, q in pairwise(turn):
            sheet.tint(_bar(p, q, 0.42), band, 0.92, False, mask)
    solid.gleam(sheet, [(-19, 14), (-15, 8.4), (-12, 6.6), (-15, 12)], mask, 0.5)
    sheet.outline(np.asarray(body), brush.line(bowl), 0.7)
    edge = mix(bowl, (235.0, 248.0, 255.0), 0.4)
    sheet.stroke([(x * 0.985, y + 0.2) for x, y in rim], edge, 0.9, (0.4, 0.4))


def _bar(p: tuple[float, float], q: tuple[float, float], half: float) -> list[tuple[float, float]]:
    (x0, y0), (x1, y1) = (min(p[0], q[0]), min(p[1], q[1])), (max(p[0], q[0]), max(p[1], q[1]))
    return [(x0 - half, y0 - half), (x1 + half, y0 - half), (x1 + half, y1 + half), (x0 - half, y1 + half)]


def _draw_egg(brush: Brush, sheet: Sheet, x: float, y: float) -> None:
    white, yolk = brush.colour("#fdf6e8"), brush.colour("#f2a030")
    sheet.fill(ellipse(x, y, 4.6, 3.3, -0.2), white, brush.line(white), 0.45, smooth=False)
    sheet.fill(ellipse(x + 0.2, y, 2.5, 1.9), yolk, brush.line(yolk), 0.3, smooth=False)
    sheet.fill(ellipse(x - 0.5, y + 0.6, 0.7, 0.5), brush.bright("#fff0c8"), smooth=False)


def _draw_chopsticks(brush: Brush, sheet: Sheet) -> None:
    wood = brush.colour("#8a5638")
    for dx in (0.0, 2.6):
        stick = [(30, 30 + dx * 1.1), (4 + dx * 2, 19.6)]
        sheet.stroke(stick, brush.line(wood), 1.7, (1, 0.7), smooth=False)
        sheet.stroke(stick, wood, 1.1, (1, 0.7), smooth=False)


def _draw_plate(brush: Brush, solid: Solid, sheet: Sheet, paint: str) -> None:
    plate = brush.colour(paint or "#f4f2f0")
    solid.fill(sheet, ellipse(0, 3, 25, 5.2), brush.shade(plate), 0, 0.6, smooth=False)
    solid.fill(sheet, ellipse(0, 4, 25, 5.2), plate, 0, 0.6, smooth=False)
    sheet.fill(ellipse(0, 4.2, 18, 3.4), mix(plate, brush.shade(plate), 0.45), smooth=False)


def draw_cake(brush: Brush, solid: Solid, sheet: Sheet, paint: str) -> None:
    """Draw a cream cake with strawberries and candles."""
    _draw_plate(brush, solid, sheet, "")
    cream, sponge = brush.colour(paint or "#fff6ee"), brush.colour("#f0c27a")
    low = [(math.cos(a) * 18, 5.5 + math.sin(a) * 3.6) for a in np.linspace(math.pi, 2 * math.pi, 16)]
    mask = solid.fill(sheet, [(-18, 20), *low, (18, 20)], sponge, 4, 0.7, smooth=False)
    band = brush.colour("#e8788a")
    sheet.tint([(-20, 13), (0, 9.8), (20, 13), (20, 10.6), (0, 7.4), (-20, 10.6)], band, 0.9, inside=mask, soft=0)
    drips: list[tuple[float, float]] = [(-18.0, 20.0)]
    for k in range(9):
        x, deep = -18 + 36 * (k + 0.5) / 9, (15.4, 12.6, 14.4)[k % 3] - 3 * (1 - abs(k - 4) / 4.5)
        drips += [(x - 1.9, deep + 2.4), (x, deep), (x + 1.9, deep + 2.4)]
    solid.fill(sheet, [*drips, (18, 20), (0, 24)], cream, 2, 0.6)
    solid.fill(sheet, ellipse(0, 20, 18, 4.8), cream, 0, 0.7, smooth=False)
    for x in CANDLES:
        wax = brush.colour(("#8ac4f0", "#f4d06a", "#f09ab0")[int(x / 8) % 3])
        y = 19.6 + (1.4 if x else 2)
        sheet.fill([(x - 0.8, y), (x - 0.8, y + 9), (x + 0.8, y + 9), (x + 0.8, y)], wax, brush.line(wax), 0.4, False)
    for k in range(7):
        a = math.pi * (1.06 + 0.88 * k / 6)
        _draw_strawberry(brush, solid, sheet, math.cos(a) * 14.4, 21 + math.sin(a) * 3.2)


def draw_flames(brush: Brush, sheet: Sheet) -> None:
    """Draw the flames of the candles of `draw_cake`."""
    for x in CANDLES:
        y = 28.8 + (1.4 if x else 2)
        sheet.tint(ellipse(x, y + 2, 3.4, 4), brush.bright("#ffb040"), 0.4, smooth=False, soft=1.4)
        sheet.fill([(x - 1.2, y + 1), (x, y + 5), (x + 1.2, y + 1), (x, y - 0.4)], brush.bright("#ffb83c"))
        sheet.fill(ellipse(x, y + 1.2, 0.55, 1.0), brush.bright("#fff8d8"), smooth=False)


def _draw_strawberry(brush: Brush, solid: Solid, sheet: Sheet, x: float, y: float) -> None:
    red, green = brush.colour("#e2434a"), brush.colour("#5fa84e")
    solid.fill(sheet, [(x - 2.4, y), (x - 2, y + 3), (x, y + 5.6), (x + 2, y + 3), (x + 2.4, y), (x, y - 1)], red, 1.2,
               0.45)
    for dx, dy in ((-0.9, 1.4), (0.9, 1.8), (0, 3.2)):
        sheet.fill(ellipse(x + dx, y + dy, 0.24, 0.34), brush.colour("#ffe09a"), smooth=False)
    sheet.fill([(x - 1.6, y + 0.2), (x, y - 0.9), (x + 1.6, y + 0.2), (x, y + 0.7)], green, smooth=False)


def draw_rice_balls(brush: Brush, solid: Solid, sheet: Sheet, paint: str) -> None:
    """Draw rice balls with seaweed on a plate."""
    _draw_plate(brush, solid, sheet, paint or "#5f7fa8")
    rice, nori = brush.colour("#fdfaf4"), brush.colour("#2f3c38")
    for x, y in ((-11, 5.4), (11, 5.4), (0.5, 4.2)):
        ball = [(x - 9.4, y), (x - 9.6, y + 3.4), (x - 2.6, y + 15.4), (x, y + 16.6), (x + 2.6, y + 15.4),
                (x + 9.6, y + 3.4), (x + 9.4, y), (x, y - 1)]
        mask = solid.fill(sheet, ball, rice, 3.4, 0.7)
        sheet.tint([(x - 4.2, y - 3), (x - 3.8, y + 6.4), (x + 3.8, y + 6.4), (x + 4.2, y - 3)], nori, 1, False, mask)
        for dx, dy in ((-5, 4), (-2, 11), (2.4, 9.4), (5.6, 3), (0.4, 13)):
            sheet.stroke([(x + dx - 0.7, y + dy), (x + dx + 0.7, y + dy + 0.4)], brush.shade(rice), 0.5, (0.7, 0.7))
    pickle = brush.colour("#f0c23c")
    for x in (-19, -15.6):
        sheet.fill(ellipse(x, 4.6, 2.6, 1.4), pickle, brush.line(pickle), 0.4, smooth=False)


def draw_fruit(brush: Brush, solid: Solid, sheet: Sheet, paint: str) -> None:
    """Draw a basket of apples, oranges and grapes."""
    for x, y, r, tone in ((-9, 17, 7.6, "#e0443c"), (8.6, 17, 7.4, "#f09a34"), (0, 20.4, 8.2, "#d8383c")):
        solid.ball(sheet, x, y, r, brush.colour(tone), 0.65, gleam=True)
        if tone != "#f09a34":
            stem = brush.colour("#6a4434")
            sheet.stroke([(x, y + r - 1.4), (x + 0.8, y + r + 2.2)], stem, 0.9, (1, 0.7))
            leaf = brush.colour("#6cb84e")
            sheet.fill([(x + 0.8, y + r + 1), (x + 4, y + r + 3.4), (x + 6, y + r + 1.6), (x + 3.4, y + r)], leaf,
                       brush.line(leaf), 0.4)
    for k in range(8):
        x, y = 15 + (k % 3) * 2.9 - (k // 3) * 0.4, 15 - (k // 3) * 3.0
        solid.ball(sheet, x, y, 2.3, brush.colour("#8a5ab0"), 0.45, gleam=True)
    wicker = brush.colour(paint or "#c08f54")
    basket = [(-21, 13), (21, 13), (16, 1), (10, 0), (-10, 0), (-16, 1)]
    mask = solid.fill(sheet, basket, wicker, 4, 0.7, smooth=False)
    shade = brush.line(wicker)
    for k in range(3):
        y = 10.4 - k * 3.4
        sheet.tint([(-22, y), (22, y), (22, y - 0.6), (-22, y - 0.6)], shade, 0.5, False, mask)
    for x in np.arange(-19, 20, 3.8):
        sheet.tint([(x - 0.3, 14), (x + 0.3, 14), (x * 0.8 + 0.3, -1), (x * 0.8 - 0.3, -1)], shade, 0.4, False, mask)
    sheet.stroke([(-21.4, 13), (21.4, 13)], wicker, 2.2, (0.9, 0.9))


def draw_buns(brush: Brush, solid: Solid, sheet: Sheet, paint: str) -> None:
    """Draw steamed buns in a bamboo steamer."""
    bamboo = brush.colour(paint or "#d8ab68")
    line = brush.line(bamboo)
    sheet.fill(ellipse(0, 13, 23, 6.2), bamboo, line, 0.7, smooth=False)
    sheet.fill(ellipse(0, 12.6, 20.8, 5.0), mix(bamboo, brush.shade(bamboo), 0.9), smooth=False)
    dough = brush.colour("#fdf4e6")
    crease = mix(dough, brush.line(dough), 0.4)
    for x, y in ((-8, 14.4), (8.4, 14.4), (-12.4, 12), (0.4, 12), (13, 12)):
        bun = [
            (x - 7, y), (x - 6, y + 5), (x - 1.4, y + 8.6), (x + 1.4, y + 8.6), (x + 6, y + 5), (x + 7, y), (x, y - 2),
        ]
        solid.fill(sheet, bun, dough, 2.6, 0.6)
        for dx in (-3.4, -1.2, 1.2, 3.4):
            sheet.stroke([(x, y + 8), (x + dx, y + 5), (x + dx * 1.4, y + 3.4)], crease, 0.5, (0.8, 0.2))
    rim = [(math.cos(a) * 23, 13 + math.sin(a) * 6.2) for a in np.linspace(math.pi, 2 * math.pi, 24)]
    low = [(math.cos(a) * 23, 4 + math.sin(a) * 4.4) for a in np.linspace(2 * math.pi, math.pi, 24)]
    mask = solid.fill(sheet, [*rim, *low], bamboo, 5, 0.7, smooth=False)
    for lift in (-2.6, -6.4):
        band = [(x, y + lift) for x, y in rim]
        sheet.tint(np.vstack([band, [(x, y - 0.6) for x, y in reversed(band)]]), line, 0.6, False, mask)
    for a in np.linspace(math.pi * 1.08, math.pi * 1.92, 9):
        x, y = math.cos(a) * 23, 13 + math.sin(a) * 6.2
        sheet.stroke([(x, y - 3), (x, y - 6)], line, 0.6, (0.8, 0.8))


def draw_burger(brush: Brush, solid: Solid, sheet: Sheet, paint: str) -> None:
    """Draw a hamburger on a plate."""
    _draw_plate(brush, solid, sheet, paint)
    bun, meat, green, cheese, red = (
        brush.colour(tone) for tone in ("#e0a04e", "#7a4630", "#7cbf4e", "#f6c43c", "#e0523c")
    )
    solid.fill(sheet, [(-15, 10.4), (-15.4, 6.4), (-11, 3.6), (11, 3.6), (15.4, 6.4), (15, 10.4)], bun, 3, 0.7)
    solid.fill(sheet, [(-16.6, 10), (16.6, 10), (17, 13), (15.6, 15), (-15.6, 15), (-17, 13)], meat, 2.4, 0.7)
    sheet.fill([(-16.6, 15.6), (16.6, 15.6), (11, 13), (7, 11), (2, 13.6), (-6, 13.4), (-10, 11.2)], cheese,
               brush.line(cheese), 0.5, smooth=False)
    for x in (-8, 8):
        sheet.fill(ellipse(x, 16.4, 7.6, 1.5), red, brush.line(red), 0.5, smooth=False)
    leaf = [(-18, 18), *[(-16 + k * 4, 16.2 + 1.6 * (k % 2)) for k in range(9)], (18, 18), (0, 20)]
    sheet.fill(leaf, green, brush.line(green), 0.6)
    top = [(-16.6, 18.6), (-15, 26), (-8, 31), (0, 32.4), (8, 31), (15, 26), (16.6, 18.6), (0, 17.6)]
    mask = solid.fill(sheet, top, bun, 5, 0.7)
    solid.gleam(sheet, [(-10, 27), (-4, 30), (2, 30.4), (-4, 28)], mask, 0.5)
    seed = brush.colour("#fdf0d0")
    for x, y in ((-7, 26), (-1, 28.4), (5, 27), (9, 24), (1, 24.6), (-4, 23)):
        sheet.fill(ellipse(x, y, 0.9, 0.6, 0.4), seed, smooth=False)


def draw_pizza(brush: Brush, solid: Solid, sheet: Sheet, paint: str) -> None:
    """Draw a pizza on a plate."""
    _draw_plate(brush, solid, sheet, paint)
    crust, sauce, cheese = brush.colour("#d8964a"), brush.colour("#d8543a"), brush.colour("#f8d06a")
    solid.fill(sheet, ellipse(0, 6.4, 22.4, 6.4), crust, 2, 0.7, smooth=False)
    sheet.fill(ellipse(0, 7.2, 19.4, 4.8), sauce, smooth=False)
    edge = [(math.cos(a) * (17.6 + 1.2 * math.sin(a * 7)), 7.4 + math.sin(a) * (4.2 + 0.3 * math.sin(a * 5)))
            for a in np.linspace(0, 2 * math.pi, 60, endpoint=False)]
    sheet.fill(curve(edge, 2), cheese, smooth=False)
    for x, y in ((-11, 8.4), (-4, 5.6), (1, 10), (8, 6.2), (12, 8.8), (-7, 10)):
        sheet.fill(ellipse(x, y, 2.9, 1.3), sauce, brush.line(sauce), 0.4, smooth=False)
    green = brush.colour("#5fa84e")
    for x, y in ((-2, 8), (5, 8.8), (-14, 6.6), (10, 5), (-8, 5.4)):
        sheet.fill([(x - 1.5, y), (x, y + 1), (x + 1.7, y + 0.2), (x, y - 0.6)], green, brush.line(green), 0.3)
    for a in (0.5, 1.6, 2.7):
        dx, dy = math.cos(a) * 19.4, math.sin(a) * 4.8
        sheet.stroke([(-dx, 7.2 - dy), (dx, 7.2 + dy)], mix(cheese, brush.line(crust), 0.5), 0.45, (1, 1), smooth=False)


Draw = Callable[[Brush, Solid, Sheet, str], None]
DISHES: dict[str, Draw] = {
    "noodles": draw_noodles, "soup": draw_soup, "cake": draw_cake, "rice": draw_rice_balls, "fruit": draw_fruit,
    "buns": draw_buns, "burger": draw_burger, "pizza": draw_pizza,
}
