"""Actions on the clips and films that are selected in the library or in a collection."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseBadRequest, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.billing.limits import count_act, limit_of
from accounts.billing.refusals import LimitReached
from accounts.middleware import get_return_path
from common.web.htmx import redirect_to
from generation import access
from generation.hooks import ClipHooks
from generation.library import keeping
from generation.models import Clip, Collection
from generation.services import archive, collections
from jobs import access as job_access
from jobs import services as jobs
from jobs.views.refusals import show_refusal

UNDO_KEY = "clips_undo"
KEPT_UNDOS = 5  # deletions that can be undone, the newest ones


@dataclass(frozen=True)
class Selection:
    """The ids of the selected ``clips``, and of ``others`` by kind (generation.library.filters.LibraryKind)."""

    clips: list[UUID]
    others: dict[str, list[UUID]]

    def __len__(self) -> int:
        return len(self.clips) + sum(len(ids) for ids in self.others.values())

    def list_others(self, function: str, user) -> list:
        """Return what that ``function`` of each kind lists of the others."""
        kinds = ClipHooks.merged("library_kinds")
        return [row for name, ids in self.others.items() for row in getattr(kinds[name], function)(user, ids)]


@require_POST
def selected(request):
    """Act on clips and others: ``act`` is a key of ACTIONS, ``clip``, ``film`` … the ids (at most 200)."""
    return _act(request, ACTIONS.get(request.POST.get("act", "")))


@require_POST
def collect(request):
    """Add clips to the collection ``collection``, or to a new one named ``collection_name``."""
    return _act(request, add_to_collection)


def _act(request, action):
    selection = _read_selection(request)
    if action is None or selection is None:
        return HttpResponseBadRequest(_("This action is not available for clips."), content_type="text/plain")
    limit = limit_of(request.workspace, "selected_jobs")
    if not selection:
        messages.info(request, _("No clips were selected. Nothing was changed."))
    elif len(selection) > limit:
        messages.error(request, _("You can select at most %(n)d clips at a time. Nothing was changed.") % {"n": limit})
    elif response := action(request, selection):
        return response
    return _return(request)


@require_POST
def undo(request, token):
    """Restore what one deletion moved to the trash."""
    ids = request.session.get(UNDO_KEY, {}).get(token, [])
    rows = job_access.visible_jobs_and_trash(request.viewer).select_related("workspace")
    found = rows.filter(pk__in=ids).exclude(deleted_at=None)
    _restore(request, [job for job in found if request.viewer.may_edit(job.workspace_id)])
    return _return(request)


def delete_many(request, selection: Selection) -> None:
    """Move the selection to the trash; the message has an undo button."""
    rows = [clip.job for clip in _find_editable(request, selection.clips)]
    deleted = jobs.delete_many([*rows, *selection.list_others("list_jobs", request.viewer)], by=request.user)
    n = len(deleted)
    if not n:
        messages.info(request, _("You may not delete these clips. Nothing was changed."))
        return
    kept = list(request.session.get(UNDO_KEY, {}).items())[1 - KEPT_UNDOS :]
    token = secrets.token_urlsafe(8)
    request.session[UNDO_KEY] = dict([*kept, (token, [str(job.pk) for job in deleted])])
    if selection.others:
        message = ngettext(
            "%(n)d item moved to the trash for 30 days.", "%(n)d items moved to the trash for 30 days.", n
        )
    else:
        message = ngettext(
            "%(n)d clip moved to the trash for 30 days.", "%(n)d clips moved to the trash for 30 days.", n
        )
    url = reverse("generation:library_undo", args=[token])
    messages.success(request, message % {"n": n}, extra_tags=f"undo:{url}")


def restore_many(request, selection: Selection) -> None:
    _restore(request, [clip.job for clip in _find_editable(request, selection.clips) if clip.deleted_at])


def _restore(request, rows) -> None:
    restored = [jobs.restore(job, by=request.user) for job in rows]
    n = len(restored)
    message = ngettext("%(n)d item restored.", "%(n)d items restored.", n) % {"n": n}
    messages.success(request, message) if n else messages.info(request, _("There is nothing left to restore."))


def download_many(request, selection: Selection):
    """Return the selection as a ZIP file, or None with a message if one file cannot be read."""
    clips = access.visible_clips(request.viewer).with_files().filter(pk__in=selection.clips)
    files = archive.list_clip_files(clips.order_by("-created_at", "-id"))
    files += selection.list_others("list_files", request.viewer)
    if not files:
        messages.info(request, _("None of the selected clips is ready to download."))
        return None
    try:
        stream = archive.build_archive(files)
    except archive.FilesMissing as problem:
        titles = ", ".join(f"“{title}”" for title in problem.titles[:3])
        message = _("Nothing was downloaded: the files of %(titles)s are missing in storage. Leave them out.")
        messages.error(request, message % {"titles": titles})
        return None
    try:
        count_act(request.workspace, "exports")
    except LimitReached as refusal:
        show_refusal(request, refusal)
        return None
    name = _("Clips of %(date)s.zip") % {"date": timezone.localdate().isoformat()}
    headers = {"Content-Disposition": content_disposition_header(True, name), "Cache-Control": "private, no-store"}
    return StreamingHttpResponse(archive.send(stream), content_type="application/zip", headers=headers)


def add_to_collection(request, selection: Selection) -> None:
    try:
        target = _find_collection(request)
    except collections.CollectionRefused as refusal:
        messages.error(request, str(refusal))
        return
    n = collections.add_clips(target, _find_editable(request, selection.clips))
    message = ngettext("%(n)d clip added to “%(name)s”.", "%(n)d clips added to “%(name)s”.", n)
    messages.success(request, message % {"n": n, "name": target.name})


def _find_collection(request) -> Collection:
    if pk := request.POST.get("collection"):
        return access.get_editable_collection(request.viewer, _parse_id(pk))
    if not request.viewer.may_edit(request.workspace):
        raise PermissionDenied
    name = request.POST.get("collection_name", "")
    return collections.create_collection(workspace=request.workspace, by=request.user, name=name)


def _parse_id(pk: str) -> UUID:
    try:
        return UUID(pk)
    except ValueError:
        raise Http404 from None


def mark_favourites(request, selection: Selection) -> None:
    clips = access.visible_clips(request.viewer).filter(pk__in=selection.clips)
    n = keeping.add_favourites(user=request.user, clips=clips)
    message = ngettext("%(n)d clip is now a favourite.", "%(n)d clips are now favourites.", n) % {"n": n}
    messages.success(request, message) if n else messages.info(request, _("The selected clips are favourites already."))


def remove_from_collection(request, selection: Selection) -> None:
    """Take the clips out of the collection ``from``."""
    source = access.get_editable_collection(request.viewer, _parse_id(request.POST.get("from", "")))
    n = collections.remove_clips(source, selection.clips)
    message = ngettext("%(n)d clip removed from “%(name)s”.", "%(n)d clips removed from “%(name)s”.", n)
    messages.success(request, message % {"n": n, "name": source.name})


ACTIONS = {
    "favourite": mark_favourites,
    "remove": remove_from_collection,
    "delete": delete_many,
    "restore": restore_many,
    "download": download_many,
}


def _find_editable(request, ids) -> list[Clip]:
    """Return those of the clips, in the trash or not, that the user may edit."""
    visible = Clip.objects.select_related("job__workspace").visible_to(request.viewer)
    return list(access.annotate_may_edit(request.viewer, visible).filter(pk__in=ids, may_edit=True))


def _read_selection(request) -> Selection | None:
    """Return the posted ids without repetitions; None if one is not an id."""
    names = ("clip", *ClipHooks.merged("library_kinds"))
    try:
        clips, *others = (list({UUID(pk): None for pk in request.POST.getlist(name)}) for name in names)
    except ValueError:
        return None
    return Selection(clips, {name: ids for name, ids in zip(names[1:], others, strict=True) if ids})


def _return(request):
    """Go back to the page that sent the form, with its filters."""
    path = get_return_path(request) or reverse("generation:library")
    return redirect_to(request, path) if request.htmx else redirect(path)
