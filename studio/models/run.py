"""Runs, each of which draws several scenes in one job, and their shots."""

import uuid

from django.db import models
from django.db.models import Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common import messages
from generation.models import Clip
from jobs.models import Job
from studio.models.film import Film
from studio.models.scene import Scene
from studio.models.story import Story
from studio.models.take import Take


class Run(models.Model):
    """Several scenes that are drawn by one job.

    ``on_failure``: whether scenes that continue a failed one are still drawn. The job's step may be repeated at any
    point, since shots that have a clip are not requested again. ``makes_film``: whether the film is requested when all
    scenes are drawn; ``film``: that film.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    story = models.ForeignKey(Story, models.CASCADE, related_name="runs")
    job = models.OneToOneField(Job, models.PROTECT, null=True, related_name="run")
    purpose = models.CharField(max_length=8, choices=Take.Purpose, default=Take.Purpose.FINAL)
    mode = models.CharField(max_length=8, choices=Story.Mode, default=Story.Mode.FAST)
    on_failure = models.CharField(max_length=8, choices=Story.OnFailure, default=Story.OnFailure.STOP)
    makes_film = models.BooleanField(default=False, db_default=False)
    film = models.ForeignKey(Film, models.SET_NULL, null=True, blank=True, related_name="runs")
    created_at = models.DateTimeField(default=timezone.now)


class Shot(models.Model):
    """One scene of a run.

    ``n``: number in the run. ``price``: confirmed price in millionths of ``currency``; None if the price was unknown.
    ``terms``: what else was confirmed (studio/drawing/consent.py); {} for an animatic. ``reason_message``: why the shot
    failed or was skipped, as JSON (common.messages); read ``reason``.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SUBMITTED = "submitted", _("Submitted")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Skipped")

    OPEN = ("waiting", "submitted")

    run = models.ForeignKey(Run, models.CASCADE, related_name="shots")
    scene = models.ForeignKey(Scene, models.CASCADE, related_name="shots")
    n = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    clip = models.OneToOneField(Clip, models.SET_NULL, null=True, related_name="shot")
    price = models.BigIntegerField(default=0, null=True)
    currency = models.CharField(max_length=3, default="USD")
    terms = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    reason_message = models.JSONField(null=True)
    # of shots before messages were stored as codes, in the language of the requester
    reason_text = models.CharField(max_length=500, blank=True, db_column="reason")

    class Meta:
        ordering = ["n"]
        constraints = [
            models.UniqueConstraint(fields=["run", "scene"], name="a_scene_once_per_run"),
            models.UniqueConstraint(fields=["run", "n"], name="shots_are_numbered"),
        ]

    @property
    def reason(self) -> str:
        """Return why the shot failed or was skipped, in the active language."""
        return messages.from_json(self.reason_message) or self.reason_text


def reason_columns(reason: str) -> dict:
    """Return the columns that store why a shot failed or was skipped (a common.messages.Message), or ""."""
    return {"reason_message": messages.to_json(reason), "reason_text": ""}
