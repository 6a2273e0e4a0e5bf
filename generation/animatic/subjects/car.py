"""A car: it drives past with turning wheels, or stands beside the people of the shot."""

import math
from dataclasses import replace

import cv2
import numpy as np

from ..layers import Layer, Pose, Spot, Stage
from ..scene import DEFAULT_MAX_COUNT, Subject
from ..styles.colour import Colour, bgr, mix
from .brush import Brush
from .ink import Sheet, curve, ellipse
from .look import Look, choose_look
from .puppet import Motion, Puppet
from .solid import Solid, choose_paint, draw_ground_shadow, is_lit
from .sprite import limit_speed
from .vehicle import draw_tyre, drive_past, place_queue, turn_wheel

# keep tables of points in rows
# fmt: off

PAINTS = ("#d84a4a", "#4a86c8", "#f0ece2", "#e8b43c", "#4f9f8c", "#f08a5a")
OWN_PAINTS = {"taxi": "#f2c230", "police": "#f4f5f8", "sports": "#d63a3a"}  # of variants whose colour nobody says
WHEELS, RADIUS = (-104.0, 106.0), 30.0  # x of both axles and radius of a wheel, in units of 1 cm
HALF = 172.0  # half the length of a car


def build_car(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build cars that drive past one behind the other, or stand parked if people are in the shot."""
    count = max(1, min(subject.count, DEFAULT_MAX_COUNT))
    drives = subject.action == "ride" or (not stage.has_people and subject.action != "stand")
    if not drives:
        spot = _park_behind_people(stage, spot)
    crew = [choose_look(stage, rider, k) for rider in subject.riders for k in range(rider.count)][:2]
    layers: list[Layer] = []
    for k, place in enumerate(place_queue(stage, spot, count, 2.35)):
        own = OWN_PAINTS.get(subject.variant, "")
        paint = subject.clothes_colour or own or choose_paint(stage, subject, PAINTS, k)
        puppet, speed = _build_puppet(stage, place, paint, subject.variant, drives, crew)
        whole = drive_past(stage, place, speed, 0.5) if drives else None
        layers += puppet.build_layers(whole)
        if is_lit(stage) and drives:
            layers.append(_build_beam(puppet, whole))
    return layers


def _park_behind_people(stage: Stage, spot: Spot) -> Spot:
    """Return a spot behind the first person, so that a third of the car is on one side."""
    if not stage.holders or stage.is_portrait:
        return spot
    person = stage.holders[0]
    aside = spot.height * (0.62 if person.x < stage.width / 2 else -0.62)
    depth = min(holder.depth for holder in stage.holders) - 0.006
    dx = person.x + aside - spot.x
    y = spot.y + stage.ground_rise(spot.x, dx) - 0.07 * spot.height
    return replace(spot, x=spot.x + dx, y=y, depth=depth, facing=1 if aside > 0 else -1)


def _build_puppet(
    stage: Stage, spot: Spot, paint: str, variant: str, drives: bool, crew: list[Look]
) -> tuple[Puppet, float]:
    """Return the car and its speed in pixels per second."""
    brush = Brush(stage, spot.height / 165)
    flip = spot.facing < 0
    brush.scale = min(brush.scale, 0.82 * stage.width / (2 * HALF))
    puppet, solid = Puppet("car", brush, spot.x, spot.y, spot.depth, flip), Solid(brush, flip)
    speed = limit_speed(stage, spot.x, 42 * stage.unit) if drives else 0.0
    rate = speed / brush.scale / RADIUS
    puppet.rim = 1.6

    def rock(t: float) -> Pose:
        return Pose(dy=0.9 * math.sin(t * 13) * math.sin(t * 3.1), turn=0.004 * math.sin(t * 5)) if drives else Pose()

    puppet.add("shadow", draw_ground_shadow(brush, -HALF, HALF, 9), rim=False)
    puppet.add("body", _draw_body(brush, solid, paint, variant, crew if drives else None), pivot=(0, 40), motion=rock)
    for x in WHEELS:
        puppet.add(f"wheel {x:.0f}", _draw_wheel(brush, x), pivot=(x, RADIUS), motion=turn_wheel(rate), rim=False)
    return puppet, speed


def _outline(variant: str) -> list[tuple[float, float]]:
    """Return the outline of the body from the rear end over the roof to the front."""
    if variant == "sports":
        return [
            (-168, 30), (-172, 58), (-166, 86), (-140, 90), (-112, 92), (-62, 116), (-18, 121), (26, 114), (70, 88),
            (124, 76), (162, 60), (174, 42), (170, 26),
        ]
    return [
        (-166, 28), (-171, 54), (-168, 84), (-156, 97), (-136, 102), (-108, 137), (-84, 147), (-30, 151), (24, 148),
        (52, 139), (92, 100), (136, 92), (162, 78), (171, 54), (166, 28),
    ]


def _draw_body(brush: Brush, solid: Solid, paint: str, variant: str, crew: list[Look] | None) -> Sheet:
    sheet = brush.sheet(-180, 182, 8, 174)
    colour, dark = brush.colour(paint), brush.colour("#34343f")
    line, low = brush.line(colour), variant == "sports"
    sheet.fill([(-160, 30), (160, 30), (150, 15), (-150, 15)], dark, smooth=False)  # the underbody
    if variant in ("taxi", "police"):
        _draw_roof_lamp(brush, sheet, variant)
    outline = np.vstack([curve(_outline(variant), 10, closed=False), [(160, 19), (-158, 19)]])
    mask = solid.fill(sheet, outline, colour, 9, 1.5, smooth=False)
    belt = 84 if low else 96
    solid.gleam(sheet, [(-160, belt - 4), (0, belt - 2), (150, belt - 14), (150, belt - 20), (0, belt - 9),
                        (-160, belt - 11)], mask, 0.4)
    if variant == "police":
        sheet.tint([(-180, 62), (180, 62), (180, 10), (-180, 10)], brush.colour("#31343f"), 1, False, mask)
    sheet.tint([(-180, 40), (180, 40), (180, 10), (-180, 10)], brush.shade(colour), 0.85, False, mask)
    if variant == "taxi":
        _draw_checks(brush, sheet, mask)
    for x in WHEELS:
        sheet.tint(ellipse(x, RADIUS + 1, RADIUS + 8, RADIUS + 8), dark, 1, smooth=False, inside=mask)
    sheet.outline(outline, line, 1.5)
    _draw_glass(brush, sheet, low, crew)
    _draw_details(brush, sheet, colour, line, belt)
    return sheet


def _draw_glass(brush: Brush, sheet: Sheet, low: bool, crew: list[Look] | None) -> None:
    stage = brush.stage
    glass = brush.colour("#8fc0dc") if not stage.is_dark else brush.colour("#46587a")
    if low:
        panes = ([(-96, 92), (-62, 111), (-22, 115), (-22, 92)], [(-14, 92), (-14, 115), (22, 108), (54, 90)])
    else:
        panes = (
            [(-118, 103), (-96, 132), (-80, 140), (-20, 143), (-20, 103)],
            [(-10, 103), (-10, 143), (22, 140), (44, 132), (74, 103)],
        )
    for k, pane in enumerate(panes):
        path = sheet.fill(pane, glass, smooth=False)
        mask = sheet.mask(path, smooth=False)
        sheet.tint([(-130, 160), (90, 160), (90, 134), (-130, 134)], brush.shade(glass), 0.8, False, mask)
        if crew is not None and (k or len(crew) > 1):
            look = crew[1 - k if len(crew) > 1 else 0] if crew else None
            _draw_head(brush, sheet, mask, (8 if k else -58, 92 if low else 104), look, bool(k))
        x = pane[0][0]
        for dx, wide in ((34, 12), (54, 5)):
            band = [(x + dx - 30, 80), (x + dx + wide - 30, 80), (x + dx + wide + 12, 160), (x + dx + 12, 160)]
            sheet.tint(band, (255.0, 252.0, 246.0), 0.42 if not stage.is_dark else 0.2, False, mask)
        sheet.outline(path, brush.line(brush.colour("#4a4a58")), 1.3)


def _draw_head(
    brush: Brush, sheet: Sheet, mask: np.ndarray, at: tuple[float, float], look: Look | None, drives: bool
) -> None:
    """Draw head and shoulders behind a window, and the steering wheel before a driver."""
    x, y = at
    hair, skin, coat = (
        brush.colour(tone)
        for tone in ((look.hair, look.skin, look.cloth) if look else ("#4a3a40", "#f6d2bc", "#5a6a8a"))
    )
    if look and look.female:
        sheet.tint(ellipse(x - 4, y + 6, 10, 17, 0.15), hair, 0.9, smooth=False, inside=mask)
    sheet.tint(ellipse(x, y - 2, 15, 11), coat, 0.9, smooth=False, inside=mask)
    sheet.tint(ellipse(x + 4, y + 14, 8.4, 10), skin, 0.9, smooth=False, inside=mask)
    sheet.tint(ellipse(x + 0.6, y + 17, 9, 9.4), hair, 0.9, smooth=False, inside=mask)
    sheet.tint(ellipse(x + 9, y + 13, 1, 2), brush.line(skin), 0.9, smooth=False, inside=mask)
    if drives:
        sheet.tint(ellipse(x + 32, y + 4, 3, 11, 0.35), brush.colour("#2e2e38"), 0.9, smooth=False, inside=mask)


def _draw_details(brush: Brush, sheet: Sheet, colour: Colour, line: Colour, belt: float) -> None:
    metal, lit = brush.colour("#d4d8e0"), is_lit(brush.stage)
    for x, lean in ((-15, 0), (80 if belt > 90 else 60, -10), (-76, 8)):
        sheet.stroke([(x, belt + 2), (x + lean * 0.3, 66), (x + lean, 38)], line, 1.1, (0.7, 0.7))
    sheet.stroke([(-152, 56), (150, 56)], mix(colour, line, 0.45), 1.0, (0.4, 0.4))
    for x in (-48, 22):
        sheet.stroke([(x - 9, belt - 12), (x + 9, belt - 12)], metal, 3.2, (0.8, 0.8))
    for points in ([(-172, 44), (-172, 33), (-138, 31), (-138, 40)], [(172, 44), (170, 32), (140, 31), (140, 40)]):
        sheet.fill(points, metal, brush.line(metal), 1.0, smooth=False)
    front = brush.bright("#fff6cc") if lit else brush.colour("#f4f4ee")
    x, y = (160, 70) if belt > 90 else (158, 56)
    sheet.fill(ellipse(x, y, 7.5, 9 if belt > 90 else 5.5, 0.2), front, line, 1.2, smooth=False)
    tail = brush.bright("#ff5a4a") if lit else brush.colour("#d8443c")
    sheet.fill([(-170, 84), (-160, 86), (-158, 68), (-171, 66)], tail, line, 1.1)
    mirror = [(72, belt + 6), (84, belt + 12), (90, belt + 6), (86, belt), (74, belt)]
    sheet.fill(mirror, colour, line, 1.0)


def _draw_roof_lamp(brush: Brush, sheet: Sheet, variant: str) -> None:
    if variant == "taxi":
        sign = brush.bright("#fff2c0") if is_lit(brush.stage) else brush.colour("#fdf6e0")
        sheet.fill([(-44, 146), (-42, 163), (-6, 163), (-4, 146)], sign, brush.line(sign), 1.2, smooth=False)
        return
    for x, tone in ((-46, "#e8463c"), (-18, "#3f78e0")):
        lamp = brush.bright(tone)
        sheet.fill([(x, 146), (x, 160), (x + 27, 160), (x + 27, 146)], lamp, brush.line(lamp), 1.1, smooth=False)


def _draw_checks(brush: Brush, sheet: Sheet, mask: np.ndarray) -> None:
    dark = brush.colour("#3a3640")
    for k in range(44):
        x, y = -168 + (k // 2) * 16 + (k % 2) * 8, 76 if k % 2 else 68
        sheet.tint([(x, y), (x + 8, y), (x + 8, y + 8), (x, y + 8)], dark, 0.9, False, mask)


def _draw_wheel(brush: Brush, x: float) -> Sheet:
    sheet = brush.sheet(x - RADIUS - 3, x + RADIUS + 3, -3, 2 * RADIUS + 3)
    draw_tyre(brush, sheet, (x, RADIUS), RADIUS, rim=0.62, spokes=5)
    return sheet


def _build_beam(puppet: Puppet, whole: Motion | None) -> Layer:
    """Build the light that the headlamps throw ahead."""
    brush = puppet.brush
    s = brush.scale
    w, h = max(8, round(230 * s)), max(8, round(110 * s))
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    along, aside = xx / w, (yy / h - 0.42 - 0.12 * xx / w)
    light = np.exp(-((aside / (0.06 + 0.3 * along)) ** 2)) * (1 - along) ** 1.6 * np.clip(along * 18, 0, 1)
    image = np.zeros((h, w, 4), np.uint8)
    image[..., :3] = np.clip(light[..., None] * np.array(bgr("#fff0bc")) * 0.5, 0, 255)
    image[..., 3] = image[..., :3].max(-1)
    x = 160 * s
    if puppet.flip:
        image, x = cv2.flip(image, 1), -x - w
    return Layer("car light", image, puppet.x + x, puppet.y - 66 * s - 0.42 * h, puppet.depth, None, whole, blend="add")
