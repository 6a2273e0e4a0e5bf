"""The rows that a clip starts from: pictures, a video, another clip.

They may be in a workspace that the user can no longer view, or deleted for good: the clip would then be made, and paid,
from its prompt alone.
"""

from accounts.models import Workspace
from accounts.permissions import EDIT, can
from common.messages import Message, build_message, join_messages
from generation.clip_spec import SOURCES, ClipSpec
from generation.models import Clip
from generation.worker.messages import no_charge_message
from jobs.lifecycle.lease import StepFailed
from jobs.services import JobRefused


def check_visible(workspace: Workspace, by, spec: ClipSpec) -> None:
    """Refuse a request that starts from a row of a workspace that ``by`` may not see. Raises JobRefused."""
    if _are_hidden({row.workspace_id for row in spec.sources} - {workspace.pk}, by):
        raise _build_refusal(_hidden_message())


def check_retry(clip: Clip, by) -> None:
    """Raise JobRefused if a source is gone, or if neither ``by`` nor the user they retry for may see all of them."""
    if problem := _find_problem(clip, by):
        raise _build_refusal(problem)


def check_complete(clip: Clip) -> None:
    """Raise JobRefused if a source is gone. Call this after reading the sources, since one may be deleted meanwhile."""
    if Clip.objects.filter(pk=clip.pk, has_missing_source=True).exists():
        raise _build_refusal(_missing_message())


def check_before_sending(clip: Clip, job) -> None:
    """Raise StepFailed if a source is gone or hidden, after all files were read: the job may have waited for long."""
    if problem := _find_problem(clip, job.created_by):
        code = "start_lost" if problem == _missing_message() else "not_allowed"
        raise StepFailed(code, join_messages(problem, no_charge_message(job)))


def _build_refusal(problem: Message) -> JobRefused:
    return JobRefused(join_messages(problem, build_message("not_started")))


def _find_problem(clip: Clip, by) -> Message | None:
    """Return a sentence about a missing or hidden source, with one query; None if there is none."""
    rows = (*SOURCES, "references__picture")
    found = Clip.objects.filter(pk=clip.pk).values_list("has_missing_source", *(f"{name}__workspace" for name in rows))
    if any(row[0] for row in found):
        return _missing_message()
    workspaces = {workspace for row in found for workspace in row[1:]} - {None, clip.workspace_id}
    if workspaces and not (by and can(by, EDIT, clip.workspace)):
        by = clip.created_by  # an administrator retries for them
    return _hidden_message() if _are_hidden(workspaces, by) else None


def _are_hidden(workspaces: set, by) -> bool:
    """Return whether ``by`` may not view one of the workspaces. Guests may view none but the clip's own."""
    if not workspaces:
        return False
    visible = Workspace.objects.visible_to(by).filter(pk__in=workspaces) if by and by.is_authenticated else ()
    return bool(workspaces - {workspace.pk for workspace in visible})


def _missing_message() -> Message:
    return build_message("source_deleted")


def _hidden_message() -> Message:
    return build_message("source_hidden")
