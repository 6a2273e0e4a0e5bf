"""Read the staging of a shot that a language model wrote as JSON, in English words.

The names go through the same word lists as a sentence, so that whatever the panel cannot draw is told by its note. What
has no sense is left out: a shot without a staging is read from its words.
"""

from collections.abc import Mapping
from typing import Any

from ..storyboard.catalogue import load_poses
from ..storyboard.panel import CAMERAS, HOURS, MAX_FIGURES, MAX_THINGS, WEATHERS
from .model import RELATIONS, SEVERAL, Act, Named, Spot, Staging
from .names import find_name
from .poses import find_pose
from .reading import read_staging

MAX_WORDS = 60  # characters of a name
MOST = 40  # somebody in a crowd


def describe_format() -> str:
    """Return the JSON that is asked of a model, with the values that its fields may have."""
    return (
        '{"place": "such as: umbrella shop, forest, train, kitchen", '
        f'"hour": "{"|".join(HOURS)}", "weather": "{"|".join(name for name in WEATHERS if name)} or empty", '
        f'"camera": "{"|".join(CAMERAS)}", '
        '"who": [{"is": "what is seen: girl, samurai, hedgehog", "count": 1, "does": "a pose", "then": "the pose after '
        'the turn of the shot, or empty", "holds": "thing in the hands or empty", "with": "whom or what it is done '
        'to, or empty"}], "things": [{"is": "bench", "relation": "where the first of who is: '
        f'{"|".join(RELATIONS)}, or empty"}}]}}. Poses: {", ".join(sorted(load_poses()))}'
    )


def read_written_staging(value: Any, text: str) -> Staging | None:
    """Return the staging of parsed JSON in the form of ``describe_format``; None if it shows nobody, nothing and no
    place.

    ``text``: the sentence of the shot, which becomes the note.
    """
    if not isinstance(value, Mapping):
        return None
    place = read_staging(f"in the {words}", "en") if (words := _read_words(value, "place")) else Staging("")
    acts = [act for row in _list_rows(value, "who")[:MAX_FIGURES] if (act := _read_act(row)) is not None]
    named = [(_read_choice(row, "relation", RELATIONS), _read_name(row, "is")) for row in _list_rows(value, "things")]
    things = [(relation, thing) for relation, thing in named[:MAX_THINGS] if thing is not None]
    if not acts and not things and not place.place:
        return None
    return Staging(
        text,
        tuple(acts),
        tuple(thing for relation, thing in things if not relation),
        tuple(Spot(relation, thing) for relation, thing in things if relation),
        place.place,
        place.variant,
        _read_choice(value, "hour", HOURS),
        _read_choice(value, "weather", WEATHERS),
        _read_choice(value, "camera", CAMERAS),
    )


def _read_act(row: Mapping) -> Act | None:
    actor = _read_name(row, "is", row.get("count"))
    if actor is None:
        return None
    return Act(
        (actor,),
        words=_read_words(row, "does"),
        pose=_read_pose(row, "does") or "stand",
        then=_read_pose(row, "then"),
        tool=_read_name(row, "holds"),
        object=_read_name(row, "with"),
        is_turn=bool(_read_pose(row, "then")),
    )


def _read_name(row: Mapping, field: str, count: Any = 1) -> Named | None:
    """Return what the words of a field name, None if there are none. A count of 0 or none that can be is one."""
    if not (words := _read_words(row, field)):
        return None
    name = find_name(words, "en")
    is_number = isinstance(count, int) and not isinstance(count, bool) and count > 0
    number = (count if count <= MOST else SEVERAL) if is_number else 1
    return Named(words, name.name, number, name.is_actor)


def _read_pose(row: Mapping, field: str) -> str:
    words = _read_words(row, field).replace(" ", "_").lower()
    if not words:
        return ""
    return words if words in load_poses() else find_pose(words.split("_")[0], words.replace("_", " "), "en")


def _read_words(row: Mapping, field: str) -> str:
    value = row.get(field)
    return " ".join(value.split())[:MAX_WORDS] if isinstance(value, str) else ""


def _read_choice(row: Mapping, field: str, choices: tuple[str, ...]) -> str:
    value = row.get(field)
    return value if isinstance(value, str) and value in choices else ""


def _list_rows(value: Mapping, field: str) -> list[Mapping]:
    rows = value.get(field)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
