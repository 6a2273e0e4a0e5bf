"""Hints that a job has changed, or the rights of a user. They may be lost: feeds look for lost ones (jobs/live)."""

from django.db import transaction

from common.live import hints
from common.live.sender import send


def hint_after_commit(job) -> None:
    """Send a hint when the transaction commits. A failure is logged only."""
    transaction.on_commit(lambda: send_hint(job), robust=True)


def send_hint(job) -> None:
    of_story = (f"story:{job.story_id}",) if job.story_id else ()
    hints.send_hint(hints.workspace_group(job.workspace_id), f"job:{job.pk}", *of_story)


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
