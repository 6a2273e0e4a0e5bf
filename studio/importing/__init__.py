"""From text to scenes by rules alone: offline, at once, the same every time. Nothing here knows of Django.

Four formats (Fountain, Markdown, a table, prose) end in the same list of shots; a single sentence is an idea, and
becomes a few shots of the same thing.
"""

from studio.importing.found import MOST_SCENES, MOST_TEXT, Found, Person, Shot, Unreadable
from studio.importing.reading import FORMATS, break_down, cleaned

__all__ = ["FORMATS", "MOST_SCENES", "MOST_TEXT", "Found", "Person", "Shot", "Unreadable", "break_down", "cleaned"]
