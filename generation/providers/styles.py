"""List the styles of clips, with a sample picture of each."""

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

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
}


def style_name(slug: str):
    return NAMES.get(slug, slug)


def list_samples() -> list[dict]:
    """Return slug, name and sample picture of each style, in the order of the picker."""
    return [{"slug": slug, "name": name, "picture": static(f"styles/{slug}.webp")} for slug, name in NAMES.items()]
