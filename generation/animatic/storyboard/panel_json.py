"""Write a panel as JSON, and read it back strictly: people edit it by hand, and language models write it.

``{"version": 1, "place", "variant", "hour", "weather", "camera", "mood", "note", "focus", "figures": [{"role", "pose",
"at": [x, y], …}], "things": [{"name", "at", …}]}``; a field that is left out has the default of ``panel.py``. The
number of the cut is not part of it, since scenes move.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from .catalogue import load_animals, load_poses, load_roles
from .panel import (
    CAMERAS,
    FACINGS,
    HOURS,
    MAX_FIGURES,
    MAX_NOTE,
    MAX_THINGS,
    MOODS,
    PLACES,
    WEATHERS,
    Figure,
    Panel,
    Point,
    Thing,
)

VERSION = 1
MAX_NAME = 60  # characters of the name of a thing or of a variant
MAX_PATH = 60  # characters of the name of a field in a message
MARKS_END = 2**32
X_RANGE, Y_RANGE = (-0.5, 1.5), (-0.5, 2.0)  # of feet, which a close-up leaves below the picture
HEIGHTS, TURNS = (0.02, 2.5), (-360.0, 360.0)
DIGITS = 4  # of numbers, behind the point


class PanelRefused(ValueError):
    """The JSON is no panel. ``code``: names a sentence for people, with its ``values``."""

    def __init__(self, code: str, **values: Any):
        super().__init__(code)
        self.code, self.values = code, values


@dataclass(frozen=True, slots=True)
class _Field:
    """A value and its name in messages, such as ``figures[2].at``."""

    value: Any
    path: str

    def refuse(self) -> PanelRefused:
        return PanelRefused("staging_invalid", what=self.path[:MAX_PATH])


def write_panel(panel: Panel) -> dict[str, Any]:
    """Return the panel as JSON, without fields that have their default."""
    return {"version": VERSION} | {name: value for name, value in _write(panel).items() if name != "cut"}


def read_panel(value: Any, cut: str = "1") -> Panel:
    """Return the panel of parsed JSON, with the number of its cut. Raises PanelRefused for anything else."""
    row = _read_object(_Field(value, "staging"), {"version", *_PANEL})
    if row.pop("version", _Field(None, "")).value != VERSION:
        raise PanelRefused("staging_version")
    return Panel(cut=cut, **{name: _PANEL[name](field) for name, field in row.items()})


def _write(row: Any) -> dict[str, Any]:
    values = {one.name: getattr(row, one.name) for one in fields(row) if getattr(row, one.name) != one.default}
    return {name: _write_value(value) for name, value in values.items()}


def _write_value(value: Any) -> Any:
    if is_dataclass(value):
        return _write(value)
    return [_write_value(one) for one in value] if isinstance(value, tuple) else value


def _read_object(field: _Field, names: Collection[str]) -> dict[str, _Field]:
    if not isinstance(field.value, Mapping):
        raise field.refuse()
    if unknown := [name for name in field.value if name not in names]:
        raise PanelRefused("staging_unknown", what=f"{field.path}.{unknown[0]}"[:MAX_PATH])
    return {name: _Field(one, f"{field.path}.{name}") for name, one in field.value.items()}


def _read_number(low: float, high: float) -> Callable[[_Field], float]:
    def read(field: _Field) -> float:
        value = field.value
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:  # nor is NaN
            raise field.refuse()
        return round(float(value), DIGITS)

    return read


def _read_point(field: _Field) -> Point:
    if not isinstance(field.value, list | tuple) or len(field.value) != 2:
        raise field.refuse()
    x, y = (_Field(one, field.path) for one in field.value)
    return _read_number(*X_RANGE)(x), _read_number(*Y_RANGE)(y)


def _read_choice(list_choices: Callable[[], Collection[str]]) -> Callable[[_Field], str]:
    def read(field: _Field) -> str:
        if not isinstance(field.value, str) or field.value not in list_choices():
            raise field.refuse()
        return field.value

    return read


def _read_text(most: int, code: str = "staging_name_too_long") -> Callable[[_Field], str]:
    def read(field: _Field) -> str:
        if not isinstance(field.value, str):
            raise field.refuse()
        if len(field.value) > most:
            raise PanelRefused(code, what=field.path[:MAX_PATH], most=most)
        return " ".join("".join(sign if sign.isprintable() else " " for sign in field.value).split())

    return read


def _read_flag(field: _Field) -> bool:
    if not isinstance(field.value, bool):
        raise field.refuse()
    return field.value


def _read_marks(field: _Field) -> int:
    if type(field.value) is not int or not 0 <= field.value < MARKS_END:
        raise field.refuse()
    return field.value


def _read_rows(kind: type, table: Mapping[str, Callable], most: int, key: str) -> Callable[[_Field], tuple]:
    """Return a reader of a list of figures or things. ``key``: the field that none may leave out."""

    def read(field: _Field) -> tuple:
        if not isinstance(field.value, list | tuple):
            raise field.refuse()
        if len(field.value) > most:
            raise PanelRefused(f"staging_{field.path.rpartition('.')[2]}", most=most)
        rows = [_read_object(_Field(one, f"{field.path}[{n}]"), table) for n, one in enumerate(field.value, 1)]
        if missing := [n for n, row in enumerate(rows, 1) if key not in row]:
            raise _Field(None, f"{field.path}[{missing[0]}].{key}").refuse()
        return tuple(kind(**{name: table[name](one) for name, one in row.items()}) for row in rows)

    return read


def list_who() -> Collection[str]:
    """Return the names of roles and animals."""
    return {**load_roles(), **load_animals()}


_NAME = _read_text(MAX_NAME)
_FIGURE: dict[str, Callable] = {
    "role": _read_choice(list_who),
    "pose": _read_choice(load_poses),
    "at": _read_point,
    "facing": _read_choice(lambda: FACINGS),
    "height": _read_number(*HEIGHTS),
    "then": _read_choice(lambda: {"": None, **load_poses()}),
    "holds": _NAME,
    "rides": _NAME,
    "marks": _read_marks,
    "is_near": _read_flag,
}
_THING: dict[str, Callable] = {
    "name": _NAME,
    "at": _read_point,
    "height": _read_number(*HEIGHTS),
    "is_flipped": _read_flag,
    "turn": _read_number(*TURNS),
    "is_near": _read_flag,
}
_PANEL: dict[str, Callable] = {
    "note": _read_text(MAX_NOTE, "staging_note"),
    "place": _read_choice(lambda: PLACES),
    "variant": _NAME,
    "hour": _read_choice(lambda: HOURS),
    "weather": _read_choice(lambda: WEATHERS),
    "figures": _read_rows(Figure, _FIGURE, MAX_FIGURES, "role"),
    "things": _read_rows(Thing, _THING, MAX_THINGS, "name"),
    "camera": _read_choice(lambda: CAMERAS),
    "mood": _read_choice(lambda: MOODS),
    "focus": _read_point,
}
