"""Cleaning of text that users type."""

import re

from django import forms
from django.utils.translation import gettext as _

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029]")


def clean_text(text: str) -> str:
    """Return the text with uniform line ends. Raises ValidationError if it contains control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if CONTROL.search(text):
        raise forms.ValidationError(_("The text contains control characters. Type it again or paste it as plain text."))
    return text
