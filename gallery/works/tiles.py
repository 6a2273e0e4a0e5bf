"""A work in a list, written in Python, which is faster than a template (docs/adr/0028-tiles-in-python.md)."""

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.search.marks import mark_hits
from common.templatetags.ui import duration, ratio_class
from common.web.components import NOTHING, draw_frame, draw_icon
from common.web.paths import path_of
from gallery.models import Work
from gallery.works.credits import get_author_name
from gallery.works.media import get_media_urls

TILE = """<article class="tile {ratio}" id="work-{code}"{after}>
  {frame}
  <div class="tile-caption"><a class="ellipsis tile-title" href="{path}" title="{title}">{marked}</a>
    {author}
    {likes}</div>
</article>"""


def draw_tile(work: Work, marks: Sequence[str] = (), page_cursor: str | None = None) -> SafeString:
    """Return the tile of a work; needs ``workspace__home_of`` and ``workspace__profile``. Makes no query.

    ``marks``: words that a search found. ``page_cursor``: if the work is the first of a page of the list.
    """
    is_public = work.visibility == Work.Visibility.PUBLIC
    path = path_of("gallery:work", work.code) if is_public else work.get_absolute_url()
    urls = get_media_urls(work)
    return format_html(
        TILE,
        ratio=ratio_class(work.ratio),
        code=work.code,
        after=NOTHING if page_cursor is None else format_html(' data-after="{}"', page_cursor),
        frame=draw_frame(
            ratio=work.ratio,
            poster=urls.small_poster,
            preview=urls.preview,
            colour=work.colour,
            href=path,
            label=work.title,
            badge=duration(work.seconds) if work.seconds else work.get_kind_display(),
            words=work.title,
            blurred=getattr(work, "is_blurred", False),
        ),
        path=path,
        title=work.title,
        marked=mark_hits(work.title, marks) if marks else work.title,
        author=_draw_author(work),
        likes=_draw_likes(work.like_count) if work.like_count else NOTHING,
    )


def _draw_author(work: Work) -> SafeString:
    name, profile = get_author_name(work), getattr(work.workspace, "profile", None)
    if profile is None:
        return format_html('<span class="ellipsis who">{}</span>', name)
    return format_html('<a class="ellipsis who" href="{}">{}</a>', path_of("gallery:profile", profile.handle), name)


def _draw_likes(count: int) -> SafeString:
    html = (
        '<span class="row small-text dim">{}<span class="mono">{}</span><span class="visually-hidden">{}</span></span>'
    )
    return format_html(html, draw_icon("heart"), count, _("likes"))
