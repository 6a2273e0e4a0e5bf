"""Hints over Channels: "job 12 is at revision 7". Pages read the rest themselves, with their own rights."""

from django.db import transaction

from jobs.courier import send


def group(workspace_id) -> str:
    """Name of the group that watches a workspace; made only from ids that were checked."""
    return f"jobs.{workspace_id}"


def after_commit(job) -> None:
    """Hint at the job when the transaction commits; a hint that fails never breaks what it speaks of."""
    transaction.on_commit(lambda: hint(job), robust=True)


def hint(job) -> None:
    send(group(job.workspace_id), {"type": "job.hint", "job": str(job.pk), "rev": job.rev})


def revoke(user_id) -> None:
    """Tell a person's open sockets to look at their rights now."""
    send(f"user.{user_id}", {"type": "auth.revoked"})
