"""Directions: an idea for a story, the proposals of a language model, and what the user accepted."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.providers.models import Connection
from jobs.models import Job
from studio.models.story import Story


class Direction(models.Model):
    """One idea for a story. ``concept``, ``shots`` and ``prompts`` are what the user accepted.
    ``requested_step``: the step of the last request. ``response``: the text of the model so far. ``proposal``: the
    newest parsed response, under the name of its step. ``sent_at`` is set right before the only POST of ``job``, so
    that a repeated step never sends again. ``makes_film``: each proposal is accepted as soon as it arrives, and the
    film is made of the scenes. ``rev`` grows with every request, proposal and acceptance.
    """

    class Step(models.TextChoices):
        CONCEPT = "concept", _("Concept")
        SHOTS = "shots", _("Shot list")
        PROMPTS = "prompts", _("Prompts")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    story = models.ForeignKey(Story, models.CASCADE, related_name="directions")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    connection = models.ForeignKey(Connection, models.SET_NULL, null=True, related_name="+")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    idea = models.CharField(_("idea"), max_length=4000)
    count = models.PositiveSmallIntegerField(default=8)
    language = models.CharField(max_length=12, default="en")
    concept = models.TextField(blank=True)
    shots = models.JSONField(default=list, blank=True)
    prompts = models.JSONField(default=list, blank=True)
    requested_step = models.CharField(max_length=8, choices=Step, blank=True)
    proposal = models.JSONField(default=dict, blank=True)
    response = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    makes_film = models.BooleanField(default=False, db_default=False)
    rev = models.PositiveIntegerField(default=1, db_default=1)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("direction")
        verbose_name_plural = _("directions")
        indexes = [models.Index(fields=["story", "-created_at"], name="directions_of_a_story")]

    def __str__(self):
        return self.idea[:60]

    @property
    def mark(self) -> str:
        """Return the id and revision, which forms send back so that outdated pages are detected."""
        return f"{self.pk}.{self.rev}"
