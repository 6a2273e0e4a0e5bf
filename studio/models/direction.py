"""A director at work on a story: an idea, what a language model made of it, and what the person took of that."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.providers.models import Connection
from jobs.models import Job
from studio.models.story import Story


class Direction(models.Model):
    """``concept``, ``shots`` and ``prompts`` are what the person accepted, and only the person writes them.
    ``proposal`` is what the model answered last, under the name of its step; ``asked`` is the step it is asked for
    now or was last, ``heard`` its words so far. ``sent_at`` is set right before the one POST of ``job``,
    so that a step that is repeated after a crash never asks again. ``rev`` grows with every question, every proposal
    and everything that is kept."""

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
    asked = models.CharField(max_length=8, choices=Step, blank=True)
    proposal = models.JSONField(default=dict, blank=True)
    heard = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    rev = models.PositiveIntegerField(default=1, db_default=1)  # code of before the column may run beside it
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("direction")
        verbose_name_plural = _("directions")
        indexes = [models.Index(fields=["story", "-created_at"], name="directions_of_a_story")]

    def __str__(self):
        return self.idea[:60]

    @property
    def mark(self) -> str:
        """What a form sends back, to say which direction its page showed, and as it stood when."""
        return f"{self.pk}.{self.rev}"
