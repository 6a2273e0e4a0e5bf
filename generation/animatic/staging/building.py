"""Turn the events of a reader into a staging: names, poses, places and what only the note tells."""

from collections.abc import Iterable
from dataclasses import replace

from ..storyboard.catalogue import load_sizes
from .draft import Event, Phrase
from .model import SEVERAL, Act, Named, Spot, Staging
from .moments import read_moments
from .names import find_name, read_size
from .places import BUILDINGS, Place, find_place, find_shop, load_homes, move_place
from .poses import STILL, SUDDEN, find_phrase_pose, find_pose, find_tool, is_absent, is_keeping, load_verbs
from .tables import load_set

ABOARD = (("vehicle", "train"), ("vehicle", "bus"), ("vehicle", "plane"), ("water", "ship"), ("corridor", "subway"))
CARRYING = ("hold", "carry")
HANDLING = ("paint", "write", "tend", "give", "throw")  # nobody is in what they handle
MEAL = "steaming_bowl"  # what a restaurant sells
SURROUNDING = ("in", "on", "through")
JOINED: dict[tuple[Place | None, str], Place] = {  # a place and the kind of the next one → both
    (("sky", ""), "street"): ("sky", "town"),
}
BEST_RELATIONS = ("in", "on", "under", "through")  # more telling of a place than "beside" or "to"


def build_staging(text: str, events: Iterable[Event], unread: Iterable[str], language: str) -> Staging:
    """Return the staging of the events of a text."""
    builder = _Builder(language)
    events = list(events)
    for event in events:
        builder.note_carried(event)
    for event in events:
        builder.add(event)
    moments = read_moments(text, language)
    if builder.shows_moon():
        moments.setdefault("hour", "night")
    kind, variant = builder.place or builder.find_home() or ("", "")
    return Staging(
        text,
        tuple(builder.acts),
        tuple(builder.things),
        tuple(builder.spots),
        kind,
        variant,
        moments.get("hour", ""),
        moments.get("weather", ""),
        moments.get("camera", ""),
        tuple(dict.fromkeys(unread)),
        moments.get("framing", ""),
        moments.get("facing", ""),
        tuple(builder.details),
    )


class _Builder:
    def __init__(self, language: str) -> None:
        self.language = language
        self.acts: list[Act] = []
        self.details: list[Act] = []
        self.things: list[Named] = []
        self.spots: list[Spot] = []
        self.place: Place | None = None
        self.is_telling = False
        self.carried: dict[int, Phrase] = {}

    def note_carried(self, event: Event) -> None:
        """Remember what somebody carries by a relative clause: 傘をさした少女, "the boy holding a lantern"."""
        if not event.is_detail or event.object is None or event.is_negative or event.is_passive:
            return
        if self._find_pose(event) in CARRYING and not self._name(event.object).is_actor:
            self.carried |= {id(phrase): event.object for phrase in event.actors}

    def add(self, event: Event) -> None:
        """Add an event. One without a verb names who and what is there, or the place itself."""
        for relation, phrase in event.spots:
            self._add_spot(relation, phrase, is_detail=event.is_detail)
        self.things += [self._name(phrase) for phrase in event.things if not self._is_place(phrase)]
        if event.verb:
            acts = self.details if event.is_detail else self.acts
            self._visit(event)
            if self.place in ABOARD and event.object is None and self._find_pose(event) == "ride":
                event.pose = "sit"
            actors = [self._name(phrase) for phrase in event.actors if not self._set_scene(phrase)]
            acts.append(self._build_act(event, tuple(actors)))
            return
        actors = [named for phrase in event.actors if (named := self._show(phrase)) is not None]
        if actors or event.tool:
            self.acts.append(self._build_act(event, tuple(actors)))

    def shows_moon(self) -> bool:
        """Return whether somebody does something under, before or to the moon."""
        named = [*self.things, *(spot.named for spot in self.spots), *(act.object for act in self.acts if act.object)]
        return any(one.name == "crescent_moon" for one in named)

    def find_home(self) -> Place | None:
        """Return where the first of those who act, or what they act upon, is by its nature; None if a spot tells."""
        named = [spot.named for spot in self.spots]
        if not named:
            for act in self.acts[:1]:
                handled = [one for one in (act.object, act.tool) if one is not None and not one.is_actor]
                named += [*act.actors[:1], *handled]
            named += [thing for thing in self.things if not (thing.is_actor and self.acts)]
        homes = (load_homes().get(one.name) for one in named if one.count != 0)
        return next((home for home in homes if home is not None), None)

    def _set_scene(self, phrase: Phrase) -> bool:
        """Set the place that stands among the actors: "empty classroom, curtains blowing". Returns whether it does."""
        if not self._is_place(phrase):
            return False
        place = find_place(phrase, self.language)
        assert place is not None
        self._set_place(place, is_telling=True)
        return True

    def _visit(self, event: Event) -> None:
        """Let what somebody rides in, crosses, searches or guards be the place."""
        phrase = event.object
        place = find_place(phrase, self.language) if phrase is not None else None
        if phrase is None or place is None:
            return
        if place[0] == "shop" and is_keeping(event.verb, self.language):
            self._keep_shop(event, place)
            return
        named, pose = self._name(phrase), self._find_pose(event)
        if pose in HANDLING:
            return
        is_inside = place in ABOARD and pose in ("ride", "sit")
        if named.is_actor or (named.name and place[0] != "bridge" and not is_inside):
            return
        self._set_place(place, is_telling=False)
        if is_inside or not named.name:
            event.object = None
        if is_inside:
            event.pose = "sit"
        elif place[0] == "water" and pose == "ride":  # a wave
            event.pose = "float"

    def _keep_shop(self, event: Event, place: Place) -> None:
        """Stand those who keep a shop behind its counter; in the desert or on the moon, the counter is all of it."""
        event.verb, event.object = STILL, None
        self._set_place(place, is_telling=False)
        self.spots.append(Spot("behind", Named("", "counter")))
        goods = MEAL if place[1] == "food" else place[1]
        if self.place != place and goods in load_sizes():
            self.things.append(Named("", goods, SEVERAL))

    def _show(self, phrase: Phrase) -> Named | None:
        """Return somebody who is named without a verb; put a thing among the things and set the place."""
        named = self._name(phrase)
        if named.is_actor or named.count == 0:
            return named
        place = find_place(phrase, self.language)
        if place and not (place in BUILDINGS and named.name):  # a named building is seen from outside
            self._set_place(place, is_telling=True)
            owner = find_name(phrase.owner, self.language) if phrase.owner else None
            return Named(phrase.owner, owner.name, 1, True) if owner and owner.is_actor else None
        self.things.append(named)
        return None

    def _is_place(self, phrase: Phrase) -> bool:
        return find_place(phrase, self.language) is not None and not find_name(phrase.full, self.language).name

    def _name(self, phrase: Phrase) -> Named:
        name = find_name(phrase.full, self.language)
        words = phrase.words or phrase.head
        is_actor = name.is_actor or phrase.count == 0
        return Named(words, name.name, phrase.count, is_actor, read_size(words, name.name, self.language))

    def _build_act(self, event: Event, actors: tuple[Named, ...]) -> Act:
        self._read_light_verb(event)
        pose, then = self._choose_poses(event)
        carried = next((self.carried[id(phrase)] for phrase in event.actors if id(phrase) in self.carried), None)
        event.tool = event.tool or (None if event.is_detail else carried)
        slots = {slot: getattr(event, slot) for slot in ("object", "tool", "partner", "receiver")}
        named = {slot: self._name(phrase) for slot, phrase in slots.items() if phrase is not None}
        if pose == "fall" and "object" in named and not named["object"].is_actor and actors:
            pose = "hold"  # what is dropped falls, not who drops it
        is_chef = self.place == ("room", "kitchen") or any(actor.name == "chef" for actor in actors)
        if pose == "work" and is_chef and "object" in named and "tool" not in named:
            pose = "cook"
        if "object" in named and not event.is_detail and not event.is_passive and is_absent(event.verb, self.language):
            named["object"] = replace(named["object"], name="")
        # drones that sweep have no broom, and nobody has none
        is_handed = any(actor.count != 0 and (actor.is_actor or not actor.name) for actor in actors)
        if is_handed and (tool := self._find_tool(event, named)):
            named["tool"] = Named(event.words, tool)
        return Act(actors, event.words, pose, then, is_turn=bool(event.turn), **named)

    def _choose_poses(self, event: Event) -> tuple[str, str]:
        """Return the pose of an event and the one after it: whoever falls at a turn stood before."""
        if not event.verb:
            return ("hold" if event.tool else STILL), ""
        if event.is_negative:
            return STILL, ""
        pose = self._find_pose(event)
        return (STILL, pose) if event.turn and pose in SUDDEN else (pose, "")

    def _find_tool(self, event: Event, named: dict[str, Named]) -> str:
        """Return what the verb needs in the hands, "" if the sentence names something that they hold."""
        size = load_sizes().get(named["object"].name) if "object" in named else None
        if "tool" in named or event.is_negative or not event.verb or (size is not None and size.kind == "hand"):
            return ""
        return find_tool(event.verb, event.words, self.language)

    def _read_light_verb(self, event: Event) -> None:
        """Take the noun after a verb that says little as the verb: "have a picnic"."""
        done = event.object
        if self.language != "en" or done is None or event.verb not in load_set("en", "lists", "light"):
            return
        if (phrase := f"{event.verb} {done.head}") in load_verbs("en"):  # take a photo
            event.verb, event.words, event.object = phrase, phrase, None
            return
        nouns = (done.full, done.head)
        verb = next((noun for noun in nouns if find_pose(noun, noun, "en") != STILL), "")
        if verb and not find_name(done.full, "en").name:
            event.verb, event.object = verb, None

    def _find_pose(self, event: Event) -> str:
        if event.pose:
            return event.pose
        if event.object and (pose := find_phrase_pose(event.object.head, event.verb, self.language)):
            return pose
        return find_pose(event.verb, event.words, self.language)

    def _add_spot(self, relation: str, phrase: Phrase, *, is_detail: bool) -> None:
        named = self._name(phrase)
        place = ("shop", "") if named.name == "counter" else find_place(phrase, self.language)
        if named.is_actor and (shop := find_shop(phrase, self.language)) is not None:
            named, place = Named(named.words), shop
        spot = Spot(relation, named)
        is_goods = named.name == "counter"  # who is behind it is in the shop
        moved = place if is_goods else move_place(place, relation) if place and not named.is_actor else None
        if moved is not None:
            self._set_place(moved, is_telling=relation in BEST_RELATIONS and not is_detail)
            if self.place == moved and relation in SURROUNDING and not is_goods:
                spot = Spot(relation, replace(named, name=""))  # the place itself shows it
        if spot not in self.spots:
            self.spots.append(spot)

    def _set_place(self, place: Place, *, is_telling: bool) -> None:
        """Keep the first place, but let the one somebody is in or on go before one that is only near."""
        if (both := JOINED.get((self.place, place[0]))) is not None:
            self.place = both
        elif self.place is None or (is_telling and not self.is_telling):
            self.place, self.is_telling = place, is_telling
