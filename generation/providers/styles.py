"""List the styles of clips, with a sample picture of each."""

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

NAMES = {
    "cel": _("Cel"),
    "watercolour": _("Soft watercolour"),
    "shonen": _("Shonen"),
    "seinen": _("Seinen"),
    "cyberpunk": _("Cyberpunk"),
    "chibi": _("Chibi"),
    "three_d": _("3D"),
    "hand_drawn": _("Hand-drawn"),
    "ink_wash": _("Ink wash"),
    "storyboard": pgettext_lazy("style of drawing", "Storyboard"),
}
COLOUR = "cel"  # the style of who chooses colour and no style
AUTOMATIC = "automatic"  # of a form: COLOUR if all is drawn in colour as it is worded, otherwise a storyboard


def style_name(slug: str):
    return NAMES.get(slug, slug)


def list_samples(*, has_automatic: bool = False) -> list[dict]:
    """Return slug, name and sample picture of each style, in the order of the picker; before them the automatic one."""
    names = ({AUTOMATIC: _("Automatic")} if has_automatic else {}) | NAMES
    return [{"slug": slug, "name": name, "picture": static(f"styles/{slug}.webp")} for slug, name in names.items()]
