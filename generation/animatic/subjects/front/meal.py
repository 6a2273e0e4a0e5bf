"""A meal in front of somebody seen from the front: a bowl and chopsticks, or food in the hand, brought to the mouth.

The plane is that of a bust: chin at (0, 0), mouth at height 6.4.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ...layers import Pose
from ...styles.colour import Colour, mix
from ..brush import Brush
from ..ink import Sheet, ellipse
from ..look import Look
from ..prop_drawing import draw_prop
from ..puppet import Motion, Puppet
from .expression import MOUTH_Y
from .shape import Shape

# keep tables of points in rows
# fmt: off

Point = tuple[float, float]
ELBOW = -57.0  # height of the elbows
SECONDS = 2.4  # from one bite to the next
BOWL = (9.0, -24.0)  # middle of the bowl's rim
HAND_FOODS = ("rice_ball", "bread", "ice_cream", "fruit", "skewer")
LONG_FOODS = {"ice_cream": 5.0, "skewer": 11.0}  # how much lower than other food they are held, in units
NOODLES = ("noodles",)
SNACK = 23.0  # the longer side of a prop that is eaten from the hand, in units
PLATES, FORKED = ("plate", "cake_plate"), ("cake", "cake_plate")
TABLE_FOODS = ("dish", "cake")


@dataclass(frozen=True)
class Bite:
    """One bite at a moment: how far the food is raised (0 to 1), and the mouth (0 closed, 1 a little open, 2 open)."""

    raised: float
    mouth: int
    is_eaten: bool


def time_bite(t: float) -> Bite:
    """Return the state of a meal at ``t`` seconds."""
    share = (t / SECONDS + 0.3) % 1.0
    if share < 0.16:
        return Bite(0.0, int(share * SECONDS * 9) % 2, True)
    if share < 0.42:
        part = (share - 0.16) / 0.26
        return Bite(part * part * (3 - 2 * part), 2 if part > 0.62 else 0, False)
    if share < 0.58:
        return Bite(1.0, 2 if share < 0.48 else 1, share > 0.52)
    if share < 0.78:
        part = (share - 0.58) / 0.2
        return Bite(1 - part * part * (3 - 2 * part), int(share * SECONDS * 9) % 2, True)
    return Bite(0.0, int(share * SECONDS * 9) % 2, True)


def add_meal(
    puppet: Puppet, brush: Brush, look: Look, shape: Shape, kind: str, snack: str, breath: Motion
) -> None:
    """Add the food ``kind`` with the hands that hold it, in front of the face.

    ``snack``: the prop that is eaten, for a "snack" and for plates.
    """
    mouth = (0.0, MOUTH_Y + shape.chin * 0.55)
    if kind in HAND_FOODS or kind == "snack":
        _add_hand_food(puppet, brush, look, shape, snack or kind, mouth, breath)
        return
    low = (BOWL[0] - 3.0, BOWL[1] + 2.0)
    way = (mouth[0] + 0.6 - low[0], mouth[1] - 0.6 - low[1])

    def carry(t: float) -> Pose:
        raised = time_bite(t).raised
        return Pose(dx=low[0] + way[0] * raised, dy=low[1] + way[1] * raised, turn=0.16 * raised - 0.08)

    _add_mouthful(puppet, brush, kind, carry)
    if kind not in TABLE_FOODS:
        palm = (BOWL[0] + 15.5, BOWL[1] - 14.5)
        _add_forearm(puppet, brush, look, shape, 1, lambda t: (palm[0], palm[1] + breath(t).dy), breath)
    if kind in PLATES:
        puppet.add("plate", _draw_plate(brush, look, shape), pivot=BOWL, motion=breath)
        _add_food(puppet, brush, snack, breath)
    arm = _follow(carry, (-26.5, -19.5))
    _add_forearm(puppet, brush, look, shape, -1, arm, breath)
    puppet.add("chopsticks", _draw_chopsticks(brush, look, kind), pivot=(0.0, 0.0), motion=carry)
    if kind in (*TABLE_FOODS, *PLATES):
        return  # it stands on the table before the eater
    puppet.add("bowl", _draw_bowl(brush, look, shape, kind), pivot=BOWL, motion=breath)


def _add_mouthful(puppet: Puppet, brush: Brush, kind: str, carry: Motion) -> None:
    """Add what the chopsticks carry to the mouth: noodles hang longer and longer."""
    if kind in NOODLES:
        for k, (length, least, most) in enumerate(((9.0, -1.0, 0.4), (19.0, 0.4, 0.8), (28.0, 0.8, 2.0))):
            strands = _draw_strands(brush, length)
            puppet.add(f"noodles {k}", strands, pivot=(0.0, 0.0), motion=_show_between(carry, least, most), rim=False)
    else:
        clump = _show_between(carry, -1.0, 2.0)
        puppet.add("morsel", _draw_morsel(brush, kind), pivot=(0.0, 0.0), motion=clump, rim=False)


def _add_food(puppet: Puppet, brush: Brush, snack: str, breath: Motion) -> None:
    """Add the prop ``snack`` on the plate."""
    food, high = _draw_snack(brush, snack, 0)
    x, y = BOWL[0], BOWL[1] - 1.6
    puppet.add("food", food, pivot=(0.0, high), motion=lambda t: replace(breath(t), dx=x, dy=breath(t).dy + y))


def _follow(motion: Motion, point: Point) -> Callable[[float], Point]:
    """Return where a point of something that moves is."""

    def place(t: float) -> Point:
        pose = motion(t)
        c, s = math.cos(pose.turn), math.sin(pose.turn)
        return pose.dx + point[0] * c + point[1] * s, pose.dy - point[0] * s + point[1] * c

    return place


def _show_between(carry: Motion, least: float, most: float) -> Motion:
    """Return a motion that shows what is carried while it is raised between two shares and not eaten yet."""

    def motion(t: float) -> Pose:
        bite, pose = time_bite(t), carry(t)
        shown = not bite.is_eaten and least <= bite.raised < most
        return Pose(dx=pose.dx, dy=pose.dy, alpha=1.0 if shown else 0.0)

    return motion


def get_sleeve(brush: Brush, look: Look) -> Colour:
    """Return the colour of the sleeves."""
    if look.clothes == "dress":
        return brush.colour(look.skin)
    return brush.colour("#f8f9fd" if look.clothes == "uniform" and look.female else look.cloth)


def cut_forearms(sheet: Sheet, shape: Shape, low: float, sides: tuple[int, ...]) -> None:
    """Cut the hanging forearms off the clothes of a bust, where raised ones are drawn instead.

    ``low``: the lower edge of the bust; one that ends above the elbows shows no forearms.
    """
    s = shape.shoulder
    if low >= ELBOW:
        return
    for k in sides:
        arm = [(s - 4.6, ELBOW), (s + 26, ELBOW), (s + 26, low - 9), (s - 2.0, low - 9), (s - 3.6, -76)]
        sheet.erase([(k * x, y) for x, y in arm], smooth=False)


def list_raised_arms(kind: str) -> tuple[int, ...]:
    """Return the sides of the arms that a meal needs: -1 left, 1 right on the picture."""
    return (-1,) if kind in (*HAND_FOODS, *TABLE_FOODS, "snack") else (-1, 1)


def _add_forearm(
    puppet: Puppet, brush: Brush, look: Look, shape: Shape, side: int, wrist: Callable[[float], Point], breath: Motion
) -> None:
    """Add a forearm between the elbow and a moving ``wrist``; it is foreshortened where the hand is near."""
    elbow = (side * (shape.shoulder + 0.5), ELBOW)

    def reach(t: float) -> tuple[float, float]:
        (x, y), dy = wrist(t), breath(t).dy
        return math.hypot(x - elbow[0], y - elbow[1] - dy), math.atan2(x - elbow[0], y - elbow[1] - dy)

    longest = max(reach(t / 10)[0] for t in range(int(SECONDS * 10) + 1))
    shortest = min(reach(t / 10)[0] for t in range(int(SECONDS * 10) + 1))
    steps = max(1, math.ceil((longest - shortest) / 4.0))
    lengths = [shortest + (longest - shortest) * (k + 1) / steps for k in range(steps)]
    for k, length in enumerate(lengths):

        def show(t: float, k: int = k) -> Pose:
            long, turn = reach(t)
            shown = next((n for n, most in enumerate(lengths) if long <= most + 0.01), steps - 1)
            return Pose(dy=breath(t).dy, turn=turn, alpha=1.0 if shown == k else 0.0)

        puppet.add(f"forearm {side} {k}", _draw_forearm(brush, look, elbow, length), pivot=elbow, motion=show)


def _draw_forearm(brush: Brush, look: Look, elbow: Point, length: float) -> Sheet:
    """Draw a forearm that points straight up from the elbow."""
    (x, y), colour, bare = elbow, get_sleeve(brush, look), look.clothes == "dress"
    sheet = brush.sheet(x - 14, x + 14, y - 14, y + length + 8)
    thick, thin = (4.6, 3.3) if bare else (7.4, 5.0)
    top = y + length
    left = [(x - thick, y), (x - (thick + thin) * 0.5, (y + top) / 2), (x - thin, top)]
    right = [(x + thick, y), (x + (thick + thin) * 0.5, (y + top) / 2), (x + thin, top)]
    line = brush.line(colour)
    path = sheet.limb(left, right, colour, line, 0.44)
    low = np.array([(x - thick * math.cos(a), y - thick * math.sin(a)) for a in np.linspace(0, math.pi, 14)])
    sheet.stroke(low, line, 0.44, (0.9, 0.9), smooth=False)
    dark = 1 if brush.stage.light.direction[0] < 0 else -1
    inner, outer = [(x + dark * thick * 0.3, y - 9), (x + dark * thin * 0.3, top)], x + dark * 12
    shaded = [*inner, (outer, top), (outer, y - 9)]
    sheet.tint(shaded, brush.shade(colour), 0.8, False, sheet.mask(path, smooth=False))
    return sheet


def _draw_chopsticks(brush: Brush, look: Look, kind: str) -> Sheet:
    """Draw chopsticks, or a fork for cake, with the tips at (0, 0) and the hand that holds them at their left."""
    sheet = brush.sheet(-36, 6, -26, 8)
    skin, wood = brush.colour(look.skin), brush.colour("#9c4a38")
    line, shade = brush.line(skin), brush.shade(skin)
    palm = [(-30, -18), (-30.5, -11), (-26, -5.5), (-20.5, -5.2), (-17.4, -9.0), (-19.0, -15), (-23.0, -21)]
    sheet.fill(palm, skin, line, 0.38)
    if kind in FORKED:
        _draw_fork(brush, sheet)
    for dx in (1.6, -0.6) if kind not in FORKED else ():
        ends = [(-31.0 + dx * 1.6, -5.0 + dx * 2.2), (0.4 * dx, 0.2 * dx)]
        sheet.stroke(ends, brush.line(wood), 1.9, (1, 0.7), smooth=False)
        sheet.stroke(ends, wood, 1.25, (1, 0.6), smooth=False)
    for y, reach in ((0.0, 0.0), (-2.9, -0.6), (-5.6, -1.6)):
        finger = [(-24.0, -5.6 + y * 0.9), (-18.6, -2.4 + y), (-14.4 + reach, -4.0 + y), (-15.0 + reach, -6.2 + y),
                  (-19.0, -6.0 + y), (-23.4, -9.6 + y * 0.9)]
        sheet.fill(finger, skin, line, 0.34)
    thumb = [(-27.5, -8.0), (-23.8, -2.4), (-18.4, -0.8), (-17.6, -2.6), (-21.4, -5.0), (-23.6, -10.0)]
    path = sheet.fill(thumb, skin, line, 0.34)
    sheet.tint([(-27, -10), (-22, -5), (-18, -3.4), (-23, -12)], shade, 0.5, inside=sheet.mask(path, smooth=False))
    return sheet


def _draw_fork(brush: Brush, sheet: Sheet) -> None:
    steel = brush.colour("#d4dae6")
    for tone, grow in ((brush.line(steel), 0.7), (steel, 0.0)):
        sheet.stroke([(-31.0, -5.4), (-7.0, -1.2)], tone, 1.3 + grow, (1, 0.8), smooth=False)
        sheet.stroke([(-8.0, -1.4), (-4.6, -0.8)], tone, 3.2 + grow, (1, 1), smooth=False)
        for y in (-1.5, 0.0, 1.5):
            sheet.stroke([(-4.8, -0.8 + y), (0.4, y)], tone, 0.8 + grow, (1, 0.7), smooth=False)


def _draw_strands(brush: Brush, length: float) -> Sheet:
    """Draw noodles that hang from (0, 0)."""
    sheet = brush.sheet(-6, 6, -length - 3, 3)
    pasta = brush.colour("#f6dc98")
    line = brush.line(pasta)
    for k, x in enumerate((-2.4, 2.2, -1.1, 0.9, 0.0)):
        fall = length * (0.86, 0.9, 1.0, 0.96, 0.8)[k]
        path = [(x * 0.3, 1.0), (x, -fall * 0.3), (x * 0.8 + (0.7 if k % 2 else -0.6), -fall * 0.7), (x * 0.9, -fall)]
        sheet.stroke(path, line, 1.75, (0.9, 0.9))
        sheet.stroke(path, pasta, 1.2, (0.9, 0.9))
    return sheet


def _draw_morsel(brush: Brush, kind: str) -> Sheet:
    """Draw a bite of rice or of a dish between the tips."""
    sheet = brush.sheet(-6, 6, -5, 6)
    colour = brush.colour({"rice": "#fbf8ee", "cake": "#f6dfae", "cake_plate": "#f6dfae"}.get(kind, "#d88a4a"))
    blob = [(-2.8, 0.2), (-1.6, 2.6), (1.4, 2.8), (3.0, 0.6), (1.6, -1.9), (-1.4, -2.1)]
    path = sheet.fill(blob, colour, brush.line(colour), 0.36)
    sheet.tint([(-3, -0.6), (3, 0), (3, -3), (-3, -3)], brush.shade(colour), 0.6, inside=sheet.mask(path, smooth=False))
    return sheet


def _draw_bowl(brush: Brush, look: Look, shape: Shape, kind: str) -> Sheet:
    """Draw the bowl and the hand below it; the food is heaped above the rim."""
    sheet = brush.sheet(-12, shape.shoulder + 26, -96, 4)
    x, y = BOWL
    skin = brush.colour(look.skin)
    line = brush.line(skin)
    palm = [(x - 5, y - 12), (x + 6, y - 16), (x + 16.5, y - 17), (x + 19.5, y - 11), (x + 15, y - 5), (x + 2, y - 8)]
    sheet.fill(palm, skin, line, 0.38)
    inside_colour = brush.colour("#f4ead8")
    sheet.fill(ellipse(x, y, 14.4, 3.6), inside_colour, brush.line(inside_colour), 0.4, smooth=False)
    _fill_bowl(brush, sheet, kind)
    _draw_china(brush, sheet, look)
    for k in range(3):
        sheet.fill(_place_finger(x + 8.6 + k * 3.1, y, k), skin, line, 0.34)
    return sheet


def _draw_china(brush: Brush, sheet: Sheet, look: Look) -> None:
    """Draw the outside of the bowl: its body with a shadow, a band and the rim."""
    (x, y), china = BOWL, brush.colour(look.accent)
    half = [(4.6, -14.0), (8.6, -12.4), (13.2, -6.4), (14.4, -0.2), (9.0, -2.6)]
    left, right = [(x - a, y + b) for a, b in half], [(x + a, y + b) for a, b in half]
    body = [*reversed(left[:4]), *right, (x, y - 3.6), left[4]]
    path = sheet.fill(body, china, brush.line(china), 0.46)
    inside = sheet.mask(path, smooth=False)
    dark = 1 if brush.stage.light.direction[0] < 0 else -1
    shaded = [(x + dark * a, y + b) for a, b in ((5, 0), (7, -7), (2, -15), (16, -15), (17, 0))]
    sheet.tint(shaded, brush.shade(china), 0.8, inside=inside)
    band = [(x - 16, y - 5.0), (x, y - 7.6), (x + 16, y - 5.0), (x + 16, y - 6.6), (x, y - 9.2), (x - 16, y - 6.6)]
    sheet.tint(band, brush.colour("#f8f4ec"), 0.9, True, inside, 0.05)
    rim = [(x - 14.2, y), (x - 9, y - 2.5), (x, y - 3.5), (x + 9, y - 2.5), (x + 14.2, y)]
    sheet.stroke(rim, mix(china, (255.0, 255.0, 255.0), 0.5), 0.6, (0.8, 0.8))


def _place_finger(x: float, y: float, k: int) -> list[tuple[float, float]]:
    """Return the outline of finger ``k`` (0 to 2, from the middle outwards) over a bowl whose rim is at ``y``."""
    return [
        (x - 1.7, y - 15.5), (x - 2.4, y - 8.4 + k * 1.2), (x - 0.6, y - 6.2 + k * 1.4), (x + 1.2, y - 8.2 + k * 1.2),
        (x + 1.9, y - 15),
    ]


def _fill_bowl(brush: Brush, sheet: Sheet, kind: str) -> None:
    """Draw what is seen of the food above the rim: a heap of rice, or noodles in soup."""
    x, y = BOWL
    food = brush.colour({"rice": "#fdfaf2"}.get(kind, "#c87f3c"))
    sheet.fill(ellipse(x, y - 0.5, 12.8, 2.7), food, smooth=False)
    if kind == "rice":
        heap = [(x - 12.4, y - 0.6), (x - 8, y + 4.6), (x - 2, y + 6.6), (x + 5, y + 6.2), (x + 12.4, y - 0.6)]
        path = sheet.fill([*heap, (x, y - 2.6)], food, brush.line(food), 0.36)
        sheet.tint([(x + 2, y + 8), (x + 14, y + 4), (x + 13, y - 3), (x + 4, y - 3)], brush.shade(food), 0.6,
                   inside=sheet.mask(path, smooth=False))
    else:
        pasta = brush.colour("#f6dc98")
        for k in range(5):
            swirl = [(x - 9 + k * 1.4, y - 0.8), (x - 3 + k * 2, y + 1.0 - k * 0.2), (x + 4 + k * 1.6, y - 1.0)]
            sheet.stroke(swirl, brush.line(pasta), 1.5, (0.7, 0.7))
            sheet.stroke(swirl, pasta, 1.05, (0.7, 0.7))
        for dx, tone in ((-7.5, "#f7f2ee"), (7.4, "#7fae58")):
            leaf = brush.colour(tone)
            sheet.fill(ellipse(x + dx, y - 0.2, 2.9, 1.1), leaf, brush.line(leaf), 0.3, smooth=False)


def _draw_plate(brush: Brush, look: Look, shape: Shape) -> Sheet:
    """Draw a plate and the hand below it."""
    sheet = brush.sheet(-12, shape.shoulder + 26, -96, 4)
    x, y = BOWL
    skin = brush.colour(look.skin)
    line = brush.line(skin)
    palm = [(x - 3, y - 6), (x + 6, y - 11), (x + 16, y - 14), (x + 18.5, y - 8), (x + 14, y - 3), (x + 2, y - 4)]
    sheet.fill(palm, skin, line, 0.38)
    china = brush.colour("#f6f3ec")
    low = [(x - 8, y - 5.2), (x + 8, y - 5.2), (x + 15, y - 1.6), (x - 15, y - 1.6)]
    sheet.fill(low, brush.shade(china), brush.line(china), 0.4, smooth=False)
    sheet.fill(ellipse(x, y - 1.4, 16.0, 3.4), china, brush.line(china), 0.42, smooth=False)
    band = brush.colour(look.accent)
    sheet.tint(ellipse(x, y - 1.4, 13.6, 2.6), band, 0.9, False)
    sheet.tint(ellipse(x, y - 1.3, 12.8, 2.3), china, 1.0, False)
    thumb = [(x + 12.0, y - 4.6), (x + 10.4, y - 1.2), (x + 13.0, y + 0.6), (x + 17.4, y - 2.4), (x + 17.6, y - 6.8)]
    sheet.fill(thumb, skin, line, 0.36)
    return sheet


def _add_hand_food(
    puppet: Puppet, brush: Brush, look: Look, shape: Shape, kind: str, mouth: Point, breath: Motion
) -> None:
    """Add food held in one hand, whose top edge is brought to the mouth; three bites are missing in turn."""
    low = (-6.0, -17.0)
    way = (mouth[0] - low[0], mouth[1] - 1.6 - low[1])

    def carry(t: float) -> Pose:
        raised = time_bite(t).raised
        return Pose(dx=low[0] + way[0] * raised, dy=low[1] + way[1] * raised, turn=0.1 * raised - 0.05)

    def bitten(count: int) -> Motion:
        def motion(t: float) -> Pose:
            pose = carry(t)
            eaten = int((t / SECONDS + 0.3) - 0.5) if t / SECONDS + 0.3 >= 0.5 else -1
            return Pose(pose.dx, pose.dy, turn=pose.turn, alpha=1.0 if min(2, eaten + 1) == count else 0.0)

        return motion

    draw = _draw_food if kind in HAND_FOODS else _draw_snack
    foods = [draw(brush, kind, count) for count in range(3)]
    for count, (sheet, high) in enumerate(foods):
        puppet.add(f"food {count}", sheet, pivot=(0.0, high), motion=lift(bitten(count), high))
    lower = LONG_FOODS.get(kind, 0.0) if kind in HAND_FOODS else foods[0][1] - 19.0
    _add_forearm(puppet, brush, look, shape, -1, _follow(lift(carry, lower), (-6.0, -24.0)), breath)
    puppet.add("hand", _draw_grip(brush, look), pivot=(0.0, lower), motion=lambda t: lower_pose(carry(t), lower))


def lift(motion: Motion, by: float) -> Motion:
    """Return a motion for a drawing whose upper edge is ``by`` units above its origin."""

    def lifted(t: float) -> Pose:
        pose = motion(t)
        return Pose(pose.dx, pose.dy - by, turn=pose.turn, alpha=pose.alpha)

    return lifted


def lower_pose(pose: Pose, by: float) -> Pose:
    """Return a pose lower by ``by`` units."""
    return Pose(pose.dx, pose.dy - by, turn=pose.turn)


def _draw_food(brush: Brush, kind: str, bites: int) -> tuple[Sheet, float]:
    """Draw food less ``bites`` bites. Returns the drawing and the height of its upper edge in it."""
    sheet = brush.sheet(-14, 14, -30, 6)
    _FOODS[kind](brush, sheet)
    _bite(sheet, 0.0, bites)
    return sheet, 0.0


def _draw_snack(brush: Brush, kind: str, bites: int) -> tuple[Sheet, float]:
    """Draw a prop that is eaten from the hand, as `_draw_food` does."""
    bounds = draw_prop(brush, kind, SNACK).bounds
    high = SNACK * min(1.0, SNACK / (bounds.right - bounds.left - 4))
    sheet = draw_prop(brush, kind, high)
    _bite(sheet, high, bites)
    return sheet, high


def _bite(sheet: Sheet, top: float, bites: int) -> None:
    """Take bites off the upper edge of a drawing."""
    for k in range(bites):
        x = (0.6, -4.6)[k]
        for dx, r in ((-2.0, 2.4), (1.0, 2.9), (3.4, 2.2)):
            sheet.erase(ellipse(x + dx, top + 1.2 - k * 1.6, r, r + 1.0), smooth=False)


def _draw_rice_ball(brush: Brush, sheet: Sheet) -> None:
    rice, weed = brush.colour("#fdfaf4"), brush.colour("#2f4038")
    half = [(5.6, -3), (10.6, -12), (9.4, -16.4)]
    body = [(0, 1.4), *half, (0, -17.4), *[(-x, y) for x, y in reversed(half)]]
    path = sheet.fill(body, rice, brush.line(rice), 0.44)
    inside = sheet.mask(path, smooth=False)
    sheet.tint([(3, 2), (12, -6), (12, -18), (2, -19)], brush.shade(rice), 0.55, inside=inside)
    sheet.tint([(-4.6, -9), (4.6, -9), (5.0, -19), (-5.0, -19)], weed, 1, False, inside, 0.05)


def _draw_bread(brush: Brush, sheet: Sheet) -> None:
    crust = brush.colour("#d99a52")
    half = [(8, -1), (12, -7), (11, -13), (4, -16)]
    body = [(0, 1), *half, *[(-x, y) for x, y in reversed(half)]]
    path = sheet.fill(body, crust, brush.line(crust), 0.46)
    inside = sheet.mask(path, smooth=False)
    sheet.tint([(-14, -9), (0, -11.6), (14, -9), (14, -18), (-14, -18)], brush.shade(crust), 0.7, inside=inside)
    sheet.tint(ellipse(-3, -4, 5, 1.7, 0.1), (255.0, 246.0, 226.0), 0.55, False, inside, 0.3)


def _draw_ice_cream(brush: Brush, sheet: Sheet) -> None:
    cone, cream = brush.colour("#d9a860"), brush.colour("#f6c4d2")
    path = sheet.fill([(-6, -10), (6, -10), (0.8, -27), (-0.8, -27)], cone, brush.line(cone), 0.44, smooth=False)
    inside = sheet.mask(path, smooth=False)
    for k in range(-4, 5):
        for lean in (0.5, -0.5):
            sheet.stroke([(k * 2.4, -9), (k * 2.4 + lean * 14, -28)], brush.shade(cone), 0.3, (1, 1), smooth=False)
    sheet.pixels[:] = sheet.pixels * (inside[..., None] > 0)
    sheet.outline(path, brush.line(cone), 0.44)
    ball = [
        (0, 1.2), (5.6, -1), (7.6, -6), (6.6, -10.4), (3.6, -9.6), (1.4, -11.6), (-2, -9.8), (-4.6, -11.4), (-7, -9.6),
        (-7.6, -6), (-5.6, -1),
    ]
    path = sheet.fill(ball, cream, brush.line(cream), 0.44)
    inside = sheet.mask(path, smooth=False)
    sheet.tint([(2, 2), (9, -3), (8, -13), (0, -12)], brush.shade(cream), 0.6, inside=inside)
    sheet.tint(ellipse(-3, -3, 2.2, 1.3, 0.5), (255.0, 255.0, 255.0), 0.7, False, inside, 0.2)


def _draw_fruit(brush: Brush, sheet: Sheet) -> None:
    red, stem = brush.colour("#d8443f"), brush.colour("#6a4a30")
    sheet.stroke([(1.0, -1.6), (2.0, 3.6)], stem, 1.1, (1, 0.7))
    half = [(4.4, 0.8), (9.2, -3), (9.0, -10), (4.6, -16.4)]
    body = [(0, -0.8), *half, (0, -15.4), *[(-x, y) for x, y in reversed(half)]]
    path = sheet.fill(body, red, brush.line(red), 0.46)
    inside = sheet.mask(path, smooth=False)
    sheet.tint([(4, 2), (12, -4), (9, -18), (1, -17)], brush.shade(red), 0.7, inside=inside)
    sheet.tint(ellipse(-4.6, -4.4, 1.8, 2.6, 0.5), (255.0, 240.0, 236.0), 0.6, False, inside, 0.3)


def _draw_skewer(brush: Brush, sheet: Sheet) -> None:
    stick = brush.colour("#c89a60")
    sheet.stroke([(0, 0), (0, -29)], brush.line(stick), 1.5, (1, 0.8))
    sheet.stroke([(0, 0), (0, -29)], stick, 0.9, (1, 0.8))
    for k, tone in enumerate(("#f2b0c0", "#f8f2e2", "#9fc07a")):
        colour = brush.colour(tone)
        path = sheet.fill(ellipse(0, -3.6 - k * 7.0, 4.4, 3.9), colour, brush.line(colour), 0.42, smooth=False)
        low = ellipse(1.6, -5.2 - k * 7.0, 3.8, 3.0)
        sheet.tint(low, brush.shade(colour), 0.5, False, sheet.mask(path, smooth=False))


_FOODS = {
    "rice_ball": _draw_rice_ball, "bread": _draw_bread, "ice_cream": _draw_ice_cream, "fruit": _draw_fruit,
    "skewer": _draw_skewer,
}


def _draw_grip(brush: Brush, look: Look) -> Sheet:
    """Draw a hand whose fingers hold something that ends 12 units above its palm, with its forearm."""
    sheet = brush.sheet(-44, 14, -92, -6)
    skin = brush.colour(look.skin)
    line = brush.line(skin)
    palm = [(-10.5, -12.5), (-11.4, -18), (-9.0, -25), (-2.6, -26.6), (3.4, -23.6), (5.4, -17.4)]
    sheet.fill([*palm, (0, -15)], skin, line, 0.38)
    for k in range(4):
        y = -12.4 - k * 3.0
        tip = 6.8 - k * 0.5
        finger = [
            (-8.6, y - 0.4), (-2.0, y + 1.3), (tip - 1.2, y + 0.6), (tip, y - 1.2), (tip - 1.8, y - 2.6),
            (-2.0, y - 2.2), (-8.4, y - 3.0),
        ]
        sheet.fill(finger, skin, line, 0.34)
    thumb = [(-11.0, -17.0), (-9.8, -9.6), (-6.4, -7.6), (-5.4, -9.6), (-6.8, -14.4)]
    sheet.fill(thumb, skin, line, 0.34)
    return sheet
