"""Decide what people and animals do together and with which things, and which actions nothing draws."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from ..props import load_props
from ..scene import ANIMAL_ACTIONS, PEOPLE, ROBOT_ACTIONS, Subject
from .lexicon import fold_text, grammar_words, load_table
from .parsing import Item

SHARED = ("fight", "hold_hands", "dance", "play")  # actions of several people
CHILDREN = ("girl", "boy", "child")
PETS = ("cat", "dog")
CAKES = ("shortcake", "pie", "pancakes", "waffle")  # eaten with a fork
ON_PLATES = (
    "bento_box",
    "curry_rice",
    "spaghetti",
    "pot_of_food",
    "green_salad",
    "canned_food",
    "custard",
    "fondue",
    "sushi",
    "takeout_box",
    "honey_pot",
    "french_fries",
    "popcorn",
    "shaved_ice",
    "dumpling",
    "broccoli",
    "butter",
)
USED_KINDS = {"eat": "food", "play": "guitar", "fight": "sword"}  # what an action shows by itself

PET_TOOLS = {"eat": "rice", "play": "ball"}  # what cats and dogs use: a bowl of food, a ball


@cache
def _load_tools() -> dict[str, dict[str, frozenset[str]]]:
    """Return the words for each thing of each action."""
    return {
        action: {tool: frozenset(fold_text(word) for word in words) for tool, words in things.items()}
        for action, things in load_table("tools").items()
    }


def resolve_actions(items: Sequence[Item], subjects: Sequence[Subject]) -> list[Subject]:
    """Return the subjects with partners and things for their actions, and without actions that cannot be drawn.

    Marks the items of things as used, and those of dropped actions as belonging to nobody.
    """
    found = _share_with_partners(items, list(subjects))
    found = [_drop_action(items, s) if not _can_act(s, found) else s for s in found]
    found = [_choose_tool(items, s, found) if s.kind in PEOPLE else s for s in found]
    return _let_pets_join(items, _hand_over(_drop_used_props(items, found)))


def _share_with_partners(items: Sequence[Item], subjects: list[Subject]) -> list[Subject]:
    """Return the subjects with the action of a single actor given to an idle partner: "a samurai fights a ninja"."""
    for action in SHARED:
        actors = [s for s in subjects if s.action == action and s.kind in PEOPLE]
        idle = [s for s in subjects if not s.action and s.kind in PEOPLE]
        if len(actors) != 1 or actors[0].count != 1 or not idle:
            continue
        needs_partner = action in ("fight", "hold_hands")
        if needs_partner or _is_joined(items, action):
            at = subjects.index(idle[0])
            subjects[at] = replace(subjects[at], action=action)
    return subjects


def _is_joined(items: Sequence[Item], action: str) -> bool:
    """Return whether a word such as "with" stands beside the action."""
    words = _load_tools()["joining"]["words"]
    for at, item in enumerate(items):
        if item.value("action") == action and not item.is_negated:
            return any(fold_text(near.text) in words for near in items[max(0, at - 3) : at + 2])
    return False


def _can_act(subject: Subject, subjects: Sequence[Subject]) -> bool:
    if subject.kind in PETS:
        return subject.action in ("", *ANIMAL_ACTIONS)
    if subject.kind == "robot":
        return subject.action in ("", *ROBOT_ACTIONS)
    if subject.kind not in PEOPLE:
        return subject.action not in (*SHARED, "eat", "wave")
    if subject.action == "hold_hands":
        return sum(s.count for s in subjects if s.action == "hold_hands" and s.kind in PEOPLE) > 1
    return True


def _drop_action(items: Sequence[Item], subject: Subject) -> Subject:
    for item in items:
        if item.value("action") == subject.action:
            item.is_ownerless = True
    return replace(subject, action="")


def _choose_tool(items: Sequence[Item], subject: Subject, subjects: Sequence[Subject]) -> Subject:
    """Return a person with the thing that the action needs; without the action if it needs one that nothing draws."""
    action = subject.action
    tools = _load_tools().get(action)
    if tools is None:
        return subject
    named = [(tool, item) for item in items if not item.is_negated for tool in _list_tools(item, tools)]
    for tool, item in named:
        if tool == "undrawn":
            item.is_ownerless = item.is_ownerless or item.means("action")
            return _drop_action(items, subject)
    if named:
        for _, item in named:
            item.is_used = True
        return replace(subject, tool=min((tool for tool, _ in named), key=list(tools).index))
    if action == "eat":
        return _choose_dish(subject, subjects)
    if action == "fight":
        return subject
    return _choose_toy(items, subject, subjects)


def _choose_dish(subject: Subject, subjects: Sequence[Subject]) -> Subject:
    """Return somebody who eats what the prompt names: from the hand, a plate or the table; else rice."""
    prop = next((s for s in subjects if _is_food_prop(s)), None)
    if prop:
        tool = "cake_plate" if prop.kind in CAKES else "plate" if prop.kind in ON_PLATES else "snack"
        return replace(subject, tool=tool, held=prop)
    dishes = [s.variant or s.kind for s in subjects if s.kind == "food"]
    return replace(subject, tool="cake" if "cake" in dishes else "dish" if dishes else "rice")


def _is_food_prop(subject: Subject) -> bool:
    return subject.kind in load_props() and load_props()[subject.kind].group == "food"


def _choose_toy(items: Sequence[Item], subject: Subject, subjects: Sequence[Subject]) -> Subject:
    """Return somebody who plays nothing that the prompt names: performers with a guitar, others with a ball."""
    if _plays_unknown_thing(items):
        return _drop_action(items, subject)
    performing = _load_tools()["performing"]["words"]
    on_stage = any(item.names("place", "stage") and not item.is_negated for item in items)
    if on_stage or any(fold_text(item.text) in performing for item in items):
        return replace(subject, tool="guitar")
    has_company = any(s.kind in (*CHILDREN, *PETS) for s in subjects)
    return replace(subject, tool="ball") if has_company else _drop_action(items, subject)


def _plays_unknown_thing(items: Sequence[Item]) -> bool:
    """Return whether an unknown word is what is played: "plays the erhu", 三味線を弾く."""
    for at, item in enumerate(items):
        if item.value("action") != "play":
            continue
        rest = [near for near in items[at + 1 : at + 4] if not near.means("stop")]
        before = items[at - 2 : at - 1] if at > 1 and items[at - 1].text in grammar_words("object_particles") else []
        if any(_is_unknown_thing(near) for near in [*rest[:1], *before]):
            return True
    return False


def _is_unknown_thing(item: Item) -> bool:
    is_unknown = all(meaning.slot == "tool" for meaning in item.meanings)
    return is_unknown and item.kind in ("word", "cjk") and not item.is_used


def _list_tools(item: Item, tools: dict[str, frozenset[str]]) -> list[str]:
    text = fold_text(item.text)
    forms = {text, text.removesuffix("s"), text.removesuffix("es")} if item.kind == "word" else {text}
    return [tool for tool, words in tools.items() if forms & words]


def _drop_used_props(items: Sequence[Item], subjects: list[Subject]) -> list[Subject]:
    """Return the subjects without props that actors are drawn with, such as the ball they throw."""
    used: set[str] = {s.held.kind for s in subjects if s.action == "eat" and s.held}
    for actor in subjects:
        tools = _load_tools().get(actor.action, {})
        for item in items if actor.tool in tools else ():
            if _list_tools(item, tools):
                used |= {m.value for m in item.meanings if m.slot == "subject" and m.value in load_props()}
    return [s for s in subjects if s.kind not in used]


def _hand_over(subjects: list[Subject]) -> list[Subject]:
    """Return the subjects with actors who know what the things look like that they are drawn with."""
    things = {s.kind: s for s in subjects}
    return [
        replace(s, held=s.held or things.get(USED_KINDS[s.action])) if s.tool and s.action in USED_KINDS else s
        for s in subjects
    ]


def _let_pets_join(items: Sequence[Item], subjects: list[Subject]) -> list[Subject]:
    """Return the subjects with idle cats and dogs playing along; pets that play alone have a ball of their own."""
    for action, tool in PET_TOOLS.items():
        if any(s.kind in PETS and s.action == action for s in subjects):
            for item in items:
                item.is_used = item.is_used or tool in _list_tools(item, _load_tools()[action])
    plays = any(s.action == "play" and s.tool in ("ball", "football") and s.kind in PEOPLE for s in subjects)
    out = []
    for subject in subjects:
        if subject.kind in PETS and plays and not subject.action:
            subject = replace(subject, action="play")
        elif subject.kind in PETS and subject.action == "play" and not plays:
            subject = replace(subject, tool="ball")
        out.append(subject)
    return out
