"""Template filters that mark what a search found."""

from django import template

from common.search.marks import find_hits, mark_hits, mark_snippet

register = template.Library()


@register.filter
def marked(text, words):
    """Return the text, escaped, with the found words marked."""
    return mark_hits(str(text or ""), words or ())


@register.simple_tag
def snippet(text, words, seen=""):
    """Return the part of the text around the first found word, marked; "" without a hit, or if ``seen`` has one."""
    return "" if find_hits(str(seen), words or ()) else mark_snippet(str(text or ""), words or ())
