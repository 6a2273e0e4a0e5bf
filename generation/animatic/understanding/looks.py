"""Items → how those who were cast look and what they do: hair, colours, clothes, expression, name."""

from ..scene import PEOPLE, VARIANTS
from .company import WHOSE, Casting
from .counting import kind_of
from .lexicon import small_words, table
from .reading import Item

ANIMALS = ("cat", "dog", "bird")
FIELDS = {"hair": "hair_colour", "eyes": "eye_colour", "clothes": "clothes_colour", "accent": "accent_colour"}
GOES = ("train", "ship", "bicycle", "balloon", "bird")
PACES = ("walk", "run")
ALIKE = ("uniform", "yukata")
ATTRIBUTES = ("expression", "action", "hair_style", "clothes", "view")


def describe(items: list[Item], casting: Casting) -> None:
    """Every word about somebody's looks or deeds goes to whom it is about."""
    for at, item in enumerate(items):
        _worn(items, at, casting)
        if item.negated:
            continue
        if item.says("variant"):
            _make(items, at, casting)
        if item.says("colour"):
            _colour(items, at, casting)
        _hair(items, at, casting)
        for slot in ATTRIBUTES:
            _attribute(items, at, slot, casting)
        if item.says("named"):
            _name(items, at, casting)


def _colour(items: list[Item], at: int, casting: Casting) -> None:
    """A colour belongs to the hair, eyes, clothes or thing that follows; "in red" is about clothes."""
    colour = items[at].value("colour") or ""
    for ahead in range(at + 1, min(len(items), at + 5)):
        item = items[ahead]
        if item.is_break or item.kind in ("comma", "quote"):
            break
        part = item.value("part") or ("clothes" if item.says("clothes") and not item.says("subject") else None)
        if item.says("hair_style"):
            part = "hair"
        kind = kind_of(item, weak=False)
        if part or kind:
            _paint(items, at, ahead, part, colour, casting)
            return
        if (
            item.is_content
            or item.says("colour")
            or (item.says("break") and item.text not in small_words("reached_over"))
        ):
            break
    if at and any(item.says("wearing") for item in items[max(0, at - 2) : at]):
        _paint(items, at, at, "clothes", colour, casting)


def _paint(items: list[Item], at: int, target: int, part: str | None, colour: str, casting: Casting) -> None:
    able = {"clothes": PEOPLE, "accent": PEOPLE, "eyes": (*PEOPLE, "cat", "dog")}
    index = casting.owner(items, target, able.get(part or "", ()))
    if index is None:
        return
    kind = casting.subjects[index].kind
    if part is None:
        part = "hair" if kind in ("cat", "dog", "bird") or colour == "blonde" else "clothes"
    elif part == "hair" and kind not in PEOPLE and kind not in ("cat", "dog", "bird"):
        return
    words = " ".join(dict.fromkeys((items[at].text, items[target].text)))
    if items[at].kind == "cjk":
        words = items[at].text if at == target else items[at].text + items[target].text
    if drawn := casting.chip("colour", f"{part} {colour}", words):
        shade = table("colours")["clothes" if part == "accent" else part][drawn.partition(" ")[2]]
        for one in casting.couple(index) if part in ("clothes", "accent") else (index,):
            casting.change(one, **{FIELDS[part]: shade})


def _hair(items: list[Item], at: int, casting: Casting) -> None:
    """Words that are hair and colour in one ("blonde"), and lengths that belong to hair ("long black hair")."""
    item = items[at]
    colour, length = item.value("hair"), item.value("length")
    index = casting.owner(items, at, PEOPLE if length else ())
    if index is None:
        item.ownerless = item.ownerless or bool(colour)
        return
    if colour and (drawn := casting.chip("colour", f"hair {colour}", item.text)):
        casting.change(index, hair_colour=table("colours")["hair"][drawn.partition(" ")[2]])
    if length:
        for ahead in range(at + 1, min(len(items), at + 4)):
            following = items[ahead]
            if following.says("part", "hair"):
                if drawn := casting.chip("hair", length, f"{item.text} {following.text}"):
                    casting.change(index, hair_style=drawn)
                return
            if not (following.says("colour") or following.says("stop")):
                return


def _attribute(items: list[Item], at: int, slot: str, casting: Casting) -> None:
    value = items[at].value(slot)
    if not value or (slot == "clothes" and items[at].says("subject") and not casting.subjects):
        return
    able = PEOPLE if slot in ("clothes", "hair_style") else (*PEOPLE, *ANIMALS)
    if slot == "view":
        if view := casting.chip("view", value, items[at].text):
            casting.view = casting.view or view
        return
    naming = casting.naming(items, at, able)
    if naming is None:  # trains run, ships ride the waves: those go by themselves
        items[at].ownerless = slot != "action" or not any(subject.kind in GOES for subject in casting.subjects)
        return
    index = naming[1]
    chip_slot = "hair" if slot == "hair_style" else slot
    animals = casting.subjects[index].kind not in PEOPLE
    if animals and slot in ("clothes", "hair_style"):
        return
    if slot == "action" and value in PACES and _rides(casting, index):
        return  # 自転車に乗った少年が走る: who rides runs no more than the wheels do
    if value := casting.chip(chip_slot, value, items[at].text):
        kinds = _shared_by(items, at, slot, value)
        together = casting.company(items, naming, kinds) if kinds else casting.couple(index)
        for one in together:
            casting.change(one, **{slot: value})
            if slot == "expression":
                casting.change(one, asleep=items[at].says("asleep") and value == "sleepy")


def _shared_by(items: list[Item], at: int, slot: str, value: str) -> tuple[str, ...]:
    """Of whom else that was named in one breath it is said: "a boy and a girl in yukata" is about both, "in a yukata"
    about the one."""
    if value in ALIKE:
        return PEOPLE if items[at - 1].text.lower() not in (*small_words("a"), *WHOSE) else ()
    return {"action": (*PEOPLE, "cat", "dog"), "expression": PEOPLE}.get(slot, ())


def _rides(casting: Casting, index: int) -> bool:
    has_bicycle = any(subject.kind == "bicycle" for subject in casting.subjects)
    return casting.subjects[index].action == "cycle" or (casting.subjects[index].action == "ride" and has_bicycle)


def _worn(items: list[Item], at: int, casting: Casting) -> None:
    """Glasses and umbrellas; "without an umbrella" is heard too, because in the rain everybody has one."""
    value = items[at].value("worn")
    naming = casting.naming(items, at, PEOPLE) if value else None
    if not value or naming is None:
        items[at].ownerless = bool(value)
        return
    if items[at].negated:
        value = f"no_{value}" if f"without:{value}" not in casting.off else ""
    elif not casting.chip("worn", value, items[at].text):
        return
    for one in casting.company(items, naming) if value else ():
        casting.change(one, accessories=(*casting.subjects[one].accessories, value))


def _make(items: list[Item], at: int, casting: Casting) -> None:
    """What kind of thing was named: a steam train, an old woman or an old man."""
    variant = items[at].value("variant") or ""
    for index, subject in enumerate(casting.subjects):
        steams = variant == "steam" and subject.kind == "train"
        if steams or (variant in VARIANTS.get(subject.kind, ()) and casting.places[index] == at):
            casting.change(index, variant=variant)


def _name(items: list[Item], at: int, casting: Casting) -> None:
    """ "a girl named Aki": the name keys her looks."""
    if at + 1 >= len(items) or items[at + 1].is_break:
        return
    words = [items[at + 1]]
    if words[0].kind == "cjk":
        for item in items[at + 2 : at + 4]:
            if item.kind != "cjk" or item.meanings or item.start != words[-1].end:
                break
            words.append(item)
    name = "".join(item.text for item in words)
    index = casting.owner(items, at)
    if index is not None and casting.chip("name", name, f"{items[at].text} {name}"):
        casting.change(index, name=name)
        for item in words:
            item.used = True
