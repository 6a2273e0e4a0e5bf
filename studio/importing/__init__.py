"""From text to scenes by rules alone: offline, at once, the same every time. Nothing here knows of Django.

Four formats (Fountain, Markdown, a table, prose) end in the same list of shots; a single sentence is an idea, and
becomes a few shots of the same thing.
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
