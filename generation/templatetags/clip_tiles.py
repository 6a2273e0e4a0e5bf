"""Tags that draw a clip in the library; Python is faster than a template here (docs/adr/0028-tiles-in-python.md)."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.search.marks import find_hits, mark_hits, mark_snippet
from common.templatetags.ui import duration, ratio_class
from common.web.components import NOTHING, draw_frame, draw_icon, draw_once, draw_tag
from common.web.paths import path_of
from generation.library.filters import KINDS
from generation.library.tiles import ClipTile

register = template.Library()

TILE = """<article class="tile {ratio}" id="clip-{pk}" data-can="{can}"{links}{after}>{frame}
<label class="tile-check"><input class="checkbox" type="checkbox" name="clip" value="{pk}" aria-label="{select}">\
</label>
<div class="tile-caption"><a class="ellipsis tile-title" href="{url}" title="{title}">{marked}</a>\
{who}{star}{found}</div></article>"""
KIND_ICONS = {"picture": "image", "video": "video", "effects": "sparkles"}
STAR = """<button class="button ghost small icon-only star" form="favourite-form" formaction="{url}" name="is_favourite"
value="{next}" aria-pressed="{pressed}" aria-label="{label}" hx-post="{url}" hx-swap="outerHTML">{icon}</button>"""


@register.simple_tag(name="tile")
@draw_once
def draw_tile(tile: ClipTile, marks: tuple[str, ...] = (), cursor: str | None = None, *, eager=False) -> SafeString:
    """Return the tile of a clip. ``cursor``: of its page, if it is the first of it. ``eager``: whether its picture is
    seen at once."""
    url = path_of("generation:clip", tile.pk)
    return format_html(
        TILE,
        ratio=ratio_class(tile.ratio),
        pk=tile.pk,
        can="clip download" if tile.can_download else "clip",
        after=NOTHING if cursor is None else format_html(' data-after="{}"', cursor),
        frame=_draw_picture(tile, url, eager=eager),
        select=_("Select “%(title)s”") % {"title": tile.title},
        url=url,
        title=tile.title,
        marked=mark_hits(tile.title, marks),
        who=_draw_who(tile),
        star=NOTHING if tile.kept_until else draw_star(tile),
        found=_draw_found(tile.prompt, tile.title, marks),
        links=format_html(' data-links="{}"', tile.links) if tile.links else NOTHING,
    )


def _draw_picture(tile: ClipTile, url: str, *, eager: bool) -> SafeString:
    badge = format_html("{}{}", _draw_kind(tile), duration(tile.seconds))
    if tile.is_ready:
        return draw_frame(
            ratio=tile.ratio,
            poster=tile.poster,
            large=tile.poster_large,
            preview=tile.preview,
            colour=tile.colour,
            href=url,
            label=tile.title,
            badge=badge,
            eager=eager,
        )
    return draw_frame(
        ratio=tile.ratio,
        line=tile.line,
        poster=tile.start,
        progress=tile.percent,
        words=tile.prompt or tile.title,
        href=url,
        label=tile.title,
        badge=badge,
    )


def _draw_kind(tile: ClipTile) -> SafeString:
    """Return the icon of the kind of the clip; nothing for a clip from text, which most are."""
    icon, label = ("upload", _("Uploaded")) if tile.is_upload else (KIND_ICONS.get(tile.kind), KINDS[tile.kind])
    if icon is None:
        return NOTHING
    html = '<span class="kind" title="{0}">{1}<span class="visually-hidden">{0}, </span></span>'
    return format_html(html, label, draw_icon(icon))


def _draw_who(tile: ClipTile) -> SafeString:
    """Return the age of the clip, until when it is kept, or the state of its job."""
    if tile.kept_until:
        text = _("kept until %(day)s") % {"day": tile.kept_until}
        return format_html('<span class="dim small-text who">{}</span>', text)
    if tile.age:
        html = '<span class="dim small-text who"><time datetime="{}" data-ago>{}</time></span>'
        return format_html(html, tile.created, tile.age)
    return format_html('<span class="who">{}</span>', draw_tag(tile.look, tile.status))


def _draw_found(prompt: str, title: str, marks: tuple[str, ...]) -> SafeString:
    """Return the part of the prompt that the search found, unless the title has it."""
    found = "" if not marks or find_hits(title, marks) else mark_snippet(prompt, marks)
    return format_html('<span class="found-in small-text ellipsis">{}</span>', found) if found else NOTHING


@register.simple_tag(name="star")
def draw_star(clip) -> SafeString:
    """Return the star of a clip with ``is_favourite``. The page needs its form once: generation/_favourite.html."""
    return format_html(
        STAR,
        url=path_of("generation:favourite", clip.pk),
        next="0" if clip.is_favourite else "1",
        pressed="true" if clip.is_favourite else "false",
        label=_("Favourite"),
        icon=draw_icon("star"),
    )
