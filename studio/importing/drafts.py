"""What a text turned out to hold."""

from dataclasses import dataclass, field

MAX_SCENES = 200
MAX_TEXT = 60_000  # characters
MAX_LENGTHS = {"action": 2000, "place": 80, "speaker": 80, "line": 500, "note": 1000}


class Unreadable(ValueError):
    """No scenes can be made of it. ``code`` says why: empty, too_long, not_text, no_columns, no_scenes."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass
class SceneDraft:
    """One scene to be. ``time`` and ``camera`` are the animatic's words for them; ``who`` are names; ``seconds`` 0
    means: as long as the words need. ``join`` leads to the next one."""

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

    @property
    def is_empty(self) -> bool:
        return not (self.action.strip() or self.line.strip())


@dataclass
class CharacterDraft:
    """Somebody, or a place, that comes back. ``kind`` is person or place."""

    name: str
    kind: str = "person"
    description: str = ""
    scenes: int = 0


@dataclass
class ParsedText:
    """``left_out`` is how many scenes came after the last one that fits."""

    format: str
    shots: list[SceneDraft]
    title: str = ""
    people: list[CharacterDraft] = field(default_factory=list)
    left_out: int = 0

    @property
    def seconds(self) -> int:
        return sum(shot.seconds for shot in self.shots)
