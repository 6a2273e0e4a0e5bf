"""What a clip begins with: pictures, a video, another clip. Who was removed from a workspace makes nothing any more
from what lies there, which they may have chosen before it was even drawn; and what is gone for good leaves a clip
that would be made from its words alone, and paid. What lies in the clip's own workspace needs only the second look."""

from django.utils.translation import gettext as _

from accounts.models import Workspace
from accounts.permissions import EDIT, can
from generation.clip_spec import SOURCES, ClipSpec
from generation.models import Clip
from generation.worker.no_answer_messages import unspent_words
from jobs.lifecycle.lease import StepFailed
from jobs.services import JobRefused


def check(workspace: Workspace, by, spec: ClipSpec) -> None:
    """Refuse a request that starts from a row of a workspace that ``by`` may not see. Raises JobRefused."""
    if _are_hidden({row.workspace_id for row in spec.sources} - {workspace.pk}, by):
        raise _refused(_hidden_words())


def check_retry(clip: Clip, by) -> None:
    """JobRefused when neither ``by`` nor, where they only help out, who asked may look at what it begins with, and when
    a part of that is gone."""
    if words := _amiss(clip, by):
        raise _refused(words)


def check_complete(clip: Clip) -> None:
    """JobRefused where a part of what it begins with is gone. After that was read: it may go while it is read."""
    if Clip.objects.filter(pk=clip.pk, has_lost_start=True).exists():
        raise _refused(_lost_words())


def check_before_sending(clip: Clip, job) -> None:
    """StepFailed for the same as again, just before it is drawn or sent, once all that was read: it may have waited for
    long, and from here on nothing of it can go any more."""
    if words := _amiss(clip, job.created_by):
        code = "start_lost" if words == _lost_words() else "not_allowed"
        raise StepFailed(code, f"{words} {unspent_words(job)}")


def _refused(words: str) -> JobRefused:
    return JobRefused(f"{words} {_('Nothing was started.')}")


def _amiss(clip: Clip, by) -> str:
    """What is wrong, in words, in one look; empty where all of it is there and may be seen."""
    rows = (*SOURCES, "references__picture")
    found = Clip.objects.filter(pk=clip.pk).values_list("has_lost_start", *(f"{name}__workspace" for name in rows))
    if any(row[0] for row in found):
        return _lost_words()
    places = {place for row in found for place in row[1:]} - {None, clip.workspace_id}
    if places and not (by and can(by, EDIT, clip.workspace)):
        by = clip.created_by  # an operator tries it again for them
    return _hidden_words() if _are_hidden(places, by) else ""


def _are_hidden(places: set, by) -> bool:
    """Nobody in particular (a guest) sees no workspace but the one of the wish itself."""
    if not places:
        return False
    seen = Workspace.objects.visible_to(by).filter(pk__in=places) if by and by.is_authenticated else ()
    return bool(places - {place.pk for place in seen})


def _lost_words() -> str:
    return _("The source image or video was deleted.")


def _hidden_words() -> str:
    return _("The source image or video is in a workspace that the person who requested this can no longer view.")
