"""The drawing styles. Adding one is a file with a ``STYLE`` and a line here."""

from . import cel
from .style import Ink, Style

_STYLES: dict[str, Style] = {module.STYLE.name: module.STYLE for module in (cel,)}


def style_for(name: str) -> Style:
    """The style of that name. Raises KeyError for a name that is not in ``scene.STYLES``."""
    return _STYLES[name]


__all__ = ["Ink", "Style", "style_for"]
