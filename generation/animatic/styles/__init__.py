"""Drawing styles. To add one, create a module with a ``STYLE`` and add it to ``_MODULES``."""

from dataclasses import replace

from ..scene import STORYBOARD
from . import cel, chibi, cyberpunk, hand_drawn, ink_wash, seinen, shonen, three_d, watercolour
from .style import Ink, Style

_MODULES = (cel, watercolour, shonen, seinen, cyberpunk, chibi, three_d, hand_drawn, ink_wash)
_STYLES: dict[str, Style] = {module.STYLE.name: module.STYLE for module in _MODULES}
_STYLES[STORYBOARD] = replace(hand_drawn.STYLE, name=STORYBOARD)  # of source images; panels are drawn elsewhere


def style_for(name: str) -> Style:
    """Return the style called ``name``. Raises KeyError for a name that is not in ``scene.STYLES``."""
    return _STYLES[name]


__all__ = ["Ink", "Style", "style_for"]
