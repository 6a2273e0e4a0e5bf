"""Choose the style of a first film, and tell an idea in pencil by its own clauses."""

from dataclasses import replace

from generation.animatic.scene import STORYBOARD
from generation.animatic.staging.model import Staging
from generation.animatic.staging.scenes import split_scenes
from generation.providers.adapters.local.automatic import choose_style
from generation.providers.styles import AUTOMATIC
from studio.parsing.drafts import ParsedText, SceneDraft

TIMES = {"dawn": "dawn", "day": "day", "dusk": "sunset", "night": "night"}  # hours of a panel → times of a scene


def choose_film_style(found: ParsedText, text: str, style: str) -> str:
    """Return the style of the film of a text; the automatic one depends on all its scenes."""
    if style and style != AUTOMATIC:
        return style
    return choose_style([text] if found.format == "idea" else [shot.action for shot in found.shots])


def choose_written_style(idea: str, style: str) -> str:
    """Return the style of a film whose scenes a language model will write: of the automatic ones, that of its idea."""
    return choose_style([idea]) if style in ("", AUTOMATIC) else style


def tell_in_style(found: ParsedText, text: str, style: str, *, seconds: int) -> ParsedText:
    """Return the scenes of a film in its style: in pencil, those of an idea are its clauses."""
    if style != STORYBOARD or found.format != "idea":
        return found
    stagings = split_scenes(" ".join(text.split()))
    if not stagings:
        return found
    people = [person for person in found.people if person.name.casefold() in text.casefold()]
    names = [person.name for person in people]
    shots = [_write_scene(staging, names, seconds) for staging in stagings]
    return replace(found, shots=shots, people=people)


def _write_scene(staging: Staging, names: list[str], seconds: int) -> SceneDraft:
    words = staging.text.casefold()
    who = [name for name in names if name.casefold() in words]
    return SceneDraft(staging.text, time=TIMES.get(staging.hour, ""), who=who, seconds=seconds)
