"""Tags that draw a clip in the library; Python is faster than a template here (docs/adr/0028-tiles-in-python.md)."""

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common import slots
from common.search.marks import find_hits, mark_hits, mark_snippet
from common.templatetags.ui import duration, ratio_class
from common.web.components import NOTHING, draw_frame, draw_icon, draw_tag
from common.web.paths import path_of
from generation.library.filters import KINDS, get_kind
from generation.templatetags import clips
from jobs.templatetags import jobs

register = template.Library()

TILE = """<article class="tile {ratio}" id="clip-{pk}" data-can="{can}"{after}>
  {frame}
  <label class="tile-check"><input class="checkbox" type="checkbox" name="clip" value="{pk}">
    <span class="visually-hidden">{select}</span></label>
  <div class="tile-caption"><a class="ellipsis tile-title" href="{url}" title="{title}">{marked}</a>
    {who}
    {star}
    {found}
    {more}</div>
</article>"""
KIND_ICONS = {"picture": "image", "video": "video", "effects": "sparkles"}
STAR = """<button class="button ghost small icon-only star" form="favourite-form" formaction="{url}"
  name="is_favourite" value="{next}" aria-pressed="{pressed}" aria-label="{label}"
  hx-post="{url}" hx-swap="outerHTML" hx-vals='{{"is_favourite": "{next}"}}'>{icon}</button>"""


@register.simple_tag(takes_context=True, name="tile")
def draw_tile(context, clip, marks, page_cursor: str | None = None, *, eager=False) -> SafeString:
    """Return the tile of a clip with its files and ``is_favourite``. ``page_cursor``: if it is the first of a page.
    ``eager``: whether its picture is seen at once."""
    url, title = clip.get_absolute_url(), str(clip.title)
    marks = marks or ()
    return format_html(
        TILE,
        ratio=ratio_class(clip.ratio),
        pk=clip.pk,
        can="clip download" if clip.is_ready or clip.is_degraded else "clip",
        after=NOTHING if page_cursor is None else format_html(' data-after="{}"', page_cursor),
        frame=_draw_picture(clip, url, title, eager=eager),
        select=_("Select “%(title)s”") % {"title": title},
        url=url,
        title=title,
        marked=mark_hits(title, marks),
        who=_draw_who(clip),
        star=NOTHING if clip.deleted_at else draw_star(clip),
        found=_draw_found(clip.prompt, title, marks),
        more=format_html_join("", "{}", ((render(context),) for render in slots.contents("clip.tile"))),
    )


def _draw_picture(clip, url: str, title: str, *, eager) -> SafeString:
    badge = format_html("{}{}", _draw_kind(clip), duration(clip.seconds))
    if clip.is_ready:
        return draw_frame(
            ratio=clip.ratio, poster=clips.file_url(clip, "poster"), preview=clips.file_url(clip, "preview"),
            colour=clip.colour, href=url, label=title, badge=badge, set=clips.poster_set(clip), eager=eager,
        )  # fmt: skip
    return draw_frame(
        ratio=clip.ratio, line=clips.sketch_url(clip, "sketch_lines"), poster=clips.start_url(clip),
        progress=clip.job.percent, words=clip.prompt or title, href=url, label=title, badge=badge,
    )  # fmt: skip


def _draw_kind(clip) -> SafeString:
    """Return the icon of the kind of the clip; nothing for a clip from text, which most are."""
    kind = get_kind(clip)
    icon, label = ("upload", _("Uploaded")) if clip.is_upload else (KIND_ICONS.get(kind), KINDS[kind])
    if icon is None:
        return NOTHING
    html = '<span class="kind" title="{0}">{1}<span class="visually-hidden">{0}, </span></span>'
    return format_html(html, label, draw_icon(icon))


def _draw_who(clip) -> SafeString:
    """Return since when the clip exists, until when it is kept, or the state of its job."""
    if clip.deleted_at:
        until = _("kept until %(day)s") % {"day": date_format(clips.removed_on(clip), "SHORT_DATE_FORMAT")}
        return format_html('<span class="dim small-text who">{}</span>', until)
    if clip.is_ready:
        html = '<span class="dim small-text who"><time datetime="{}" data-ago>{}</time></span>'
        return format_html(html, clip.created_at.isoformat(), naturaltime(clip.created_at))
    return format_html('<span class="who">{}</span>', draw_tag(jobs.state_look(clip.job), jobs.state_label(clip.job)))


def _draw_found(prompt: str, title: str, marks) -> SafeString:
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
