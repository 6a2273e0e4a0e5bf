"""Attributes of file inputs for pictures: what they accept, for the browser to check before it uploads a file."""

import json

from django import template
from django.forms.utils import flatatt
from django.urls import reverse
from django.utils.translation import gettext as _

from generation.errors import PICTURE_MESSAGES
from generation.media import picture

register = template.Library()

CHECKED = ("empty", "not_a_picture", "too_many_bytes", "too_many_pixels", "too_small", "damaged", "together")
TYPES = {"image/jpeg": "JPEG", "image/webp": "WEBP"}


@register.simple_tag
def picture_limits():
    """Return the attributes of a file input: the limits of uploads, the message of each refusal by its code, and where
    the studio converts an image that the browser cannot show."""
    pixels = {mime: picture.MAX_PIXELS[kind] for mime, kind in TYPES.items()} | {"other": picture.MAX_PIXELS["other"]}
    return flatatt(
        {
            "accept": picture.ACCEPT,
            "data-max-bytes": picture.MAX_BYTES,
            "data-max-pixels": json.dumps(pixels),
            "data-shortest-side": picture.SHORTEST_SIDE,
            "data-convert": reverse("generation:picture_convert"),
            "data-reading": _("Reading the image…"),
            "data-refusals": json.dumps({code: str(PICTURE_MESSAGES[code]) for code in CHECKED}, ensure_ascii=False),
        }
    )
