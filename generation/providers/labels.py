"""Names of models as a person reads them: the maker's own word, and what is said beside it in their language."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

BESIDE = {
    gettext_noop("from text"), gettext_noop("from an image"), gettext_noop("from images"),
    gettext_noop("from references"), gettext_noop("from two frames"), gettext_noop("with references"),
    gettext_noop("first and last frame"), gettext_noop("video to anime"), gettext_noop("for small GPUs"),
    gettext_noop("reference images"), gettext_noop("text or references"), gettext_noop("one character"),
    gettext_noop("China"), gettext_noop("anime"), gettext_noop("images"),
}  # fmt: skip
WHOLE = {gettext_noop("The model at the address")}  # a name that is words and nothing else
LABEL = re.compile(r"(?P<model>.+?)(?:, (?P<after>.+)| \((?P<within>.+)\))\Z")


def translate_label(written: str) -> str:
    """``Wan 2.2 5B, from a picture`` in the language of who reads; whatever we did not write stays as it is."""
    if written in WHOLE:
        return _(written)
    parts = LABEL.match(written)
    more = parts and (parts["after"] or parts["within"])
    if more not in BESIDE:
        return written
    pattern = _("%(model)s, %(more)s") if parts["after"] else _("%(model)s (%(more)s)")
    return pattern % {"model": parts["model"], "more": _(more)}
