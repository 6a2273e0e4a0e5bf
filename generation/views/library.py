"""The library: clips as a grid with keyset pagination, below the groups of other apps (stories and films)."""

from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from common import hooks
from common.pagination import fetch_page
from common.web.htmx import render_target
from generation import access

STATES = (
    ("all", _("All")),
    ("finished", _("Done")),
    ("unfinished", _("In progress")),
    ("failed", _("Failed or cancelled")),
    ("trashed", _("In the trash")),
)
SOURCES = (("all", _("All sources")), ("words", _("From text")), ("picture", _("From an image")))


@require_safe
def library(request):
    """List clips by ``?q= &state= &source= &after=``. Unknown states and sources count as "all".

    Without a filter, clips that belong to a group, such as the takes of a story, are only shown there.
    """
    chosen = {
        "q": request.GET.get("q", "")[:100].replace("\0", ""),
        "state": _choose(STATES, request.GET.get("state")),
        "source": _choose(SOURCES, request.GET.get("source")),
    }
    is_bin = chosen["state"] == "trashed"
    is_filtered = chosen != {"q": "", "state": "all", "source": "all"}
    clips = _filter_clips(request, chosen)
    page = fetch_page(clips if is_filtered else _exclude_grouped(clips), request.GET.get("after", ""))
    context = {
        "page": page,
        "after": request.GET.get("after", ""),
        "chosen": chosen,
        "states": STATES,
        "sources": SOURCES,
        "is_bin": is_bin,
        "is_filtered": is_filtered,
        "collections": access.list_collections(request.user, request.workspace),
        "has_groups": not is_filtered and "after" not in request.GET,
        "next": f"?{urlencode(chosen | {'after': page.after})}" if page.after else "",
    }
    targets = {"grid": "grid", "more": "more"}
    return render_target(request, "generation/library.html", context, targets=targets)


def _filter_clips(request, chosen):
    is_bin = chosen["state"] == "trashed"
    find = access.visible_trashed_clips if is_bin else access.visible_clips
    clips = find(request.user, request.workspace).with_files().matching(chosen["q"])
    if not is_bin and chosen["state"] != "all":
        clips = getattr(clips, chosen["state"])()
    return clips if chosen["source"] == "all" else clips.made_from(chosen["source"])


def _exclude_grouped(clips):
    for find_grouped in hooks.values_of("grouped_clips"):
        clips = clips.exclude(pk__in=find_grouped())
    return clips


def _choose(choices, value):
    return value if value in dict(choices) else "all"
