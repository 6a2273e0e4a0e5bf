"""Decide who and what is in a shot, and what each does: the bodies that the layout then gives their places."""

import zlib
from dataclasses import dataclass, field

from ..staging.model import SEVERAL, Act, Named, Spot, Staging
from .measures import has_free_hand, is_animal, list_seats, list_vehicles, measure_figure, measure_thing
from .panel import MAX_FIGURES

MOVING = ("walk", "run", "sneak", "climb", "ride", "row", "push", "pull", "swim", "fly")
RIDING = ("ride",)
FLYING = ("fly", "float")
DRIVING = ("ride", "run", "sit", "row", "float", "fly", "swim")  # what one does on or in a vehicle
MOUNT_METRES = 0.4  # nobody rides anything smaller
CARRYING_METRES = 1.0  # nobody is on a smaller animal
LARGE_METRES = 3.0  # somebody on or in a larger thing is in the place that it makes
LYING = ("lie", "sleep")
IDLE = ("stand", "hold", "carry")  # what one does while one does something else
SHARED_POSES = ("fight", "dance", "embrace", "bow", "talk")  # of both sides
BEHIND_COUNTER = ("seller", "chef", "waiter")
SELLING_POSES = ("stand", "look", "hold", "give", "point", "tend", "wave", "bow", "talk", "cook", "work", "look_up")
MAX_OF_THING = 4
INDOORS = ("room", "vehicle", "corridor")
MOON = "crescent_moon"
ROWED = "boat"  # what somebody rows who rows "out" or "a boat"; nobody rows a sailing boat


@dataclass(slots=True)
class Body:
    """Somebody or a thing that takes room in the picture. ``x`` and ``y``: the middle of its foot, ``height``: of the
    standing body, ``width``, all as parts of the picture's; the layout sets them.
    """

    name: str
    is_figure: bool
    metres: float
    kind: str = "ground"  # of measures.THING_KINDS
    pose: str = "stand"
    then: str = ""
    facing: str = "right"
    holds: str = ""
    rides: str = ""
    marks: int = 0
    rise: float = 0.0  # of the rider above the foot of what is ridden
    x: float = 0.5
    y: float = 0.0
    height: float = 0.0
    width: float = 0.0
    is_near: bool = False


@dataclass(slots=True)
class Party:
    """Everybody whom one name means: they do the same.

    ``side``: "left" acts, "right" is acted upon; who is "around" stands on both sides of who acts.
    """

    named: Named
    bodies: list[Body]
    side: str = "left"


@dataclass(slots=True)
class Blocking:
    """Who and what is in a shot. ``between``: things that somebody handles. ``spots``: what places somebody."""

    parties: list[Party] = field(default_factory=list)
    between: list[Body] = field(default_factory=list)
    others: list[Body] = field(default_factory=list)
    spots: list[tuple[str, Body]] = field(default_factory=list)
    has_counter: bool = False

    @property
    def figures(self) -> list[Body]:
        return [body for party in self.parties for body in party.bodies]

    @property
    def things(self) -> list[Body]:
        return [*self.between, *(body for _relation, body in self.spots), *self.others]

    @property
    def is_moving(self) -> bool:
        """Return whether those who act are on their way."""
        acting = [body for party in self.parties if party.side == "left" for body in party.bodies]
        return bool(acting) and all(body.pose in MOVING for body in acting)


def block(staging: Staging, seed: int) -> Blocking:
    """Return who and what is in the shot of a staging."""
    blocking = Blocking()
    for act in staging.acts:
        _add_act(blocking, act, seed)
    for spot in staging.spots:
        if not _is_part_of_place(spot.named, staging):
            _add_spot(blocking, spot, seed)
    for named in staging.things:
        if _is_part_of_place(named, staging):
            continue
        if named.is_actor:
            _find_party(blocking, named, seed, side="right")
        else:
            _add_others(blocking, named)
    rowing = [body for body in blocking.figures if body.pose == "row" and not is_animal(body.name)]
    if rowing and not any(body.rides for body in blocking.figures):  # "rows out at dawn" names no boat
        rowing[0].rides = ROWED
    blocking.has_counter = _has_counter(blocking, staging)
    behind = [spot for spot in blocking.spots if spot[0] == "behind" and spot[1].name == "counter"]
    if behind and blocking.parties:  # the counter that the layout adds
        blocking.spots.remove(behind[0])
        blocking.has_counter = True
    return blocking


def _is_part_of_place(named: Named, staging: Staging) -> bool:
    """Return whether the place itself shows a thing: the window of a room, the moon of a clear night."""
    if named.name == "window":
        return staging.place in INDOORS
    return named.name == MOON and named.count == 1 and staging.hour == "night" and not staging.weather


def _add_act(blocking: Blocking, act: Act, seed: int) -> None:
    for thing in (actor for actor in act.actors if not actor.is_actor):  # it stands, falls or burns
        _add_others(blocking, thing)
    beings = [actor for actor in act.actors if actor.is_actor]
    parties = [party for actor in beings if (party := _find_party(blocking, actor, seed, act=act))]
    bodies = [body for party in parties for body in party.bodies]
    for named in (act.object, act.partner, act.receiver):
        if named is not None and named.is_actor:
            _add_counterpart(blocking, named, act, bodies, seed)
        elif named is not None and named is not act.object and named.name:  # the flowers that get water
            blocking.between += _build_things(named)
    for named in (act.tool, act.object):
        if act.pose == "paint" and named is not None and named.name == "framed_picture":
            continue  # it is on the easel
        if named is not None and not named.is_actor and named.name and named.count != 0:
            _hand_over(blocking, named, act, bodies)
    shown = act.object is not None and act.object.name not in ("", "framed_picture")
    if act.pose == "paint" and bodies and bodies[0].holds == "paintbrush" and not shown:
        blocking.between += _build_things(Named("", "easel"))


def _find_party(
    blocking: Blocking, named: Named, seed: int, *, act: Act | None = None, side: str = "left"
) -> Party | None:
    """Return the party of a name, new or known; None if nobody of that name is drawn."""
    if not named.name or named.count == 0:
        return None
    key = _name_key(named)
    party = next((party for party in blocking.parties if _name_key(party.named) == key), None)
    if party is None:
        room = MAX_FIGURES - len(blocking.figures)
        count = min(_count(named, seed), room)
        if count < 1:
            return None
        bodies = [
            Body(named.name, True, measure_figure(named.name) * named.size, marks=_mark(named, n)) for n in range(count)
        ]
        party = Party(named, bodies, side)
        blocking.parties.append(party)
        if act is not None:
            for body in bodies:
                body.pose, body.then = act.pose or "stand", act.then
    elif act is not None and not act.is_turn and {body.pose for body in party.bodies} <= set(IDLE):
        for body in party.bodies:  # it stands, and does something
            body.pose, body.then = act.pose, act.then
    elif act is not None:
        for body in party.bodies:
            body.then = act.then or (act.pose if act.pose != body.pose else body.then)
    return party


def _name_key(named: Named) -> str:
    return named.words.casefold() if named.name == "someone" else named.name


def _count(named: Named, seed: int) -> int:
    return 3 + seed % 3 if named.count == SEVERAL else max(0, named.count)


def _mark(named: Named, number: int) -> int:
    """Return the seed of somebody's features: the same in each scene that names them so."""
    return zlib.crc32(f"{_name_key(named)} {number}".encode()) & 0x7FFFFFFF


def _add_counterpart(blocking: Blocking, named: Named, act: Act, actors: list[Body], seed: int) -> None:
    """Add somebody with whom, to whom or on whom others act; what is ridden belongs to its rider."""
    if act.pose in RIDING and named is act.object and actors and measure_figure(named.name) >= MOUNT_METRES:
        actors[0].rides = named.name
        return
    party = _find_party(blocking, named, seed, side="right")
    if party is None or any(body in actors for body in party.bodies):
        return
    is_shared = act.pose in SHARED_POSES or (act.pose in MOVING and named is not act.receiver)
    for body in party.bodies:
        if is_shared and body.pose == "stand":
            body.pose = act.pose


def _hand_over(blocking: Blocking, named: Named, act: Act, actors: list[Body]) -> None:
    """Put a thing below its rider, into a hand, or between those who handle it."""
    kind, metres, _width = measure_thing(named.name)
    rider = next((body for body in actors if not body.rides), None)
    if act.pose in FLYING and kind == "sky" and rider is not None:  # a kite or a balloon flies, not who holds it
        for body in actors:
            body.pose = "reach"
    elif rider is not None and _is_driven(named, act):
        riders = [body for body in actors if not body.rides]
        for body in riders if named.count == SEVERAL else riders[: max(1, named.count)]:
            body.rides = ROWED if act.pose == "row" and named.name == "sailboat" else named.name
        return
    free = next((body for body in actors if not body.holds and has_free_hand(body.pose)), None)
    is_handy = kind in ("hand", "worn") or (kind == "table" and metres <= 0.4)
    if free is not None and is_handy and named.count in (1, SEVERAL):
        free.holds = named.name
        return
    blocking.between += _build_things(named)


def _is_driven(named: Named, act: Act) -> bool:
    """Return whether those who act are on or in a thing."""
    is_single = named.count != SEVERAL
    if act.pose in FLYING and named.name == "broom":
        return True
    return (act.pose in RIDING and is_single) or (act.pose in DRIVING and named.name in list_vehicles())


def _build_things(named: Named) -> list[Body]:
    if not named.name or named.count == 0:
        return []
    kind, metres, _width = measure_thing(named.name)
    count = 3 if named.count == SEVERAL else min(named.count, MAX_OF_THING)
    return [Body(named.name, False, metres * named.size, kind) for _ in range(count)]


def _add_others(blocking: Blocking, named: Named) -> None:
    known = {body.name for body in blocking.others} | {body.holds for body in blocking.figures}
    if named.name not in known:
        blocking.others += _build_things(named)


def _add_spot(blocking: Blocking, spot: Spot, seed: int) -> None:
    """Add what places somebody. Somebody beside or behind whom others are is one more party."""
    named = spot.named
    if not named.name or named.count == 0 or named.name in {body.rides for body in blocking.figures}:
        return
    if _sit_down(blocking, spot):
        return
    if named.is_actor:
        party = _find_party(blocking, named, seed, side="around" if spot.relation == "between" else "right")
        if party is not None and spot.relation == "from" and blocking.is_moving and party is blocking.parties[-1]:
            blocking.parties.insert(0, blocking.parties.pop())  # whoever is fled from comes behind
            party.side = "left"
            for body in party.bodies:
                body.pose = "run"
        return
    if any(body.name == named.name for _relation, body in blocking.spots):
        return
    in_hand = next((body for body in blocking.figures if body.holds == named.name), None)
    if in_hand is None:
        blocking.spots += [(spot.relation, body) for body in _build_things(named)[:2]]


def _sit_down(blocking: Blocking, spot: Spot) -> bool:
    """Let a single person ride or sit on what is made for it. Returns whether somebody does."""
    acting = [party for party in blocking.parties if party.side == "left" and len(party.bodies) == 1]
    bodies = [party.bodies[0] for party in acting if not is_animal(party.bodies[0].name)]
    rider = next((body for body in bodies if not body.rides and body.pose not in LYING), None)
    name = spot.named.name
    is_beast = is_animal(name) and measure_figure(name) >= CARRYING_METRES
    can_carry = is_beast or (name in list_seats() and measure_thing(name)[1] < LARGE_METRES)
    if rider is None or spot.relation not in ("on", "in") or not can_carry:
        return False
    rider.rides = name
    return True


def _has_counter(blocking: Blocking, staging: Staging) -> bool:
    """Return whether the first figure sells: behind a counter, with the goods on it."""
    if any(body.name in ("counter", "stall") for body in blocking.things) or not blocking.parties:
        return False
    seller = blocking.parties[0]
    is_known = seller.named.name in BEHIND_COUNTER
    if (
        len(seller.bodies) > 2
        or (len(seller.bodies) == 2 and not is_known)
        or seller.bodies[0].pose not in SELLING_POSES
    ):
        return False
    return staging.place == "shop" or (seller.named.name in BEHIND_COUNTER and staging.place in ("street", ""))
