"""Translate labels of models: the provider's name for the model stays, a suffix like "from an image" is translated."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

SUFFIXES = {
    gettext_noop("from text"), gettext_noop("from an image"), gettext_noop("from images"),
    gettext_noop("from references"), gettext_noop("from two frames"), gettext_noop("with references"),
    gettext_noop("first and last frame"), gettext_noop("video to anime"), gettext_noop("for small GPUs"),
    gettext_noop("reference images"), gettext_noop("text or references"), gettext_noop("one character"),
    gettext_noop("China"), gettext_noop("anime"), gettext_noop("images"),
}  # fmt: skip
WHOLE_LABELS = {gettext_noop("The model at the address")}  # labels that are translated as a whole
LABEL = re.compile(r"(?P<model>.+?)(?:, (?P<after>.+)| \((?P<within>.+)\))\Z")


def translate_label(label: str) -> str:
    """Return a label like ``Wan 2.2 5B, from an image`` in the active language, unchanged if its suffix is unknown."""
    if label in WHOLE_LABELS:
        return _(label)
    parts = LABEL.match(label)
    if parts is None:
        return label
    suffix = parts["after"] or parts["within"]
    if suffix not in SUFFIXES:
        return label
    pattern = _("%(model)s, %(more)s") if parts["after"] else _("%(model)s (%(more)s)")
    return pattern % {"model": parts["model"], "more": _(suffix)}
