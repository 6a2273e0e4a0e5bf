"""The filters and orders of the library. See common.listing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.viewer import Viewer
from common.listing import Chosen, Filter, Sort
from common.pagination import NEWEST_FIRST
from generation.hooks import ClipHooks
from generation.models import EFFECTS, Clip, Favourite
from generation.providers import styles
from generation.providers.registry import clip_providers, providers
from jobs.models import TERMINAL, Job
from jobs.states import GOOD_ENDS

TRASHED = "trashed"
SORTS = {
    "newest": Sort(_("Newest"), NEWEST_FIRST),
    "oldest": Sort(_("Oldest"), ("created_at", "id")),
    "longest": Sort(_("Longest"), ("-seconds", "-created_at", "-id")),
    "title": Sort(_("By title"), ("title", "id")),
}
KINDS = {
    "words": _("From text"),
    "picture": _("From an image"),
    "video": _("From a video"),
    "effects": _("With effects"),
}
DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


@dataclass(frozen=True)
class LibraryKind:
    """A kind of things other than clips that the library lists when it is chosen, and finds beside clips.

    ``fetch(viewer, chosen, cursor, size)`` returns a common.search.pages.SearchPage; ``template`` shows one of its rows
    as ``row``, with a check box that has the name of the kind. ``list_files(viewer, ids)`` returns the
    services.archive.ArchiveFile of those that are selected, ``list_jobs(viewer, ids)`` the jobs, by which they are
    moved to the trash, of those that the viewer may edit.
    """

    label: Any
    template: str
    fetch: Callable[..., Any]
    list_files: Callable[[Any, list], list]
    list_jobs: Callable[[Any, list], list]


@dataclass(frozen=True)
class WallKind:
    """A kind of things that stand among the clips of the whole library, by ``date`` (a column).

    ``list_rows(viewer)`` returns the rows that the viewer may see. ``template`` shows one of them as ``row``, with the
    ``facts`` that ``read_facts(rows)`` returns by id, in a query for all rows. The first tile of a page (``is_first``)
    has the cursor of the page as ``data-after``.
    """

    template: str
    date: str
    list_rows: Callable[[Viewer], Any]
    read_facts: Callable[[list], Mapping] = lambda rows: {}

    def get_order(self, order: Sequence[str]) -> tuple[str, str]:
        """Return the columns for the same direction as ``order``."""
        sign = "-" if order[0].startswith("-") else ""
        return f"{sign}{self.date}", f"{sign}id"


def _made_with(slugs) -> Q:
    return Q(provider__in=slugs) | Q(provider=EFFECTS, source_provider__in=slugs)


def _is_source(viewer: Viewer, value: str) -> Q:
    local = [slug for slug, engine in providers().items() if engine.is_local]
    uploaded = Q(provider=EFFECTS, source_provider="")
    match value:
        case "here":
            return _made_with(local)
        case "uploaded":
            return uploaded
    return ~_made_with(local) & ~uploaded


def _is_kind(viewer: Viewer, value: str) -> Q:
    has_effects = Q(provider=EFFECTS)
    match value:
        case "effects":
            return has_effects
        case "video":
            return ~has_effects & Q(video__isnull=False)
        case "picture":
            return ~has_effects & Q(video=None, picture__isnull=False)
    return ~has_effects & Q(video=None, picture=None)


def get_kind(clip) -> str:
    """Return the kind of a clip (KINDS), a row with its columns, by the rules of ``_is_kind``."""
    if clip.provider == EFFECTS:
        return "effects"
    return "video" if clip.video_id else "picture" if clip.picture_id else "words"


def _list_kinds(viewer: Viewer) -> list[tuple[str, Any]]:
    return [*KINDS.items(), *((name, kind.label) for name, kind in ClipHooks.merged("library_kinds").items())]


def _is_in_state(viewer: Viewer, value: str) -> Q:
    match value:
        case "finished":
            return Q(job__state__in=sorted(GOOD_ENDS))
        case "unfinished":
            return Q(job__in=Job.objects.visible_to(viewer).active())  # few, which a partial index lists
        case "failed":
            return Q(job__state__in=sorted(TERMINAL - GOOD_ENDS))
    return Q()  # in the trash: other rows, see find_clips


def _has_length(viewer: Viewer, value: str) -> Q:
    return Q(seconds__range={"short": (1, 5), "medium": (6, 10)}.get(value, (11, 60)))


def is_since(days: int) -> Q:
    return Q(created_at__gte=timezone.now() - timedelta(days=days))


def _is_favourite(viewer: Viewer, value: str) -> Q:
    if not viewer.is_authenticated:
        return Q(pk__in=[])
    return Q(pk__in=Favourite.objects.filter(user=viewer.pk).values("clip"))


def _list_providers(viewer: Viewer) -> list[tuple[str, Any]]:
    return [(slug, engine.label) for slug, engine in clip_providers().items()]


def _offer(*choices: tuple[str, Any]) -> Callable[[Any], list[tuple[str, Any]]]:
    return lambda _viewer: list(choices)


OWN_FILTERS = {
    "kind": Filter(_("Kind"), _("All kinds"), _list_kinds, _is_kind, is_fixed=True),
    "state": Filter(
        _("State"),
        _("All states"),
        _offer(
            ("finished", _("Done")),
            ("unfinished", _("In progress")),
            ("failed", _("Failed or cancelled")),
            (TRASHED, _("In the trash")),
        ),
        _is_in_state,
        is_fixed=True,
    ),
    "source": Filter(
        _("Source"),
        _("All sources"),
        _offer(("here", _("Drawn here")), ("provider", _("Made by a provider")), ("uploaded", _("Uploaded"))),
        _is_source,
        is_fixed=True,
    ),
    "provider": Filter(
        _("Provider"),
        _("All providers"),
        _list_providers,
        lambda _viewer, value: _made_with([value]) | Q(provider=value),
    ),
    "style": Filter(
        _("Style"),
        _("All styles"),
        lambda _viewer: list(styles.NAMES.items()),
        lambda _viewer, value: Q(style=value),
        is_fixed=True,
    ),
    "ratio": Filter(
        _("Aspect ratio"),
        _("All ratios"),
        lambda _viewer: list(Clip.Ratio.choices),
        lambda _viewer, value: Q(ratio=value),
        is_fixed=True,
    ),
    "length": Filter(
        _("Length"),
        _("Any length"),
        _offer(("short", _("Up to 5 s")), ("medium", _("6 to 10 s")), ("long", _("Over 10 s"))),
        _has_length,
        is_fixed=True,
    ),
    "date": Filter(
        _("Date"),
        _("Any date"),
        _offer(
            ("day", _("Last 24 hours")),
            ("week", _("Last 7 days")),
            ("month", _("Last 30 days")),
            ("year", _("Last 365 days")),
        ),
        lambda _viewer, value: is_since(DAYS[value]),
        is_fixed=True,
    ),
    "favourite": Filter(_("Favourites"), _("All clips"), _offer(("yes", _("Favourites"))), _is_favourite),
}


def list_filters() -> dict[str, Filter]:
    """Return all filters by name, those of the apps above last."""
    return OWN_FILTERS | ClipHooks.merged("library_filters")


class LibraryChosen(Chosen):
    """What somebody has chosen in the library."""

    @property
    def is_trash(self) -> bool:
        return self.values.get("state") == TRASHED

    @property
    def is_mixed(self) -> bool:
        """Return whether films and groups of takes stand among the clips: in the whole library, by date."""
        return not self.is_filtered and self.order[0].removeprefix("-") == "created_at"


def read_chosen(query, viewer: Viewer) -> LibraryChosen:
    """Return what the query string (a QueryDict) chooses."""
    return LibraryChosen.parse(query, viewer, list_filters(), SORTS)
