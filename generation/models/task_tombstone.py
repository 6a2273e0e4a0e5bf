"""Tombstones of provider tasks whose jobs were deleted, so that no other user with the same prompt gets their clips.

They hold no personal data: no prompt, user, job or connection. A task id alone leads nowhere once its job is gone. The
server is stored as a digest, since the address of a user's own machine may identify the user. So tombstones are in no
export, and erasing an account leaves them.
"""

import hashlib
from datetime import timedelta

from django.db import models

MATCH_RANGE = timedelta(minutes=20)  # adapters match tasks from five minutes before to fifteen after the submission


def digest_server(server: tuple[str, str] | None) -> str:
    """Return the digest of a host and a path; an empty string for None: an unknown server."""
    return hashlib.sha256("".join(server).encode()).hexdigest() if server else ""


class TaskTombstoneQuerySet(models.QuerySet):
    def at_server(self, server: tuple[str, str] | None):
        """Return the tombstones of that server and those of unknown servers; all if ``server`` is None."""
        return self if server is None else self.filter(server__in=[digest_server(server), ""])

    def unnamed_near(self, model: str, moment):
        """Return the tombstones without a task id, sent for the same model at about that time."""
        return self.filter(task_id="", model=model, sent_at__range=(moment - MATCH_RANGE, moment + MATCH_RANGE))


class TaskTombstone(models.Model):
    """A task of a deleted job. ``model`` and ``sent_at`` identify a task whose ``task_id`` was never reported."""

    provider = models.CharField(max_length=40)
    server = models.CharField(max_length=64, blank=True)
    task_id = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=80, blank=True)
    sent_at = models.DateTimeField(db_index=True)
    objects = TaskTombstoneQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "task_id", "server", "model", "sent_at"], name="one_tombstone_per_task"
            )
        ]
