"""What a clip starts from: who was removed from a workspace makes nothing any more from what lies there, which they may
have chosen before it was even drawn. What lies in the clip's own workspace needs no question."""

from django.utils.translation import gettext as _

from accounts.models import Workspace
from accounts.permissions import EDIT, can
from generation.models import Clip
from generation.steps.unanswered import unspent_words
from jobs.claims import StepFailed
from jobs.services import JobRefused

ROWS = ("picture", "continues", "last_picture", "video", "lays_over")


def check(workspace: Workspace, by, asked: dict) -> None:
    """JobRefused for a wish that starts from something of another workspace into which ``by`` may not look."""
    rows = [*(asked.get(name) for name in ROWS), *(asked.get("references") or ())]
    if _are_hidden({row.workspace_id for row in rows if row} - {workspace.pk}, by):
        raise JobRefused(f"{_words()} {_('Nothing was started.')}")


def check_again(clip: Clip, by) -> None:
    """JobRefused when neither ``by`` nor, where they only help out, who asked may look at what it starts from."""
    if _is_hidden(clip, by):
        raise JobRefused(f"{_words()} {_('Nothing was started.')}")


def check_now(clip: Clip, job) -> None:
    """StepFailed for the same, just before it is drawn or sent: it may have waited for long."""
    if _is_hidden(clip, job.created_by):
        raise StepFailed("not_allowed", f"{_words()} {unspent_words(job)}")


def _words() -> str:
    return _("This starts from a picture or film of a workspace that whoever asks for it may not see any more.")


def _is_hidden(clip: Clip, by) -> bool:
    rows = (*ROWS, "references__picture")
    found = Clip.objects.filter(pk=clip.pk).values_list(*(f"{name}__workspace" for name in rows))
    places = {place for row in found for place in row} - {None, clip.workspace_id}
    if places and not (by and can(by, EDIT, clip.workspace)):
        by = clip.created_by  # an operator tries it again for them
    return _are_hidden(places, by)


def _are_hidden(places: set, by) -> bool:
    """Nobody in particular (a guest) sees no workspace but the one of the wish itself."""
    if not places:
        return False
    seen = Workspace.objects.visible_to(by).filter(pk__in=places) if by and by.is_authenticated else ()
    return bool(places - {place.pk for place in seen})
