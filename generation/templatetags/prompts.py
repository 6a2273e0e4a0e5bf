"""Show a prompt template with its blanks."""

import re

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import mark_safe

register = template.Library()
BLANK = re.compile(r"\{[^{}\n]{1,40}\}")


@register.filter
def mark_blanks(text: str):
    """Return the text as HTML, with each ``{blank}`` as a marked word."""
    parts, at = [], 0
    for found in BLANK.finditer(text):
        parts += [conditional_escape(text[at : found.start()]), format_html("<mark>{}</mark>", found[0][1:-1])]
        at = found.end()
    return mark_safe("".join([*parts, conditional_escape(text[at:])]))  # noqa: S308 - each part is escaped
