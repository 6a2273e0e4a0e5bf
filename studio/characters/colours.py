"""The colours that have a name in forms."""

from django.utils.translation import gettext_lazy as _

from studio.breakdown import looks

LABELS = {
    "orange": _("Orange"), "black": _("Black"), "white": _("White"), "grey": _("Grey"), "brown": _("Brown"),
    "red": _("Red"), "pink": _("Pink"), "yellow": _("Yellow"), "gold": _("Gold"), "green": _("Green"),
    "blue": _("Blue"), "purple": _("Purple"), "silver": _("Silver"),
}  # fmt: skip


def list_colours(part: str) -> list[tuple]:
    """Return (``#rrggbb``, label) of the named colours of a part: hair, clothes or eyes."""
    return [(looks.get_colour(name, part), LABELS[name]) for name in looks.NAMES]
