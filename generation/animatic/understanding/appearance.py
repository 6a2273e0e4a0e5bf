"""Assign looks and actions to subjects: hair, colours, clothes, expression, name."""

from ..props import load_props
from ..scene import PEOPLE, VARIANTS
from .cast import POSSESSIVES, Cast, Mention
from .counts import get_subject_kind
from .lexicon import grammar_words, load_table
from .parsing import Item

ANIMALS = ("cat", "dog", "bird")
WALKING_THINGS = ("robot",)
VEHICLES = ("train", "ship", "bicycle", "balloon")
ACTING_GROUPS = ("animals", "vehicles")  # groups of props that act and move by themselves
COLOUR_FIELDS = {"hair": "hair_colour", "eyes": "eye_colour", "clothes": "clothes_colour", "accent": "accent_colour"}
SELF_MOVING_KINDS = (
    "train",
    "ship",
    "bicycle",
    "balloon",
    "bird",
    "robot",
    "dragon",
    "whale",
)
PACES = ("walk", "run")
JOURNEYS = (*PACES, "ride", "cycle")
POSTURES = ("stand", "walk", "sit")  # say least: "walks hand in hand" is holding hands
SHARED_CLOTHES = ("uniform", "yukata")
ARTICLES = (*grammar_words("indefinite_articles"), *POSSESSIVES, "the")
ATTRIBUTE_SLOTS = ("expression", "action", "hair_style", "clothes", "view")


def assign_attributes(items: list[Item], cast: Cast) -> None:
    """Assign every word about looks or actions to its subject."""
    for at, item in enumerate(items):
        _assign_accessory(items, at, cast)
        if item.is_negated:
            continue
        if item.means("variant"):
            _assign_variant(items, at, cast)
        if item.means("colour"):
            _assign_colour(items, at, cast)
        _assign_hair(items, at, cast)
        for slot in ATTRIBUTE_SLOTS:
            _assign_attribute(items, at, slot, cast)
        if item.means("named"):
            _assign_name(items, at, cast)
    _seat_riders(items, cast)


def _seat_riders(items: list[Item], cast: Cast) -> None:
    """Let people ride the bicycle that they are on: "a girl on a red bicycle"."""
    for at, vehicle in list(zip(cast.positions, cast.subjects, strict=True)):
        before = at - 1
        while before >= 0 and (items[before].means("colour") or items[before].text.lower() in ARTICLES):
            before -= 1
        if vehicle.kind != "bicycle" or before < 1 or items[before].text.lower() not in ("on", "astride"):
            continue
        mention = cast.find_mention(items, before, PEOPLE)
        for rider in cast.find_joined(items, mention) if mention and mention[0] < before else ():
            if cast.subjects[rider].action in ("", *POSTURES):
                cast.update(rider, action="ride")


def _assign_colour(items: list[Item], at: int, cast: Cast) -> None:
    """Assign a colour to the hair, eyes, clothes or subject that follows; "in red" colours the clothes."""
    colour = items[at].value("colour") or ""
    if get_subject_kind(items[at], weak=False):  # 金龙 is a dragon and its colour
        _apply_colour(items, at, at, None, colour, cast)
        return
    for ahead in range(at + 1, min(len(items), at + 5)):
        item = items[ahead]
        if item.is_break or item.kind in ("comma", "quote"):
            break
        part = item.value("part") or ("clothes" if item.means("clothes") and not item.means("subject") else None)
        if item.means("hair_style"):
            part = "hair"
        kind = get_subject_kind(item, weak=False)
        if part or kind:
            _apply_colour(items, at, ahead, part, colour, cast)
            return
        if (
            item.is_content
            or item.means("colour")
            or (item.means("break") and item.text not in grammar_words("transparent_breaks"))
        ):
            break
    if at and any(item.means("wearing") for item in items[max(0, at - 2) : at]):
        _apply_colour(items, at, at, "clothes", colour, cast)


def _apply_colour(items: list[Item], at: int, target: int, part: str | None, colour: str, cast: Cast) -> None:
    allowed_kinds = {"clothes": PEOPLE, "accent": PEOPLE, "eyes": (*PEOPLE, "cat", "dog")}
    index = cast.find_owner(items, target, allowed_kinds.get(part or "", ()))
    if index is None:
        return
    kind = cast.subjects[index].kind
    if part is None:
        part = "hair" if kind in ("cat", "dog", "bird") or colour == "blonde" else "clothes"
    elif part == "hair" and kind not in PEOPLE and kind not in ("cat", "dog", "bird"):
        return
    words = " ".join(dict.fromkeys((items[at].text, items[target].text)))
    if items[at].kind == "cjk":
        words = items[at].text if at == target else items[at].text + items[target].text
    if chosen := cast.add_chip("colour", f"{part} {colour}", words):
        shade = load_table("colours")["clothes" if part == "accent" else part][chosen.partition(" ")[2]]
        for member_index in cast.find_same_word(index) if part in ("clothes", "accent") else (index,):
            cast.update(member_index, **{COLOUR_FIELDS[part]: shade})


def _assign_hair(items: list[Item], at: int, cast: Cast) -> None:
    """Assign words that mean both hair and its colour ("blonde"), and lengths of hair ("long black hair")."""
    item = items[at]
    colour, length = item.value("hair"), item.value("length")
    index = cast.find_owner(items, at, PEOPLE if length else ())
    if index is None:
        item.is_ownerless = item.is_ownerless or bool(colour)
        return
    if colour and (chosen := cast.add_chip("colour", f"hair {colour}", item.text)):
        cast.update(index, hair_colour=load_table("colours")["hair"][chosen.partition(" ")[2]])
    if length:
        for ahead in range(at + 1, min(len(items), at + 4)):
            following = items[ahead]
            if following.means("part", "hair"):
                if chosen := cast.add_chip("hair", length, f"{item.text} {following.text}"):
                    cast.update(index, hair_style=chosen)
                return
            if not (following.means("colour") or following.means("stop")):
                return


def _assign_attribute(items: list[Item], at: int, slot: str, cast: Cast) -> None:
    value = items[at].value(slot)
    if not value or (slot == "clothes" and items[at].means("subject") and not cast.subjects):
        return
    if slot == "view":
        cast.view = cast.view or cast.add_chip("view", value, items[at].text)
        return
    if value in JOURNEYS and _is_move_of_vehicle(items, at, cast):
        return
    allowed_kinds = _get_allowed_kinds(items[at], slot)
    mention = cast.find_mention(items, at, allowed_kinds) or _find_acting_prop(items, at, slot, cast)
    if mention is None:  # the action may be that of a train that runs or a ship that rides the waves
        items[at].is_ownerless = value not in JOURNEYS or not any(s.kind in SELF_MOVING_KINDS for s in cast.subjects)
        return
    index = mention[1]
    chip_slot = "hair" if slot == "hair_style" else slot
    is_animal = cast.subjects[index].kind not in PEOPLE
    if is_animal and slot in ("clothes", "hair_style"):
        return
    if slot == "action" and value in PACES and _is_riding(cast, index):
        return  # 自転車に乗った少年が走る: 走る describes the ride, not a run on foot
    if value := cast.add_chip(chip_slot, value, items[at].text):
        kinds = _get_sharing_kinds(items, at, slot, value)
        for member_index in cast.find_joined(items, mention, kinds) if kinds else cast.find_same_word(index):
            _apply_attribute(items[at], slot, value, member_index, cast)


def _find_acting_prop(items: list[Item], at: int, slot: str, cast: Cast) -> Mention | None:
    """Return the mention of a prop that does what the word at ``at`` says, if the word is an action."""
    props = load_props()
    kinds = tuple(s.kind for s in cast.subjects if s.kind in props and props[s.kind].group in ACTING_GROUPS)
    return cast.find_mention(items, at, kinds) if kinds and slot == "action" else None


def _get_allowed_kinds(item: Item, slot: str) -> tuple[str, ...]:
    """Return the kinds of subjects that a word about looks or actions can describe."""
    if slot in ("clothes", "hair_style"):
        return PEOPLE
    if item.means("parked"):
        return ("bicycle",)
    return (*PEOPLE, *ANIMALS, *WALKING_THINGS) if slot == "action" else (*PEOPLE, *ANIMALS)


def _is_move_of_vehicle(items: list[Item], at: int, cast: Cast) -> bool:
    """Return whether a vehicle right before the word is what moves, as in "a ship rides the waves"; it then does."""
    before = at - 1
    while before > 0 and items[before].kind == "cjk" and items[before].text in grammar_words("subject_particles"):
        before -= 1
    for place, index in cast.list_mentions():
        if place == before and cast.subjects[index].kind in VEHICLES:
            cast.update(index, action="ride")
            return True
    return False


def _apply_attribute(item: Item, slot: str, value: str, index: int, cast: Cast) -> None:
    """Apply an attribute to the subject at ``index``; a posture does not replace what the subject does."""
    if value in POSTURES and cast.subjects[index].action not in ("", *POSTURES):
        return
    cast.update(index, **{slot: value})
    if slot == "expression":
        cast.update(index, asleep=item.means("asleep") and value == "sleepy")


def _get_sharing_kinds(items: list[Item], at: int, slot: str, value: str) -> tuple[str, ...]:
    """Return the kinds that share an attribute: people in "a boy and a girl in yukata", none with "in a yukata"."""
    if value in SHARED_CLOTHES:
        return PEOPLE if items[at - 1].text.lower() not in (*grammar_words("indefinite_articles"), *POSSESSIVES) else ()
    return {"action": (*PEOPLE, "cat", "dog", "robot"), "expression": PEOPLE}.get(slot, ())


def _is_riding(cast: Cast, index: int) -> bool:
    has_bicycle = any(subject.kind == "bicycle" for subject in cast.subjects)
    return cast.subjects[index].action == "cycle" or (cast.subjects[index].action == "ride" and has_bicycle)


def _assign_accessory(items: list[Item], at: int, cast: Cast) -> None:
    """Assign glasses and umbrellas. "Without an umbrella" is recorded too: by default people in rain carry one."""
    value = items[at].value("worn")
    mention = cast.find_mention(items, at, PEOPLE) if value else None
    if not value or mention is None:
        items[at].is_ownerless = bool(value)
        return
    if items[at].is_negated:
        value = f"no_{value}" if f"without:{value}" not in cast.chips_off else ""
    elif not cast.add_chip("worn", value, items[at].text):
        return
    for member_index in cast.find_joined(items, mention) if value else ():
        cast.update(member_index, accessories=(*cast.subjects[member_index].accessories, value))


def _assign_variant(items: list[Item], at: int, cast: Cast) -> None:
    """Assign the variant of a kind: a steam train, an old woman or an old man."""
    variant = items[at].value("variant") or ""
    for index, subject in enumerate(cast.subjects):
        is_apart = (variant, subject.kind) in (("steam", "train"), ("sky", "whale"), ("fire", "dragon"))
        if is_apart or (variant in VARIANTS.get(subject.kind, ()) and cast.positions[index] == at):
            cast.update(index, variant=variant)


def _assign_name(items: list[Item], at: int, cast: Cast) -> None:
    """Assign a name ("a girl named Aki"); the same name gets the same looks in every clip."""
    if at + 1 >= len(items) or items[at + 1].is_break:
        return
    words = [items[at + 1]]
    if words[0].kind == "cjk":
        for item in items[at + 2 : at + 4]:
            if item.kind != "cjk" or item.meanings or item.start != words[-1].end:
                break
            words.append(item)
    name = "".join(item.text for item in words)
    index = cast.find_owner(items, at)
    if index is not None and cast.add_chip("name", name, f"{items[at].text} {name}"):
        cast.update(index, name=name)
        for item in words:
            item.is_used = True
