"""Actions on the clips that are selected in the library or in a collection."""

import secrets
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

from accounts.billing.limits import limit_of
from accounts.middleware import get_return_path
from common.web.htmx import redirect_to
from generation import access
from generation.library import keeping
from generation.models import Clip, Collection
from generation.services import archive, collections
from jobs import services as jobs

UNDO_KEY = "clips_undo"
KEPT_UNDOS = 5  # deletions that can be undone, the newest ones


@require_POST
def selected(request):
    """Act on clips: ``act`` is a key of ACTIONS, ``clip`` the ids (at most 200)."""
    return _act(request, ACTIONS.get(request.POST.get("act", "")))


@require_POST
def collect(request):
    """Add clips to the collection ``collection``, or to a new one named ``collection_name``."""
    return _act(request, collect_many)


def _act(request, action):
    ids = _parse_ids(request)
    if action is None or ids is None:
        return HttpResponseBadRequest(_("This action is not available for clips."), content_type="text/plain")
    limit = limit_of(request.workspace, "selected_jobs")
    if not ids:
        messages.info(request, _("No clips were selected. Nothing was changed."))
    elif len(ids) > limit:
        messages.error(request, _("You can select at most %(n)d clips at a time. Nothing was changed.") % {"n": limit})
    elif response := action(request, ids):
        return response
    return _return(request)


@require_POST
def undo(request, token):
    """Restore the clips of one deletion."""
    ids = request.session.get(UNDO_KEY, {}).get(token, [])
    restore_many(request, [UUID(pk) for pk in ids])
    return _return(request)


def delete_many(request, ids) -> None:
    """Move the clips to the trash; the message has an undo button."""
    deleted = jobs.delete_many([clip.job for clip in _find_editable(request, ids)], by=request.user)
    n = len(deleted)
    if not n:
        messages.info(request, _("You may not delete these clips. Nothing was changed."))
        return
    kept = list(request.session.get(UNDO_KEY, {}).items())[1 - KEPT_UNDOS :]
    token = secrets.token_urlsafe(8)
    request.session[UNDO_KEY] = dict([*kept, (token, [str(job.clip.pk) for job in deleted])])
    message = ngettext("%(n)d clip moved to the trash for 30 days.", "%(n)d clips moved to the trash for 30 days.", n)
    url = reverse("generation:library_undo", args=[token])
    messages.success(request, message % {"n": n}, extra_tags=f"undo:{url}")


def restore_many(request, ids) -> None:
    restored = [jobs.restore(clip.job, by=request.user) for clip in _find_editable(request, ids) if clip.deleted_at]
    n = len(restored)
    message = ngettext("%(n)d clip restored.", "%(n)d clips restored.", n) % {"n": n}
    messages.success(request, message) if n else messages.info(request, _("There is nothing left to restore."))


def download_many(request, ids):
    """Return the clips as a ZIP file, or None with a message if one cannot be read."""
    clips = access.visible_clips(request.user, request.workspace).with_files().filter(pk__in=ids)
    clips = [clip for clip in clips.order_by("-created_at", "-id") if archive.find_video(clip)]
    if not clips:
        messages.info(request, _("None of the selected clips is ready to download."))
        return None
    try:
        stream = archive.build_archive(clips)
    except archive.FilesMissing as problem:
        titles = ", ".join(f"“{clip.title}”" for clip in problem.clips[:3])
        message = _("Nothing was downloaded: the files of %(titles)s are missing in storage. Leave them out.")
        messages.error(request, message % {"titles": titles})
        return None
    name = _("Clips of %(date)s.zip") % {"date": timezone.localdate().isoformat()}
    headers = {"Content-Disposition": content_disposition_header(True, name), "Cache-Control": "private, no-store"}
    return StreamingHttpResponse(archive.send(stream), content_type="application/zip", headers=headers)


def collect_many(request, ids) -> None:
    try:
        target = _find_collection(request)
    except collections.CollectionRefused as refusal:
        messages.error(request, str(refusal))
        return
    n = collections.add_clips(target, _find_editable(request, ids))
    message = ngettext("%(n)d clip added to “%(name)s”.", "%(n)d clips added to “%(name)s”.", n)
    messages.success(request, message % {"n": n, "name": target.name})


def _find_collection(request) -> Collection:
    if pk := request.POST.get("collection"):
        return access.get_editable_collection(request.user, request.workspace, _parse_id(pk))
    if not access.may_edit(request.user, request.workspace, request.workspace):
        raise PermissionDenied
    name = request.POST.get("collection_name", "")
    return collections.create_collection(workspace=request.workspace, by=request.user, name=name)


def _parse_id(pk: str) -> UUID:
    try:
        return UUID(pk)
    except ValueError:
        raise Http404 from None


def favour_many(request, ids) -> None:
    clips = access.visible_clips(request.user, request.workspace).filter(pk__in=ids)
    n = keeping.add_favourites(user=request.user, clips=clips)
    message = ngettext("%(n)d clip is now a favourite.", "%(n)d clips are now favourites.", n) % {"n": n}
    messages.success(request, message) if n else messages.info(request, _("The selected clips are favourites already."))


def uncollect_many(request, ids) -> None:
    """Take the clips out of the collection ``from``."""
    source = access.get_editable_collection(request.user, request.workspace, _parse_id(request.POST.get("from", "")))
    n = collections.remove_clips(source, ids)
    message = ngettext("%(n)d clip removed from “%(name)s”.", "%(n)d clips removed from “%(name)s”.", n)
    messages.success(request, message % {"n": n, "name": source.name})


ACTIONS = {
    "favour": favour_many,
    "uncollect": uncollect_many,
    "delete": delete_many,
    "restore": restore_many,
    "download": download_many,
}


def _find_editable(request, ids) -> list[Clip]:
    """Return those of the clips, in the trash or not, that the user may edit."""
    visible = access.visible_rows(request.user, request.workspace, Clip.objects.select_related("job__workspace"))
    return list(access.annotate_may_edit(request.user, visible).filter(pk__in=ids, may_edit=True))


def _parse_ids(request) -> list[UUID] | None:
    try:
        return list({UUID(pk): None for pk in request.POST.getlist("clip")})
    except ValueError:
        return None


def _return(request):
    """Go back to the page that sent the form, with its filters."""
    path = get_return_path(request) or reverse("generation:library")
    return redirect_to(request, path) if request.htmx else redirect(path)
