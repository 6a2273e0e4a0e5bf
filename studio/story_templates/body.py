"""The content of a story template: validated JSON, and how its blanks are filled in.

``{"version": 1, "style", "ratio", "scenes": […], "cast": […], "film": {…}, "blanks": […]}``. A name in braces, such as
``{hero}``, is a blank: it may stand in the text of a scene, in a line, a place, a character or on a card of the film.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self

from django.core.exceptions import ValidationError

from common.messages import build_message
from common.text import clean_text
from generation.animatic.storyboard.panel_json import PanelRefused, read_panel, write_panel
from generation.models import Clip
from generation.providers.adapters.local.options import OPTIONS
from generation.providers.styles import NAMES as STYLES
from studio.models import Character, FilmSettings, Scene

VERSION = 1
FILM_TEXTS = ("title_text", "title_subtitle", "end_text", "end_subtitle")
MAX_SCENES, MAX_CAST, MAX_BLANKS, MAX_PICTURES = 100, 24, 12, 12
MAX_VALUE = 80  # characters of what somebody fills in
BLANK = re.compile(r"\{([^{}\n]{0,40})\}")
BLANK_NAME = re.compile(r"[^\W_][\w ]{0,23}\Z")
SEED_LIMIT = 2**31
CHOICES = {option.name: {"", *dict(option.choices)} for option in OPTIONS if option.name in ("time", "camera")}


class TemplateRefused(ValueError):
    """A template is not valid. The text is a common.messages.Message."""


@dataclass(frozen=True)
class Blank:
    name: str
    label: str = ""
    default: str = ""


@dataclass(frozen=True)
class TemplateScene:
    """One scene. ``transition``: to the next scene. ``seed``: None to let each story have its own. ``staging``: as in
    Scene.
    """

    text: str = ""
    seconds: int = 5
    transition: str = "cut"
    place: str = ""
    time: str = ""
    camera: str = ""
    speaker: str = ""
    line: str = ""
    seed: int | None = None
    staging: dict | None = None


@dataclass(frozen=True)
class TemplateCharacter:
    """One character. ``pictures``: ids of reference images in the workspace of the template's author."""

    name: str
    kind: str = "person"
    words: str = ""
    colours: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True)
class TemplateFilm:
    """Cards and music of the film."""

    title_text: str = ""
    title_subtitle: str = ""
    end_text: str = ""
    end_subtitle: str = ""
    mood: str = ""


@dataclass(frozen=True)
class TemplateBody:
    scenes: tuple[TemplateScene, ...]
    cast: tuple[TemplateCharacter, ...] = ()
    style: str = "cel"
    ratio: str = "16:9"
    film: TemplateFilm = field(default_factory=TemplateFilm)
    blanks: tuple[Blank, ...] = ()

    @property
    def is_prompt(self) -> bool:
        """Return whether this is a single scene: a prompt for Create instead of a story."""
        return len(self.scenes) == 1 and not self.cast

    @property
    def seconds(self) -> int:
        return sum(scene.seconds for scene in self.scenes)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Return the body. Raises TemplateRefused for anything that ``to_json`` would not have written."""
        body = _read(value, {"version", "scenes", "cast", "style", "ratio", "film", "blanks"})
        if body.get("version") != VERSION:
            raise _refusal("template_version")
        found = cls(
            scenes=tuple(_read_scene(row) for row in _read_list(body, "scenes", MAX_SCENES)),
            cast=tuple(_read_character(row) for row in _read_list(body, "cast", MAX_CAST)),
            style=_choose(body, "style", STYLES, "cel"),
            ratio=_choose(body, "ratio", Clip.Ratio.values, "16:9"),
            film=_read_film(body.get("film", {})),
            blanks=tuple(_read_blank(row) for row in _read_list(body, "blanks", MAX_BLANKS)),
        )
        found.check()
        return found

    def check(self) -> None:
        """Raise TemplateRefused if scenes are missing, names occur twice, or blanks do not match the texts."""
        if not any(scene.text or scene.line for scene in self.scenes):
            raise _refusal("template_empty")
        names = [character.name.casefold() for character in self.cast]
        if len(set(names)) < len(names):
            raise _refusal("template_cast")
        if sum(len(character.pictures) for character in self.cast) > MAX_PICTURES:
            raise _refusal("template_too_large", what="pictures", most=MAX_PICTURES)
        named = [blank.name for blank in self.blanks]
        if len(set(named)) < len(named):
            raise _refusal("template_blank_twice")
        used = {name for text in self.list_texts() for name in BLANK.findall(text)}
        if missing := sorted(used - set(named)):
            raise _refusal("template_blank_missing", name=missing[0])
        if unused := [name for name in named if name not in used]:
            raise _refusal("template_blank_unused", name=unused[0])

    def list_texts(self) -> Iterator[str]:
        """Yield all texts that blanks may stand in."""
        for scene in self.scenes:
            yield from (scene.text, scene.place, scene.speaker, scene.line)
        for character in self.cast:
            yield from (character.name, character.words)
        yield from (self.film.title_text, self.film.title_subtitle, self.film.end_text, self.film.end_subtitle)

    def to_json(self) -> dict:
        return {"version": VERSION, **_plain(asdict(self))}

    def fill(self, values: Mapping[str, str]) -> Self:
        """Return the body with the blanks filled in, those without a value by their defaults.

        A value is never read for blanks itself. Raises TemplateRefused if a text grows too long.
        """
        chosen = {blank.name: values.get(blank.name) or blank.default or blank.label for blank in self.blanks}

        def put(row):
            texts = {one.name: getattr(row, one.name) for one in fields(row)}
            filled = {name: fill_blanks(text, chosen) for name, text in texts.items() if isinstance(text, str)}
            _check_lengths(filled, _LIMITS[type(row)])
            return replace(row, **filled)

        return replace(
            self,
            scenes=tuple(put(scene) for scene in self.scenes),
            cast=tuple(put(character) for character in self.cast),
            film=put(self.film),
            blanks=(),
        )


def fill_blanks(text: str, values: Mapping[str, str]) -> str:
    """Replace each ``{name}`` in one pass; names without a value stay."""
    return BLANK.sub(lambda match: values.get(match[1], match[0]), text)


def clean_value(text: str) -> str:
    """Return what somebody fills in as one line without braces."""
    return " ".join(clean_text(text).replace("{", "(").replace("}", ")").split())[:MAX_VALUE]


def find_blanks(texts) -> list[str]:
    """Return the names of the blanks in the texts, in the order in which they first occur."""
    return list(dict.fromkeys(name for text in texts for name in BLANK.findall(text)))


_LIMITS: dict[type, dict[str, int]] = {
    TemplateScene: {"text": 2000, "place": 80, "speaker": 80, "line": 500, "time": 20, "camera": 20, "transition": 12},
    TemplateCharacter: {"name": 80, "kind": 6, "words": 1000},
    TemplateFilm: {"title_text": 120, "title_subtitle": 150, "end_text": 120, "end_subtitle": 150, "mood": 12},
    Blank: {"name": 24, "label": 60, "default": MAX_VALUE},
}


def _refusal(code: str, **values) -> TemplateRefused:
    return TemplateRefused(build_message(code, **values))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _read(value: Any, names: set[str]) -> Mapping:
    """Return ``value`` if it is a JSON object without keys other than ``names``; otherwise raises TemplateRefused."""
    if not isinstance(value, dict) or value.keys() - names:
        raise _refusal("template_unreadable")
    return value


def _read_list(body: Mapping, name: str, most: int) -> list:
    found = body.get(name, [])
    if not isinstance(found, list):
        raise _refusal("template_unreadable")
    if len(found) > most:
        raise _refusal("template_too_large", what=name, most=most)
    return found


def _read_texts(row: Mapping, kind: type) -> dict[str, str]:
    """Return the texts of an object, cleaned; raises TemplateRefused for another type or a text that is too long."""
    texts = {name: row[name] for name in _LIMITS[kind] if name in row}
    if not all(isinstance(text, str) for text in texts.values()):
        raise _refusal("template_unreadable")
    try:
        texts = {name: clean_text(text) for name, text in texts.items()}
    except ValidationError:  # control characters
        raise _refusal("template_unreadable") from None
    _check_lengths(texts, _LIMITS[kind])
    return texts


def _check_lengths(texts: Mapping[str, str], limits: Mapping[str, int]) -> None:
    if any(len(text) > limits[name] for name, text in texts.items()):
        raise _refusal("template_text_too_long")


def _choose(row: Mapping, name: str, allowed, default: str) -> str:
    value = row.get(name, default)
    if not isinstance(value, str) or value not in allowed:
        raise _refusal("template_unreadable")
    return value


def _read_scene(value: Any) -> TemplateScene:
    row = _read(value, {one.name for one in fields(TemplateScene)})
    texts = _read_texts(row, TemplateScene)
    seconds, seed = row.get("seconds", 5), row.get("seed")
    if type(seconds) is not int or not 1 <= seconds <= 60:
        raise _refusal("template_unreadable")
    if seed is not None and (type(seed) is not int or not 0 <= seed < SEED_LIMIT):
        raise _refusal("template_unreadable")
    texts["transition"] = _choose(row, "transition", Scene.Join.values, "cut")
    texts["time"] = _choose(row, "time", CHOICES["time"], "")
    texts["camera"] = _choose(row, "camera", CHOICES["camera"], "")
    return TemplateScene(seconds=seconds, seed=seed, staging=_read_staging(row.get("staging")), **texts)


def _read_staging(value: Any) -> dict | None:
    try:
        return None if value is None else write_panel(read_panel(value))
    except PanelRefused:
        raise _refusal("template_unreadable") from None


def _read_character(value: Any) -> TemplateCharacter:
    row = _read(value, {one.name for one in fields(TemplateCharacter)})
    texts = _read_texts(row, TemplateCharacter)
    texts["kind"] = _choose(row, "kind", Character.Kind.values, "person")
    if not texts.get("name"):
        raise _refusal("template_unreadable")
    lists = {name: row.get(name, []) for name in ("colours", "pictures")}
    for found in lists.values():
        if not isinstance(found, list) or len(found) > 8 or not all(isinstance(one, str) for one in found):
            raise _refusal("template_unreadable")
    if not all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in lists["colours"]):
        raise _refusal("template_unreadable")
    if not all(re.fullmatch(r"[0-9a-f-]{36}", picture) for picture in lists["pictures"]):
        raise _refusal("template_unreadable")
    return TemplateCharacter(colours=tuple(lists["colours"]), pictures=tuple(lists["pictures"]), **texts)


def _read_film(value: Any) -> TemplateFilm:
    row = _read(value, {one.name for one in fields(TemplateFilm)})
    return TemplateFilm(**_read_texts(row, TemplateFilm) | {"mood": _choose(row, "mood", {"", *FilmSettings.Mood}, "")})


def _read_blank(value: Any) -> Blank:
    row = _read(value, {"name", "label", "default"})
    texts = _read_texts(row, Blank)
    if not BLANK_NAME.match(texts.get("name", "")):
        raise _refusal("template_blank_name", name=str(texts.get("name", ""))[:24])
    if any("{" in text or "}" in text for text in texts.values()):
        raise _refusal("template_blank_cycle", name=texts["name"])
    return Blank(**texts)
