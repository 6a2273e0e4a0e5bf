"""Submissions whose jobs were destroyed: so that what they bought is not brought to somebody else with the same words.

No personal data: no words, no person, no job, and no account. A task's id alone leads nowhere once the job that it
belonged to is gone, and the address is kept as a digest, since somebody's own machine may bear their name. So nothing
of it belongs into anybody's export, and who has everything erased leaves it behind.
"""

import hashlib
from datetime import timedelta

from django.db import models

NEAR = timedelta(minutes=20)  # adapters take for ours what began up to five minutes before and fifteen after it


def digest(place: tuple[str, str] | None) -> str:
    """Of a server and a path; empty where nobody knows which it was."""
    return hashlib.sha256("".join(place).encode()).hexdigest() if place else ""


class GoneTaskQuerySet(models.QuerySet):
    def at(self, place: tuple[str, str] | None):
        """Those that may lie at that address: where either is not known, they may."""
        return self if place is None else self.filter(place__in=[digest(place), ""])

    def nameless_near(self, model: str, moment):
        """Those whose answer never came and that were sent for the same model at about that time."""
        return self.filter(task_id="", model=model, sent_at__range=(moment - NEAR, moment + NEAR))


class GoneTask(models.Model):
    """``task_id`` is somebody's already; where it was never told, ``model`` and ``sent_at`` are all there is."""

    provider = models.CharField(max_length=40)
    place = models.CharField(max_length=64, blank=True)
    task_id = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=80, blank=True)
    sent_at = models.DateTimeField(db_index=True)
    objects = GoneTaskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "task_id", "place", "model", "sent_at"], name="a_gone_task_is_kept_once"
            )
        ]
