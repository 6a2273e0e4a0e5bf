"""Build people: choose the kind of figure and the positions."""

from dataclasses import replace

from ..layers import Holder, Layer, Spot, Stage
from ..scene import DEFAULT_MAX_COUNT, Subject
from .figure.back import BackFigure
from .figure.ball_player import BallPlayer
from .figure.dancer import Dancer
from .figure.fighter import Fighter
from .figure.front import FrontFigure
from .figure.guitarist import Guitarist
from .figure.hand_in_hand import BackHandHolder, FrontHandHolder
from .figure.rider import Rider
from .figure.runner import Runner
from .figure.side import SideFigure
from .figure.waver import Waver
from .front.bust import build_bust
from .front.meal import TABLE_FOODS
from .look import choose_look

# keep tables of points in rows
# fmt: off

NEAR = 1.3  # depth of a bust: in front of branches that frame the picture, behind flying particles

WHOLE: dict[str, type[FrontFigure]] = {"dance": Dancer, "play": Guitarist, "hold_hands": FrontHandHolder}
SIDE: dict[str, type[SideFigure]] = {"ride": Rider, "fight": Fighter, "play": BallPlayer, "run": Runner, "wave": Waver}


def build_person(stage: Stage, subject: Subject, spot: Spot) -> list[Layer]:
    """Build the layers of all people of one subject, back to front."""
    count = max(1, min(subject.count, DEFAULT_MAX_COUNT))
    gap = 1.25 if subject.action == "ride" and subject.view == "side" else 0.36
    if subject.view == "front":
        spots = [stage.face_spots.pop(0) for _ in range(count)] if stage.face_spots else place_busts(stage, spot, count)
    elif len(planned := stage.group_spots.get(get_group(subject), [])) >= count:
        spots = [planned.pop(0) for _ in range(count)]
    else:
        spots = place_figures(stage, spot, count, gap)
    layers: list[Layer] = []
    for k, place in sorted(enumerate(spots), key=lambda pair: pair[1].depth):
        look = choose_look(stage, subject, k)
        if subject.view == "front":
            layers += build_bust(stage, subject, look, place, k)
            carries = "food" if subject.action == "eat" and subject.tool not in TABLE_FOODS else ""
            stage.holders.append(replace(_place_beside_bust(stage, place), carries=carries))
        else:
            figure = _choose_figure(subject)(stage, subject, look, place, k)
            layers += figure.build_layers()
            stage.holders.append(figure.holder())
        stage.holder = stage.holder if stage.holder and k else stage.holders[-1]
    return layers


def get_group(subject: Subject) -> str:
    """Return the group of ``Stage.group_spots`` in which a person stands."""
    is_alone = subject.view == "whole" and subject.action not in ("hold_hands", "fight")
    return "whole" if is_alone else subject.action


def _place_beside_bust(stage: Stage, spot: Spot) -> Holder:
    """Return a place for a held thing beside a bust, whose hand is below the frame, on the roomier side."""
    scale, side = spot.height / 50, 1 if spot.x < stage.width / 2 else -1
    low = (spot.y - stage.height) / scale - 4
    return Holder(spot.x, spot.y, scale * 1.15, spot.depth - 0.02, (34.0, low), flip=side < 0, string=34.0, lean=3.0)


def _choose_figure(subject: Subject) -> type[SideFigure | BackFigure]:
    if subject.view == "whole":
        return WHOLE.get(subject.action, FrontFigure)
    if subject.view != "side":
        return BackHandHolder if subject.action == "hold_hands" else BackFigure
    return SIDE.get(subject.action, SideFigure)


def place_busts(stage: Stage, spot: Spot, count: int) -> list[Spot]:
    """Return spots for ``count`` busts that fill the frame: (x, y) is the chin, ``height`` that of the head."""
    w, h = stage.width, stage.height
    head = 0.43 * min(h, w * (1.22 if h > 1.5 * w else 1.1))
    if count == 1:
        return [_place_bust(stage, spot, head)]
    head *= {2: 0.88, 3: 0.78, 4: 0.66}.get(count, max(0.4, 0.8 - 0.035 * count))
    out = []
    for k in range(count):
        u = (k + 0.5) / count
        back = k % 2 if count > 2 else 0
        size, depth, y = (head * 0.84, NEAR - 0.06, h * 0.61) if back else (head, NEAR, h * 0.68)
        if count > 7 and back:
            y = h * 0.46
        out.append(replace(spot, x=w * (0.12 + 0.76 * u), y=y, height=size, depth=depth, facing=1 if u < 0.5 else -1))
    return out


def _place_bust(stage: Stage, spot: Spot, head: float) -> Spot:
    """Return the spot of one bust: in front for the first spot of the place, for others at its sides, further back."""
    w, h = stage.width, stage.height
    y = h * 0.66 if w >= h else h * 0.6
    first = stage.spots[0] if stage.spots else spot
    x = min(max(first.x, w * 0.36), w * 0.64)
    turn = stage.spots.index(spot) if spot in stage.spots else len(stage.spots)
    if turn == 0 or spot == first:
        return replace(spot, x=x, y=y, height=head, depth=NEAR)
    roomy = 1 if x < w / 2 else -1
    side = roomy if turn % 2 else -roomy
    x = min(max(x + side * w * (0.33 if turn < 3 else 0.22), w * 0.08), w * 0.92)
    return replace(spot, x=x, y=y - h * 0.03 * turn, height=head * 0.9, depth=NEAR - 0.03 * turn, facing=-side)


def place_figures(stage: Stage, spot: Spot, count: int, gap: float = 0.36) -> list[Spot]:
    """Return spots for ``count`` figures: the given spot, then left and right of it, some further back.

    ``gap``: distance between two figures in heights of a figure.
    """
    rng = stage.rng("group")
    out = [spot]
    steps = [spot.height * gap * (1 if k % 2 else -1) * ((k + 1) // 2) for k in range(count)]
    squeezed, moved = _fit_group(stage, spot, min(steps), max(steps))
    for k in range(1, count):
        back = float(rng.uniform(-0.05, 0.02)) - (0.14 if count > 6 and k % 2 else 0.0)
        dx = steps[k] * squeezed + spot.height * float(rng.uniform(-0.04, 0.04)) + moved
        out.append(
            replace(
                spot, x=spot.x + dx, y=spot.y + back * spot.height * 0.4 + stage.ground_rise(spot.x, dx),
                height=spot.height * (1 + back), depth=spot.depth + back * 0.1,
            )
        )
    if moved:
        out[0] = replace(spot, x=spot.x + moved, y=spot.y + stage.ground_rise(spot.x, moved))
    return out


def _fit_group(stage: Stage, spot: Spot, left: float, right: float) -> tuple[float, float]:
    """Return the factor of the gaps and the shift in pixels that fit a group into the frame.

    ``left`` and ``right``: offsets of the outermost figures from the spot, in pixels.
    """
    room = 0.84 * stage.width
    squeezed = min(1.0, room / max(1.0, right - left))
    least, most = spot.x + left * squeezed, spot.x + right * squeezed
    if most - least < 1:
        return 1.0, 0.0
    return squeezed, max(0.0, 0.08 * stage.width - least) - max(0.0, most - 0.92 * stage.width)
