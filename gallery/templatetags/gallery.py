"""Template filters of the gallery. None of them makes database queries."""

import re

from django import template
from django.urls import reverse
from django.utils.html import escape, format_html, linebreaks
from django.utils.safestring import mark_safe

from gallery.models import get_public_name
from gallery.works import media
from gallery.works.credits import get_author_name, get_author_profile
from gallery.works.licences import get_licence_page
from gallery.works.tiles import draw_tile
from generation.providers.styles import style_name

register = template.Library()
register.filter("author_name", get_author_name)
register.filter("author_profile", get_author_profile)
register.filter("licence_page", get_licence_page)
register.filter("public_name", get_public_name)
LINK = re.compile(r"https://[^\s<>\"'“”「」（）()]{3,300}")


@register.filter
def media_urls(work) -> media.MediaUrls:
    """Return the addresses of the work's files."""
    return media.get_media_urls(work)


@register.filter
def manage_path(work) -> str:
    """Return the page on which members change how the work is published; "" if what it shows was deleted."""
    names = {"clip": "gallery:publish_clip", "film": "gallery:publish_film", "template": "gallery:publish_template"}
    pk = getattr(work, f"{work.kind}_id")
    return reverse(names[work.kind], args=[pk]) if pk else ""


@register.filter
def work_style(work) -> str:
    return style_name(work.style) if work.style else ""


@register.filter
def reader_text(text: str):
    """Return plain text of a user as HTML: paragraphs, line breaks, and links to https addresses only."""
    parts, end = [], 0
    for match in LINK.finditer(text):
        url = match.group().rstrip(".,;:!?。，；：！？")
        parts += [escape(text[end : match.start()]), link_out(url)]
        end = match.start() + len(url)
    parts.append(escape(text[end:]))
    return mark_safe(linebreaks(mark_safe("".join(parts))))  # noqa: S308 - every part is escaped


def link_out(url: str):
    """Return a link to another site that neither passes on rank nor tells where the reader came from."""
    return format_html('<a class="link break" href="{0}" rel="nofollow ugc noopener noreferrer">{0}</a>', url)


@register.simple_tag
def work_tile(work, marks=(), page_cursor=None):
    """Render a work in a list (gallery.works.tiles)."""
    return draw_tile(work, marks or (), page_cursor)
