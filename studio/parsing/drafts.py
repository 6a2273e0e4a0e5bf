"""Data classes for the result of parsing a text."""

from dataclasses import dataclass, field

MAX_SCENES = 200
MAX_TEXT = 60_000  # characters
MAX_LENGTHS = {"action": 2000, "place": 80, "speaker": 80, "line": 500, "note": 1000}


class Unreadable(ValueError):
    """No scenes can be made from the text. ``code``: empty, too_long, long_idea, not_text, no_columns or no_scenes."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass
class SceneDraft:
    """A scene that is to be created.

    ``time`` and ``camera``: values of the animatic's options. ``who``: names of characters. ``seconds``: 0 if the
    length is to be estimated from the text. ``join``: the transition to the next scene. ``staging``: as in Scene.
    """

    action: str = ""
    place: str = ""
    time: str = ""
    who: list[str] = field(default_factory=list)
    speaker: str = ""
    line: str = ""
    camera: str = ""
    note: str = ""
    seconds: int = 0
    join: str = ""
    staging: dict | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.action.strip() or self.line.strip())


@dataclass
class CharacterDraft:
    """A character that is to be created. ``kind``: person, animal, prop or place. ``scenes``: in how many scenes it
    appears. ``colours``: list of ``#rrggbb``.
    """

    name: str
    kind: str = "person"
    description: str = ""
    scenes: int = 0
    colours: list[str] = field(default_factory=list)


@dataclass
class ParsedText:
    """The result of parsing a text. ``left_out``: how many scenes were dropped because of the limit. ``mood``: of the
    film's music, "" if it was not chosen.
    """

    format: str
    shots: list[SceneDraft]
    title: str = ""
    people: list[CharacterDraft] = field(default_factory=list)
    left_out: int = 0
    mood: str = ""

    @property
    def seconds(self) -> int:
        return sum(shot.seconds for shot in self.shots)
