"""Turn text into scenes by rules: offline, deterministic, without Django.

Four formats (Fountain, Markdown, table, prose) give a list of scene drafts; a single sentence is an idea and gives a
few views of it.
"""

from studio.importing.drafts import MAX_SCENES, MAX_TEXT, CharacterDraft, ParsedText, SceneDraft, Unreadable
from studio.importing.parser import FORMATS, normalize_text, parse_text

__all__ = [
    "FORMATS",
    "MAX_SCENES",
    "MAX_TEXT",
    "CharacterDraft",
    "ParsedText",
    "SceneDraft",
    "Unreadable",
    "normalize_text",
    "parse_text",
]
