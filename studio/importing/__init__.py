"""Turn text into scene drafts by rules, always with the same result, without network, model or database.

A text in one of four formats (Fountain, Markdown, table, prose) is divided into scenes. A single sentence counts as an
idea, which studio/breakdown tells in a few scenes.
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
