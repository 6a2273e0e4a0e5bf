"""Caps: how much of the site's money a workspace, a member or a story may use in a period."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.workspace import Workspace


class Cap(models.Model):
    """The most that may be spent in a period, in millionths of the site's currency.

    ``subject_id`` is the member or the story that the cap is for; null for each of them.
    """

    used: int  # annotated by queries

    class Scope(models.TextChoices):
        WORKSPACE = "workspace", _("The whole workspace")
        MEMBER = "member", _("Each member")
        STORY = "story", _("Each story")

    class Period(models.TextChoices):
        DAY = "day", _("a day")
        MONTH = "month", _("a month")
        TOTAL = "total", _("in all")

    id = models.UUIDField(_("ID"), primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="caps", verbose_name=_("workspace"))
    scope = models.CharField(_("for"), max_length=10, choices=Scope)
    subject_id = models.UUIDField(_("member or story ID"), null=True)
    period = models.CharField(_("period"), max_length=5, choices=Period)
    amount = models.BigIntegerField(_("amount"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("spending cap")
        verbose_name_plural = _("spending caps")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "scope", "subject_id", "period"],
                condition=Q(subject_id__isnull=False),
                name="one_cap_per_subject",
            ),
            models.UniqueConstraint(
                fields=["workspace", "scope", "period"],
                condition=Q(subject_id__isnull=True),
                name="one_cap_per_scope",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="cap_not_negative"),
        ]

    def __str__(self):
        return f"{self.get_scope_display()}, {self.get_period_display()}"


class CapWarning(models.Model):
    """A warning that was sent about a cap: once per period and share, by a unique row that is inserted first."""

    cap = models.ForeignKey(Cap, models.CASCADE, related_name="warnings", verbose_name=_("spending cap"))
    subject_id = models.UUIDField(_("workspace, member or story ID"))
    starts_on = models.DateField(_("start of the period"))
    percent = models.PositiveSmallIntegerField(_("percent"))
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("warning about a cap")
        verbose_name_plural = _("warnings about caps")
        constraints = [
            models.UniqueConstraint(
                fields=["cap", "subject_id", "starts_on", "percent"], name="one_warning_per_period_and_share"
            ),
        ]
