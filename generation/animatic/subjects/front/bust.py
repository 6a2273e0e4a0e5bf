"""A person from the front, from the chest up: head, clothes and raised hand."""

from dataclasses import replace

import numpy as np

from ...layers import Layer, Spot, Stage
from ...scene import Subject
from .. import umbrella
from ..brush import Brush
from ..ink import Sheet
from ..look import Look
from ..puppet import Puppet
from .clothes import draw_bust_clothes
from .expression import EXPRESSIONS
from .head import Life, add_back_hair, add_head, make_childlike
from .meal import PLATES, add_meal, cut_forearms, list_raised_arms
from .shape import SHAPES, Shape

# keep tables of points in rows
# fmt: off

RISE = 3.2  # units by which the drawn shoulders are raised: a short neck looks younger


def build_bust(stage: Stage, subject: Subject, look: Look, spot: Spot, index: int) -> list[Layer]:
    """Build all layers of one bust.

    ``spot.height`` is the height of the head in pixels, (x, y) the position of the chin.
    """
    brush = Brush(stage, spot.height / 50)
    rng = stage.rng(f"bust {subject.name or subject.kind} {index + subject.ordinal}")
    shape = replace(SHAPES[look.kind], turn=spot.facing * float(rng.uniform(0.25, 0.8)))
    if brush.ink.heads < 4:
        shape, spot = make_childlike(shape), replace(spot, height=spot.height * 1.12, y=spot.y + spot.height * 0.1)
        brush.scale = spot.height / 50
    low = (spot.y - stage.height - stage.margin * 1.35) / brush.scale
    puppet = Puppet(f"{subject.kind} {index}", brush, spot.x, spot.y, spot.depth)
    puppet.rim = 0.95
    life = Life(stage, subject, rng, RISE + max(0.0, shape.chin) * 1.3, dozes=brush.ink.heads < 4)
    if umbrella.has_umbrella(stage, subject):
        _add_umbrella(puppet, brush, look, life)
    add_back_hair(puppet, brush, look, life, low)
    body = draw_bust_clothes(brush, look, shape, low)
    if subject.action == "eat":
        cut_forearms(body, shape, low, list_raised_arms(subject.tool))
    puppet.add("body", body, pivot=(0, low), motion=life.breath)
    add_head(puppet, brush, look, shape, EXPRESSIONS[subject.expression], life)
    if subject.action == "eat":
        add_meal(puppet, brush, look, shape, subject.tool, _name_snack(subject), life.breath)
    if subject.action == "wave":
        free = (stage.width * 0.97 - spot.x) / brush.scale - 17  # a narrow frame has no room beside the shoulder
        _add_hand(puppet, brush, look, replace(shape, shoulder=min(shape.shoulder, max(free, 14.0))), life)
    return puppet.build_layers(life.whole)


def _name_snack(subject: Subject) -> str:
    """Return the kind of thing that is eaten from the hand or a plate, "" for another meal."""
    return subject.held.kind if subject.held and subject.tool in ("snack", *PLATES) else ""


def _add_umbrella(puppet: Puppet, brush: Brush, look: Look, life: Life) -> None:
    cover = umbrella.draw_inside(brush, brush.colour(look.accent))
    puppet.add("umbrella", cover, pivot=(28, -60), motion=life.shelter, rim=False)


def _add_hand(puppet: Puppet, brush: Brush, look: Look, shape: Shape, life: Life) -> None:
    """Add the hand that waves."""
    puppet.add("hand", _draw_hand(brush, look, shape), pivot=(shape.shoulder + 6, -34), motion=life.wave)


def _draw_hand(brush: Brush, look: Look, shape: Shape) -> Sheet:
    """Draw a raised hand and its sleeve, for waving."""
    skin = brush.colour(look.skin)
    line, shade = brush.line(skin), brush.shade(skin)
    s = shape.shoulder
    sheet = brush.sheet(s - 10, s + 26, -60, 16)
    sleeve = brush.colour(look.cloth if look.clothes not in ("uniform",) or not look.female else "#f8f9fd")
    if look.clothes == "dress":
        sleeve = skin
    x = s + 8
    sheet.fill(
        [(x - 9, -52), (x - 5.4, -34), (x - 3.4, -20), (x + 4.0, -20), (x + 5.2, -36), (x + 3, -54)], sleeve,
        brush.line(sleeve), 0.42,
    )
    sheet.tint(
        [(x - 10, -52), (x - 5.4, -34), (x - 3.4, -19), (x - 1, -19), (x - 2, -36), (x - 4, -54)],
        brush.shade(sleeve), 0.85,
    )
    fingers = ((-4.4, -1.0, -6.6, 6.4), (-1.7, 0.6, -2.4, 10.4), (1.0, 0.6, 1.4, 10.8), (3.4, -0.4, 4.9, 8.8))
    for a, b, c, d in fingers:
        q = np.array([a + x, b - 7.0]), np.array([c + x, d - 8.0])
        u = (q[1] - q[0]) / np.hypot(*(q[1] - q[0]))
        v = np.array([-u[1], u[0]]) * 1.45
        sheet.fill(
            [tuple(q[0] - v), tuple(q[0] + v), tuple(q[1] + v * 0.8), tuple(q[1] + u * 1.3), tuple(q[1] - v * 0.8)],
            skin, line, 0.34,
        )
    sheet.fill([(x + 4, -13), (x + 7.6, -9.4), (x + 8.8, -4.6), (x + 6.8, -4.4), (x + 4.4, -8.6)], skin, line, 0.34)
    sheet.fill(
        [
            (x - 3.0, -20.5), (x - 5.6, -12), (x - 5.4, -6.2), (x, -5.2), (x + 4.8, -6.6), (x + 4.9, -12),
            (x + 3.4, -20.5),
        ],
        skin,
        line,
        0.36,
    )
    sheet.tint([(x - 3.2, -21), (x - 5.8, -12), (x - 3.4, -10), (x - 1.2, -21)], shade, 0.7)
    return sheet
