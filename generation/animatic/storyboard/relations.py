"""Turn relations into places: on, in, under, behind and before something, and behind a counter with goods."""

from collections.abc import Sequence

from .blocking import LARGE_METRES, Body
from .measures import measure_thing
from .slots import FACE, GAP, Placed, Slot, measure_rise

# Where one sits or stands on a thing, as a share of its height.
SEATS = {"bed": 0.55, "chair": 0.5, "couch_and_lamp": 0.5, "seat": 0.5, "bench": 0.5, "throne": 0.45}
UPRIGHT = ("lie", "sleep", "sit", "jump", "dance", "climb", "fall", "read", "write", "play", "eat", "walk", "run")
TOPS = {"bridge": 0.55, "boat": 0.3, "raft": 0.9, "well": 0.6}  # of other things
BEHIND_ALL = -0.05  # how much higher in the picture the foot of something stands that is behind somebody
COUNTER_FOOT = 0.05  # how much nearer the counter's foot is than the seller's
COUNTER_SHARE = 0.42  # of the counter's height to the seller's
COUNTER_METRES, LEAST_COUNTER = 0.9, 0.24  # who is smaller sits on the counter; its height then
GOODS_HEIGHT = 0.1
MAX_GOODS = 3


def relate(slot: Slot, relation: str, thing: Body) -> bool:
    """Place a thing towards everybody in the slot. Returns whether the relation is one inside a slot."""
    place = {"on": _put_on, "in": _put_in, "under": _put_under, "behind": _put_behind}.get(relation)
    if place is None:
        return False
    place(slot, thing)
    return True


def is_large(thing: Body) -> bool:
    """Return whether a thing is too large to be stood on or in within the picture, so that it stands behind."""
    return thing.metres >= LARGE_METRES


def _put_on(slot: Slot, thing: Body) -> None:
    """Let everybody stand on the thing, or sit on what is made for it."""
    if thing.name in SEATS:
        for one in slot.placed:
            one.body.pose = one.body.pose if one.body.pose in UPRIGHT else "sit"
    top = thing.height * SEATS.get(thing.name, TOPS.get(thing.name, 0.5 if thing.kind == "water" else 0.95))
    for one in slot.placed:
        one.dy -= top
        one.body.is_near = True
    slot.placed.append(Placed(thing))


def _put_in(slot: Slot, thing: Body) -> None:
    """Let everybody look out of the thing, which hides them up to the chest."""
    lowest = min(measure_rise(one.body) for one in slot.placed)
    hidden = min(thing.height * 0.9, lowest * (0.95 - FACE) * 0.7)
    for one in slot.placed:
        one.dy -= thing.height - hidden
    slot.placed.append(Placed(thing))
    thing.is_near = True


def _put_under(slot: Slot, thing: Body) -> None:
    """Stand the thing behind everybody, and let it rise above them; what floats is on the water above."""
    if thing.kind == "water":
        slot.placed.append(Placed(thing, dy=-max(measure_rise(one.body) - one.dy for one in slot.placed) - 0.02))
        return
    tallest = max(measure_rise(one.body) for one in slot.placed)
    grow = max(1.0, 1.35 * tallest / max(thing.height, 1e-6)) if thing.height > 0.6 * tallest else 1.0
    thing.height, thing.width = thing.height * grow, thing.width * grow
    slot.placed.append(Placed(thing, dy=BEHIND_ALL / 5))


def _put_behind(slot: Slot, thing: Body) -> None:
    """Stand the thing before everybody, beside their faces: it hides a shoulder and the legs."""
    beside = max(one.dx + one.body.width * 0.2 for one in slot.placed) + thing.width / 2
    lowest = min(measure_rise(one.body) for one in slot.placed)
    dx = 0.0 if thing.height < lowest * (0.9 - FACE) else beside
    for one in slot.placed:
        one.dy += BEHIND_ALL / 2
    slot.placed.append(Placed(thing, dx=dx))
    thing.is_near = True


def put_before(slot: Slot, thing: Body) -> None:
    """Stand the thing behind everybody."""
    slot.placed.append(Placed(thing, dx=min(0.06, thing.width / 4), dy=BEHIND_ALL))


def set_counter(slot: Slot, goods: Sequence[Body], ratio: float) -> None:
    """Stand the slot's first behind a counter with goods on it; somebody small sits on the counter."""
    seller = slot.placed[0]
    is_small = seller.body.metres < COUNTER_METRES
    height = LEAST_COUNTER if is_small else max(LEAST_COUNTER * 0.7, seller.body.height * COUNTER_SHARE)
    _kind, metres, aspect = measure_thing("counter")
    counter = Body("counter", False, metres, height=height, width=height * aspect / ratio, is_near=True)
    if is_small:
        seller.dy = COUNTER_FOOT - height
        seller.body.is_near = True
    seller.body.facing = "front"
    slot.placed.append(Placed(counter, dy=COUNTER_FOOT))
    room = counter.width / 2 - seller.body.width / 2 - GAP
    for n, thing in enumerate(goods[:MAX_GOODS]):
        share = min(1.0, GOODS_HEIGHT / thing.height, room / thing.width) if room > 0 else 0.3
        thing.height, thing.width, thing.is_near = thing.height * share, thing.width * share, True
        side = (1, -1, 1)[n]
        dx = side * (seller.body.width / 2 + GAP / 2 + thing.width * (0.5 + (n == 2)))
        slot.placed.append(Placed(thing, dx=dx, dy=COUNTER_FOOT - height))
