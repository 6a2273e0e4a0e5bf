"""Hints over Channels: "job 12 is at revision 7". Pages read the rest themselves, with their own rights."""

from django.db import transaction

from jobs.hints.sender import send


def group_name(workspace_id) -> str:
    """Name of the group that watches a workspace; made only from ids that were checked."""
    return f"jobs.{workspace_id}"


def hint_after_commit(job) -> None:
    """Hint at the job when the transaction commits; a hint that fails never breaks what it speaks of."""
    transaction.on_commit(lambda: send_hint(job), robust=True)


def send_hint(job) -> None:
    send(group_name(job.workspace_id), {"type": "job.hint", "job": str(job.pk), "rev": job.rev})


def recheck_rights(user_id) -> None:
    """Tell a person's open sockets to look at their rights, as soon as the transaction commits."""
    transaction.on_commit(lambda: send(f"user.{user_id}", {"type": "auth.revoked"}), robust=True)


def on_membership_deleted(instance, **news) -> None:
    """Somebody left a workspace, or was removed from it: their open pages hear nothing more of it."""
    recheck_rights(instance.user_id)


def on_session_deleted(instance, **news) -> None:
    """A browser was signed out from elsewhere: its open pages hear nothing more."""
    recheck_rights(instance.user_id)


def on_user_saved(instance, **news) -> None:
    """Whoever was shut out, or closes their account, hears nothing more at all."""
    if not instance.is_active:
        recheck_rights(instance.pk)
