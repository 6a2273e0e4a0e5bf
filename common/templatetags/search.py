"""Template filters that mark what a search found."""

from django import template

from common.search.marks import mark_hits, mark_snippet

register = template.Library()


@register.filter
def marked(text, words):
    """Return the text, escaped, with the found words marked."""
    return mark_hits(str(text or ""), words or ())


@register.filter
def snippet(text, words):
    """Return the part of the text around the first found word, marked; an empty string without a hit."""
    return mark_snippet(str(text or ""), words or ())
