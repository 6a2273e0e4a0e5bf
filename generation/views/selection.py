"""Actions on the clips that are selected in the library."""

import secrets
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBadRequest, StreamingHttpResponse
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
from generation.models import Clip
from generation.services import archive
from jobs import services as jobs

UNDO_KEY = "clips_undo"
KEPT_UNDOS = 5  # deletions that can be undone, the newest ones


@require_POST
def selected(request):
    """Delete, restore or download clips: ``act`` is the action, ``clip`` the ids (at most 200)."""
    action = ACTIONS.get(request.POST.get("act"))
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


ACTIONS = {"delete": delete_many, "restore": restore_many, "download": download_many}


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
