"""Playlists, and the works in them, as a viewer sees them."""

from django.db.models import Count, Exists, OuterRef, Q, Subquery, UUIDField
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.permissions import EDIT, can
from accounts.viewer import Viewer
from common.pagination import Page, fetch_page
from gallery.access import get_mature_choice, is_open_to, works_to_open, works_to_see
from gallery.models import Playlist, PlaylistEntry, Profile, ViewerSettings, Work
from gallery.works.media import get_media_urls

NEWEST_SAVED = ("-added_at", "-id")
IN_ORDER = ("position", "id")
MEMBER_PAGE = 100  # works, since they are moved among those of a page


def get_playlist(viewer: Viewer, code: str) -> Playlist:
    """Return a playlist of the viewer's workspaces, or a public one. Raises Http404."""
    allowed = Q(visibility=Playlist.Visibility.PUBLIC, workspace__home_of__closing_at=None)
    if viewer.is_authenticated:
        allowed |= Q(workspace__in=viewer.workspace_ids)
    rows = Playlist.objects.filter(allowed, code=code).select_related("workspace__home_of", "workspace__profile")
    playlist = rows.first() if is_open_to(viewer) else None
    if playlist is None:
        raise Http404
    return playlist


def get_own_playlist(viewer: Viewer, code: str) -> Playlist:
    """Return a playlist that the user may change. Raises Http404."""
    playlist = get_playlist(viewer, code)
    if not is_own(viewer, playlist):
        raise Http404
    return playlist


def get_own_entry(viewer: Viewer, code: str, work_code: str) -> PlaylistEntry:
    """Return the entry of a work in a playlist that the user may change. Raises Http404."""
    playlist = get_own_playlist(viewer, code)
    entry = playlist.entries.filter(work__code=work_code).select_related("work").first()
    if entry is None:
        raise Http404
    entry.playlist = playlist
    return entry


def is_own(viewer: Viewer, playlist: Playlist) -> bool:
    return can(viewer, EDIT, playlist.workspace_id)


def fetch_entries(viewer: Viewer, playlist: Playlist, after: str, *, is_member: bool) -> Page:
    """Return a page of the works of the playlist: those that the viewer may see; for its members all, with
    ``is_available``."""
    rows = playlist.entries.select_related("work__workspace__home_of", "work__workspace__profile")
    if is_member:
        rows = rows.annotate(is_available=_is_available(viewer))
    else:
        rows = rows.filter(work__in=works_to_see(viewer).values("pk"))
    order = NEWEST_SAVED if playlist.is_saved else IN_ORDER
    page = fetch_page(rows, after, size=MEMBER_PAGE if is_member else 24, order=order)
    shows_mature = get_mature_choice(viewer) == ViewerSettings.Mature.SHOW
    for entry in page.rows:
        entry.work.is_blurred = entry.work.rating == Work.Rating.MATURE and not shows_mature
    for entry in page.rows if is_member else ():
        entry.title = entry.work.title if entry.is_available else _("No longer available")
    return page


def _is_available(viewer: Viewer):
    """Return the expression: whether the viewer may open the work of an entry, by the link it was saved with if it is
    unlisted."""
    public = works_to_open(viewer).filter(pk=OuterRef("work"))
    unlisted = Work.objects.available().filter(
        pk=OuterRef("work"),
        visibility=Work.Visibility.UNLISTED,
        share_digest=OuterRef("share_digest"),
        state__in=(Work.State.SHOWN, Work.State.WAITING),
    )
    return Exists(public) | Exists(unlisted)


def fetch_public_playlists(viewer: Viewer, profile: Profile, after: str) -> Page:
    """Return a page of the profile's public playlists, newest first, each with ``poster`` and ``work_count``."""
    rows = Playlist.objects.filter(workspace=profile.workspace_id, visibility=Playlist.Visibility.PUBLIC)
    return _add_covers(fetch_page(_annotate(rows, works_to_see(viewer)), after))


def fetch_own_playlists(viewer: Viewer, after: str) -> Page:
    """Return a page of the playlists of the user's workspace, newest first, each with ``poster`` and ``work_count``."""
    rows = Playlist.objects.filter(workspace=viewer.workspace)
    return _add_covers(fetch_page(_annotate(rows, works_to_open(viewer)), after))


def _annotate(playlists, works):
    """Add the number of the works of each playlist that are among ``works``, and the id of the first for everyone."""
    entries = PlaylistEntry.objects.filter(playlist=OuterRef("pk"), work__in=works.values("pk"))
    covers = entries.exclude(work__rating=Work.Rating.MATURE).order_by(*IN_ORDER).values("work")
    counts = entries.order_by().values("playlist").annotate(count=Count("pk")).values("count")
    return playlists.annotate(
        work_count=Coalesce(Subquery(counts), 0),
        cover_id=Subquery(covers[:1], output_field=UUIDField()),
    )


def _add_covers(page: Page) -> Page:
    works = Work.objects.in_bulk([playlist.cover_id for playlist in page.rows if playlist.cover_id])
    for playlist in page.rows:
        cover = works.get(playlist.cover_id)
        playlist.poster = get_media_urls(cover).small_poster if cover else ""
        playlist.colour = cover.colour if cover else ""
    return page
