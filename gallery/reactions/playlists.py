"""Playlists: lists of works that a workspace saved, in an order."""

from collections.abc import Iterable
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, F, Max
from django.utils.translation import gettext as _

from accounts.billing.limits import limit_of
from accounts.models import Workspace
from common.text import clean_public_text
from gallery.access import describe_ban, find_ban
from gallery.errors import ReactionRefused
from gallery.models import Ban, Playlist, PlaylistEntry, Work
from gallery.people.services import ensure_profile
from gallery.reactions.rules import check_account, check_may_react, lock_work
from gallery.works.score import update_score

TITLE_LENGTH, DESCRIPTION_LENGTH = 80, 500


def list_playlists(workspace: Workspace) -> list[Playlist]:
    """Return the workspace's playlists with ``work_count``: "Saved" first, then the newest."""
    rows = Playlist.objects.filter(workspace=workspace).annotate(work_count=Count("entries"))
    return list(rows.order_by("-is_saved", "-created_at", "-id"))


def get_saved_list(workspace: Workspace, *, by) -> Playlist:
    """Return the workspace's list "Saved". Creates it on the first save."""
    defaults = {"created_by": by, "title": _("Saved")}
    return Playlist.objects.get_or_create(workspace=workspace, is_saved=True, defaults=defaults)[0]


def create_playlist(*, workspace: Workspace, by, title: str) -> Playlist:
    """Create a private playlist, or return the one of that title. Raises ReactionRefused for a title that cannot be
    used, or above the limit."""
    title = _check_title(title)
    if same := Playlist.objects.filter(workspace=workspace, title=title, is_saved=False).first():
        return same
    if Playlist.objects.filter(workspace=workspace).count() >= limit_of(workspace, "playlists"):
        raise ReactionRefused(_("You have reached the limit of playlists. Nothing was changed."), 422)
    return Playlist.objects.create(workspace=workspace, created_by=by, title=title)


def change_playlist(playlist: Playlist, *, by, title: str, description: str, visibility: str) -> None:
    """Change a playlist. The first public one gives the workspace a profile. Raises ReactionRefused."""
    if visibility not in Playlist.Visibility.values:
        raise ReactionRefused(_("Choose who may see the playlist."), 422)
    if not playlist.is_saved:
        playlist.title = _check_title(title)
    playlist.description = _clean(description, most_lines=20)
    if len(playlist.description) > DESCRIPTION_LENGTH:
        raise ReactionRefused(_("The description is too long. At most 500 characters are possible."), 422)
    is_public = visibility == Playlist.Visibility.PUBLIC
    if is_public and (ban := find_ban(playlist.workspace, Ban.Scope.PUBLISH)):
        raise ReactionRefused(describe_ban(ban))
    if is_public and playlist.visibility != visibility:
        check_account(by)
        ensure_profile(playlist.workspace, by=by)
    playlist.visibility = visibility
    playlist.save(update_fields=["title", "description", "visibility"])


def set_playlists(*, user, work: Work, workspace: Workspace, playlists: Iterable[Playlist]) -> None:
    """Save the work to exactly these playlists of the workspace. Raises ReactionRefused."""
    wanted = {playlist.pk: playlist for playlist in playlists}
    mine = PlaylistEntry.objects.filter(work=work, playlist__workspace=workspace)
    if set(wanted) - set(mine.values_list("playlist", flat=True)):
        check_may_react(user, work, workspace=workspace)
    with transaction.atomic():
        lock_work(work)
        has = set(mine.values_list("playlist", flat=True))
        for pk in wanted.keys() - has:
            _append(wanted[pk], work)
        mine.exclude(playlist__in=wanted).delete()
        _update_count(work, int(bool(wanted)) - int(bool(has)))


def remove_entry(entry: PlaylistEntry) -> None:
    """Remove the work from the playlist."""
    with transaction.atomic():
        lock_work(entry.work)
        if entry.delete()[0] and not _is_saved_in(entry.playlist.workspace_id, entry.work):
            _update_count(entry.work, -1)


def delete_playlist(playlist: Playlist) -> None:
    """Delete the playlist; its works stay."""
    for entry in playlist.entries.select_related("work").order_by("work"):
        entry.playlist = playlist
        remove_entry(entry)
    playlist.delete()


def move_entry(entry: PlaylistEntry, *, by: int) -> None:
    """Move the work up (``by`` negative) or down among the works of its playlist."""
    with transaction.atomic():
        order = _lock_order(entry.playlist)
        if entry.pk not in order:
            return
        index = order.index(entry.pk)
        order.insert(max(0, min(len(order) - 1, index + by)), order.pop(index))
        _write_order(order)


def order_entries(playlist: Playlist, codes: list[str]) -> None:
    """Give the works with these codes each other's places, in this order. Others keep their places."""
    with transaction.atomic():
        order = _lock_order(playlist)
        rows = dict(playlist.entries.filter(work__code__in=codes).values_list("work__code", "pk"))
        moved = [rows[code] for code in dict.fromkeys(codes) if code in rows]
        places = sorted(order.index(pk) for pk in moved)
        for place, pk in zip(places, moved, strict=True):
            order[place] = pk
        _write_order(order)


def _append(playlist: Playlist, work: Work) -> None:
    if playlist.entries.count() >= limit_of(playlist.workspace, "playlist_works"):
        message = _("The playlist “%(title)s” is full. Nothing was changed.")
        raise ReactionRefused(message % {"title": playlist.title}, 422)
    last = playlist.entries.aggregate(last=Max("position"))["last"]
    digest = work.share_digest if work.visibility == Work.Visibility.UNLISTED else ""
    PlaylistEntry.objects.create(playlist=playlist, work=work, position=(last or 0) + 1, share_digest=digest)


def _update_count(work: Work, step: int) -> None:
    """Change how many workspaces saved the work. Call it with the work's row locked."""
    if step:
        update_score(work, save_count=F("save_count") + step)


def _is_saved_in(workspace_id: UUID, work: Work) -> bool:
    return PlaylistEntry.objects.filter(work=work, playlist__workspace=workspace_id).exists()


def _lock_order(playlist: Playlist) -> list[int]:
    Playlist.objects.select_for_update().get(pk=playlist.pk)
    return list(playlist.entries.values_list("pk", flat=True))


def _write_order(order: list[int]) -> None:
    rows = PlaylistEntry.objects.in_bulk(order)
    changed = [rows[pk] for place, pk in enumerate(order, 1) if pk in rows and rows[pk].position != place]
    for entry in changed:
        entry.position = order.index(entry.pk) + 1
    PlaylistEntry.objects.bulk_update(changed, ["position"], batch_size=100)


def _check_title(title: str) -> str:
    title = _clean(title)
    if not title or len(title) > TITLE_LENGTH:
        raise ReactionRefused(_("Give the playlist a name of 1 to 80 characters. Nothing was changed."), 422)
    return title


def _clean(text: str, *, most_lines: int = 1) -> str:
    try:
        return clean_public_text(text, most_lines=most_lines)
    except ValidationError as error:
        raise ReactionRefused(" ".join(error.messages), 422) from error
