"""Hints over Channels, such as "job 12 is at revision 7". Consumers read the job and send what their viewer may see."""

from django.db import transaction

from common.logs import request_id
from jobs.hints.sender import send


def group_name(workspace_id) -> str:
    """Return the name of the group of a workspace."""
    return f"jobs.{workspace_id}"


def hint_after_commit(job) -> None:
    """Send a hint when the transaction commits. A failure is logged only."""
    transaction.on_commit(lambda: send_hint(job), robust=True)


def send_hint(job) -> None:
    """Send a hint. It says whether a request changed the job, because that page also gets the response."""
    hint = {"type": "job.hint", "job": str(job.pk), "rev": job.rev, "by_request": request_id.get() != "-"}
    send(group_name(job.workspace_id), hint)


def recheck_rights(user_id) -> None:
    """Ask a user's open sockets to check their rights, when the transaction commits."""
    transaction.on_commit(lambda: send(f"user.{user_id}", {"type": "auth.revoked"}), robust=True)


def on_membership_deleted(instance, **kwargs) -> None:
    """End the live updates of a user who left a workspace or was removed from it."""
    recheck_rights(instance.user_id)


def on_session_deleted(instance, **kwargs) -> None:
    """End the live updates of a browser that was signed out from another one."""
    recheck_rights(instance.user_id)


def on_user_saved(instance, **kwargs) -> None:
    """End the live updates of a user who was deactivated or closed their account."""
    if not instance.is_active:
        recheck_rights(instance.pk)
