"""Cleaning of text that users type, and texts made of a label and a value."""

import re

from django import forms
from django.utils.translation import gettext as _

DIRECTION = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # marks that reverse text
BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029]")


def label_value(label, value) -> str:
    """Return ``label: value`` with the punctuation of the active language."""
    return _("%(label)s: %(value)s") % {"label": label, "value": value}


def clean_text(text: str) -> str:
    """Return the text with uniform line ends. Raises ValidationError if it contains control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if CONTROL.search(text):
        raise forms.ValidationError(_("The text contains control characters. Type it again or paste it as plain text."))
    return text


def clean_public_text(text: str, *, most_lines: int = 1) -> str:
    """Return text for others to read, with at most one blank line in a row.

    Raises ValidationError for control characters, marks that reverse the direction of text, and too many lines.
    """
    text = BLANK_LINES.sub("\n\n", clean_text(text))
    if DIRECTION.search(text):
        raise forms.ValidationError(
            _("The text contains characters that reverse its direction. Type it again without them.")
        )
    if text.count("\n") >= most_lines:
        message = _("The text has too many lines. At most %(count)s are possible.") % {"count": most_lines}
        raise forms.ValidationError(_("The text must be on one line.") if most_lines == 1 else message)
    return text
