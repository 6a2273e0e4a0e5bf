"""Hints over Channels: "job 12 is at revision 7". Pages read the rest themselves, with their own rights."""

import logging

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

log = logging.getLogger("jobs.push")
_was_down = False


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


def send(name: str, message: dict) -> None:
    global _was_down  # noqa: PLW0603 - one line in the log when it goes, one when it is back
    try:
        async_to_sync(get_channel_layer().group_send)(name, message)
    except (RedisError, OSError) as problem:
        if not _was_down:
            log.warning("Live updates are off: %s. Pages ask by themselves until it is back.", problem)
        _was_down = True
        return
    if _was_down:
        log.info("Live updates are back.")
    _was_down = False
