"""Give everybody and everything of a staging a place in the picture: nobody hides a face, nothing leaves the frame."""

from collections.abc import Callable, Sequence

from ..staging.model import Staging
from .blocking import Blocking, Body, block
from .catalogue import load_sizes
from .directing import choose_camera, choose_mood, write_note
from .measures import is_animal, measure_figure, measure_pose, measure_thing
from .panel import HOURS, MAX_THINGS, PLACES, WEATHERS, Figure, Panel, Point, Thing
from .relations import is_large, put_before, relate, set_counter
from .slots import Placed, Slot, line_up, spread

PAN_WIDTH = 1.3  # of the whole drawing, over which the camera pans, in pictures
FOOT, SKY_FOOT = 0.92, 0.7  # y of the front row, and of it in the sky
BEHIND = 0.16  # how much higher the foot of the back row is
HUNG_FOOT = {"sky": 0.26, "wall": 0.42}
HUNG_X = (0.76, 0.24, 0.5, 0.9, 0.1, 0.63, 0.37)
HUNG_HEIGHT = 0.2
INDOORS = ("room", "shop", "corridor", "stage", "vehicle")
FLOATING = {"fly": 0.3, "float": 0.26, "swim": 0.22, "fall": 0.12}  # pose → height above the ground
FLATTENING = 0.72  # of the differences in size; at 1 a mouse beside a person would be too small to see
SHARES = {1: 0.64, 2: 0.58, 3: 0.52}  # number of figures → height of a person
CROWD_SHARE, BEAST_SHARE, SMALL_BEAST_SHARE, THING_SHARE = 0.4, 0.46, 0.36, 0.5
LEAST_FIGURE, LEAST_THING, MOST = 0.1, 0.06, 0.86
BACK_METRES, BACK_SHARE = 2.4, 0.8  # things larger than this stand behind, and are drawn smaller by that
WIDE_SHARE = 0.65  # of all sizes in a wide shot
MAX_IN_FRONT = 4  # things in the front row besides people
CLOSE_HEIGHT, CLOSE_FOOT = 1.7, 1.78  # of somebody in a close-up
TABLE_POSES, TABLE_SHARE, TABLE_TOP = ("cook", "eat", "blow", "write"), 0.42, 0.93
MAX_ON_TABLE = 3
NEAR_SHARE = 0.12  # of the widths of two who embrace, from their middle
STACKING = ("on", "in", "under", "behind")  # relations of somebody within a slot


def lay_out(staging: Staging, cut: str = "1", seed: int = 0, ratio: float = 16 / 9) -> Panel:
    """Return the panel of a staging. The same staging, seed and ratio (width ÷ height) give the same panel."""
    blocking = block(staging, seed)
    camera = choose_camera(staging, blocking)
    is_close = bool(blocking.parties) and staging.framing == "close"
    wide = ratio * (PAN_WIDTH if camera.startswith("pan") else 1)
    _set_sizes(blocking, wide, WIDE_SHARE if staging.framing == "wide" else 1.0)
    bodies = _place_close(blocking) if is_close else _place(blocking, staging, seed, wide)
    _face(blocking, bodies, staging.facing)
    figures = tuple(_build_figure(body) for body in bodies if body.is_figure)
    return Panel(
        note=write_note(staging),
        place=staging.place if staging.place in PLACES else "unknown",
        variant=staging.variant,
        hour=staging.hour if staging.hour in HOURS else "day",
        weather=staging.weather if staging.weather in WEATHERS else "",
        figures=figures,
        things=tuple(_build_thing(body) for body in bodies if not body.is_figure)[:MAX_THINGS],
        camera=camera,
        mood=choose_mood(staging, blocking),
        cut=cut,
        focus=_find_focus(figures),
    )


def _set_sizes(blocking: Blocking, ratio: float, zoom: float) -> None:
    """Set heights and widths from metres: people as large as the shot allows, all else in proportion."""
    figures, things = blocking.figures, blocking.things
    people = [body.metres for body in figures if not is_animal(body.name)]
    if people:
        reference, share = max(people), SHARES.get(len(figures), CROWD_SHARE)
    elif figures:
        reference = max(body.metres for body in figures)
        share = BEAST_SHARE if reference >= 0.8 else SMALL_BEAST_SHARE
    else:
        reference, share = max((body.metres for body in things), default=1.0), THING_SHARE

    def size(metres: float, least: float) -> float:
        return min(MOST, max(least, zoom * share * (metres / max(reference, 0.01)) ** FLATTENING))

    for body in figures:
        body.height = size(body.metres, LEAST_FIGURE)
        poses = (body.pose, body.then or body.pose)
        body.width = body.height * max(measure_pose(body.name, pose)[0] for pose in poses) / ratio
        if body.rides:
            _set_mount(body, size, ratio)
    for body in things:
        body.height = size(body.metres, LEAST_THING)
        body.width = body.height * measure_thing(body.name)[2] / ratio


def _set_mount(body: Body, size: Callable[[float, float], float], ratio: float) -> None:
    """Make room for what somebody rides."""
    if is_animal(body.rides):
        metres, aspect = measure_figure(body.rides), 1.35
    else:
        _kind, metres, aspect = measure_thing(body.rides)
    height = size(metres, LEAST_FIGURE)
    body.rise = height * 0.75
    body.width = max(body.width, height * aspect / ratio)


def _place(blocking: Blocking, staging: Staging, seed: int, ratio: float) -> list[Body]:
    """Give all bodies their places. Returns those that are drawn."""
    front, back = _list_slots(blocking, staging, ratio)
    is_led = blocking.is_moving or bool(seed % 2)
    spread(front, is_led=is_led)
    spread(back, is_led=not is_led)
    for slot in (*front, *back):
        slot.settle()
    _turn_to_each_other(front, is_moving=blocking.is_moving)
    hung = [body for body in blocking.things if _is_hung(body, staging)]
    return [*(one.body for slot in (*front, *back) for one in slot.placed), *_hang(hung)]


def _place_close(blocking: Blocking) -> list[Body]:
    """Show the face of the first alone, as the words ask for a close-up."""
    body = blocking.figures[0]
    share = CLOSE_HEIGHT / body.height
    body.height, body.width = CLOSE_HEIGHT, body.width * share
    body.x, body.y, body.rides = 0.45, CLOSE_FOOT, ""
    return [body]


def _face(blocking: Blocking, bodies: Sequence[Body], facing: str) -> None:
    """Let those who act look as the words say. To the left, the whole picture is mirrored."""
    if facing == "left":
        for body in bodies:
            body.x = 1 - body.x
            body.facing = {"right": "left", "left": "right"}.get(body.facing, body.facing)
    elif facing in ("front", "back") and blocking.parties:
        for body in blocking.parties[0].bodies:
            body.facing = facing


def _list_slots(blocking: Blocking, staging: Staging, ratio: float) -> tuple[list[Slot], list[Slot]]:
    """Return the slots of the front row, from left to right, and of the back row."""
    foot = SKY_FOOT if staging.place == "sky" else FOOT
    left = [slot for party in blocking.parties if party.side == "left" for slot in line_up(party.bodies, foot)]
    right = [slot for party in blocking.parties if party.side == "right" for slot in line_up(party.bodies, foot)]
    around = [
        Slot([Placed(body)], foot) for party in blocking.parties if party.side == "around" for body in party.bodies
    ]
    left, right = _bring_together(left, right)
    things = [body for body in (*blocking.between, *blocking.others) if not _is_hung(body, staging)]
    if blocking.has_counter:
        goods = [body for body in things if body.kind in ("table", "hand", "worn")] or _list_goods(staging, ratio)
        set_counter((left or right or around)[0], goods[:3], ratio)
        things = [body for body in things if body not in goods[:3]]
    for slot in (*left, *right, *around):
        _lift(slot)
    if not left and not right and not around and things:
        left = [Slot([Placed(things.pop(0))], foot)]
    middle, back = _divide_things(things, foot)
    middle = _set_table(blocking, middle, foot, ratio)
    handled = [slot for slot in middle if any(one.body in blocking.between for one in slot.placed)]
    half = len(around) // 2
    others = [slot for slot in middle if slot not in handled]
    front = [*around[:half], *left, *handled, *around[half:], *right, *others]
    _place_spots(blocking, staging, front, back, foot)
    for slot in back:
        slot.scale(BACK_SHARE)
    return front, back


def _bring_together(left: list[Slot], right: list[Slot]) -> tuple[list[Slot], list[Slot]]:
    """Let two who embrace share a slot, so near that their arms meet."""
    pair = [*left, *right]
    if len(pair) != 2 or any(slot.first.pose != "embrace" or is_animal(slot.first.name) for slot in pair):
        return left, right
    first, second = pair[0].first, pair[1].first
    first.facing, second.facing = "right", "left"
    near = (first.width + second.width) * NEAR_SHARE
    return [Slot([Placed(first, dx=-near), Placed(second, dx=near)], pair[0].foot)], []


def _set_table(blocking: Blocking, slots: list[Slot], foot: float, ratio: float) -> list[Slot]:
    """Put what is cut, eaten or blown at on a table. Returns the slots of the things in the front row."""
    acting = next((body for body in blocking.figures if body.pose in TABLE_POSES and not is_animal(body.name)), None)
    goods = [slot.first for slot in slots if slot.first.kind == "table"][:MAX_ON_TABLE]
    if acting is None or not goods:
        return slots
    _kind, metres, aspect = measure_thing("table")
    height = acting.height * TABLE_SHARE
    table = Body("table", False, metres, height=height, width=height * aspect / ratio, is_near=True)
    placed = [Placed(table)]
    for n, thing in enumerate(goods):
        thing.is_near = True
        placed.append(Placed(thing, dx=(n - (len(goods) - 1) / 2) * table.width / 3, dy=-height * TABLE_TOP))
    return [Slot(placed, foot), *(slot for slot in slots if slot.first not in goods)]


def _divide_things(things: list[Body], foot: float) -> tuple[list[Slot], list[Slot]]:
    """Return slots of the things in the front row, and of those behind: the large ones, and what is too much."""
    large = [body for body in things if body.metres > BACK_METRES or body.kind == "water"]
    small = [body for body in things if body not in large]
    middle = [Slot([Placed(body)], foot) for body in small[:MAX_IN_FRONT]]
    return middle, [Slot([Placed(body)], foot - BEHIND) for body in (*large, *small[MAX_IN_FRONT:])]


def _place_spots(blocking: Blocking, staging: Staging, front: list[Slot], back: list[Slot], foot: float) -> None:
    """Place what somebody is on, in, beside …: within the slot of who acts, beside it or behind."""
    acting = [body for party in blocking.parties if party.side == "left" for body in party.bodies[:1]]
    subjects = [slot for slot in front if slot.first in acting and len(slot.placed) == 1]
    subjects = subjects or [slot for slot in front[:1] if len(slot.placed) == 1 and not slot.first.is_figure]
    subject = next(iter(subjects), front[0] if front else None)
    for n, (relation, thing) in enumerate(blocking.spots):
        if _is_hung(thing, staging) or _is_place(relation, thing, staging):
            continue
        stacked = next((slot for slot in subjects if len(slot.placed) == 1), None)
        if subject is None:
            subject = Slot([Placed(thing)], foot)
            front.append(subject)
        elif relation in STACKING and stacked is not None and not (is_large(thing) and relation in ("on", "in")):
            _gather(stacked, front, thing)
            relate(stacked, relation, thing)
        elif relation == "from" or (relation == "between" and n == 0):
            front.insert(0, Slot([Placed(thing)], foot))
        elif relation in ("beside", "between") and thing.metres <= BACK_METRES:
            front.insert(front.index(subject) + 1, Slot([Placed(thing)], foot))
        elif relation in ("to", "opposite") and thing.metres <= BACK_METRES:
            front.append(Slot([Placed(thing)], foot))
        elif relation == "before" and len(subject.placed) == 1:
            put_before(subject, thing)
        else:
            back.append(Slot([Placed(thing)], foot - BEHIND))


def _gather(subject: Slot, front: list[Slot], thing: Body) -> None:
    """Let two who do the same share the slot of what they are on, and make that wide enough."""
    at = front.index(subject) + 1
    mate = front[at] if at < len(front) else None
    if mate is None or mate.first.name != subject.first.name or not mate.first.is_figure or len(mate.placed) > 1:
        return
    first, second = subject.placed[0], mate.placed[0]
    first.dx, second.dx = -first.body.width / 2, second.body.width / 2
    subject.placed.append(second)
    front.remove(mate)
    wanted = first.body.width + second.body.width
    if thing.width < wanted:
        share = min(1.8, wanted / thing.width)
        thing.height, thing.width = thing.height * share, thing.width * share


def _lift(slot: Slot) -> None:
    """Raise those who fly, swim or fall off the ground."""
    for one in slot.placed:
        rise = FLOATING.get(one.body.pose, FLOATING["fly"] if one.body.rides == "broom" else 0.0)
        if rise and one.body.is_figure and one.dy <= 0:
            one.dy -= rise
            one.body.is_near = True


def _list_goods(staging: Staging, ratio: float) -> list[Body]:
    """Return what a shop sells, if it is known."""
    if staging.variant not in load_sizes():
        return []
    kind, metres, aspect = measure_thing(staging.variant)
    return [Body(staging.variant, False, metres, kind, height=0.1, width=0.1 * aspect / ratio) for _ in range(3)]


def _is_place(relation: str, thing: Body, staging: Staging) -> bool:
    """Return whether the shot plays in or on a thing that the place shows, such as a ship."""
    return bool(staging.place) and relation in ("in", "on", "through") and is_large(thing)


def _is_hung(body: Body, staging: Staging) -> bool:
    return body.kind == "sky" or (body.kind == "wall" and staging.place in INDOORS)


def _hang(bodies: Sequence[Body]) -> list[Body]:
    """Give what hangs on the wall or in the sky its place, behind all heads."""
    for body, x in zip(bodies, HUNG_X, strict=False):
        share = min(1.0, HUNG_HEIGHT / body.height, 0.18 / body.width)
        body.height, body.width = body.height * share, body.width * share
        body.x, body.y = min(max(x, body.width / 2 + 0.03), 0.97 - body.width / 2), HUNG_FOOT[body.kind]
    return list(bodies[: len(HUNG_X)])


def _turn_to_each_other(front: Sequence[Slot], *, is_moving: bool) -> None:
    """Let everybody face the others of the row, or the middle of the picture; those on their way face right."""
    for slot in front:
        others = [other.x for other in front if other is not slot]
        for one in slot.placed:
            if not one.body.is_figure or one.body.facing == "front":
                continue
            middle = sum(others) / len(others) if others else (slot.x if one.dx else 0.5)
            one.body.facing = "right" if is_moving or one.body.x <= middle else "left"


def _build_figure(body: Body) -> Figure:
    return Figure(
        body.name,
        body.pose,
        (round(body.x, 4), round(body.y, 4)),
        body.facing,
        round(body.height, 4),
        body.then if body.then != body.pose else "",
        body.holds,
        body.rides,
        body.marks,
        body.is_near,
    )


def _build_thing(body: Body) -> Thing:
    return Thing(body.name, (round(body.x, 4), round(body.y, 4)), round(body.height, 4), is_near=body.is_near)


def _find_focus(figures: Sequence[Figure]) -> Point:
    """Return the middle between the heads of the first two, where a camera pushes in."""
    seen = figures[:2]
    if not seen:
        return 0.5, 0.55
    x = sum(figure.at[0] for figure in seen) / len(seen)
    y = sum(figure.at[1] - figure.height * 0.65 for figure in seen) / len(seen)
    return round(min(max(x, 0.25), 0.75), 4), round(min(max(y, 0.3), 0.65), 4)
