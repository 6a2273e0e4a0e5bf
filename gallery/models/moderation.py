"""Reports, cases, decisions, appeals, strikes and bans."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gallery.models.profile import Profile
from gallery.models.reactions import Comment
from gallery.models.work import Work


class Case(models.Model):
    """All reports about one target, until an operator decides. A target has at most one open case."""

    class TargetKind(models.TextChoices):
        WORK = "work", _("Work")
        COMMENT = "comment", _("Comment")
        PROFILE = "profile", pgettext_lazy("gallery", "Profile")

    class State(models.TextChoices):
        OPEN = "open", _("Undecided")
        DECIDED = "decided", _("Decided")

    id = models.UUIDField(_("ID"), primary_key=True, default=uuid.uuid4, editable=False)
    target_kind = models.CharField(_("kind"), max_length=7, choices=TargetKind)
    work = models.ForeignKey(Work, models.SET_NULL, null=True, related_name="cases", verbose_name=_("work"))
    comment = models.ForeignKey(Comment, models.SET_NULL, null=True, related_name="cases", verbose_name=_("comment"))
    profile = models.ForeignKey(Profile, models.SET_NULL, null=True, related_name="cases", verbose_name=_("profile"))
    # what it was called, for cases whose target was deleted
    target_label = models.CharField(_("what was reported"), max_length=200)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.OPEN)
    priority = models.PositiveSmallIntegerField(_("priority"), default=0)  # higher comes first
    report_count = models.PositiveIntegerField(_("reports"), default=0)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.UniqueConstraint(
                fields=[target],
                condition=Q(state="open") & Q((f"{target}__isnull", False)),
                name=f"one_open_case_per_{target}",
            )
            for target in ("work", "comment", "profile")
        ]
        indexes = [models.Index(fields=["state", "-priority", "opened_at"], name="case_in_line")]

    def __str__(self):
        return self.target_label


class Report(models.Model):
    """What somebody reported. ``user`` is empty for visitors, who leave an email address."""

    class Reason(models.TextChoices):
        ILLEGAL = "illegal", _("Illegal")
        MINOR = "minor", _("Sexual content with a minor")
        VIOLENCE = "violence", _("Violence or hate")
        MATURE = "mature", _("Mature, but not marked so")
        RIGHTS = "rights", _("Uses somebody’s work or likeness without permission")
        SPAM = "spam", _("Spam or deception")
        OTHER = "other", _("Something else")

    case = models.ForeignKey(Case, models.CASCADE, related_name="reports", verbose_name=_("case"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="reports", verbose_name=_("user")
    )
    email = models.EmailField(_("email"), blank=True)
    reason = models.CharField(_("reason"), max_length=8, choices=Reason)
    text = models.CharField(_("what is wrong"), max_length=2000, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "user"], condition=Q(user__isnull=False), name="user_reports_a_case_once"
            )
        ]

    def __str__(self):
        return str(self.get_reason_display())


class Decision(models.Model):
    """What was done about a case, and the statement to the owner. Rows are never changed.

    ``reason``: the rule, shown to the owner. ``profile``: whom the decision concerns.
    ``part_of``: the ban that hid a work with it; an appeal against the ban covers both.
    """

    can_undo: bool  # set by evidence.find_history

    class Act(models.TextChoices):
        KEEP = "keep", _("Nothing was wrong")
        LABEL = "label", _("Marked as mature")
        HIDE = "hide", _("Hidden")
        REMOVE = "remove", _("Removed")
        WARN = "warn", _("Warned")
        BAN = "ban", _("Banned")
        RESTORE = "restore", _("Shown again")

    case = models.ForeignKey(Case, models.CASCADE, related_name="decisions", verbose_name=_("case"))
    act = models.CharField(_("decision"), max_length=7, choices=Act)
    reason = models.CharField(_("rule"), max_length=8, choices=Report.Reason, blank=True)
    statement = models.CharField(_("explanation for the author"), max_length=1000, blank=True)
    note = models.CharField(_("note for operators"), max_length=1000, blank=True)
    profile = models.ForeignKey(
        Profile, models.SET_NULL, null=True, related_name="decisions", verbose_name=_("profile")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("administrator")
    )
    part_of = models.ForeignKey("self", models.CASCADE, null=True, related_name="parts", verbose_name=_("part of"))
    is_automatic = models.BooleanField(_("automatic"), default=False)
    ends_at = models.DateTimeField(_("ends"), null=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")

    def __str__(self):
        return str(self.get_act_display())

    @property
    def is_approval(self) -> bool:
        """Whether an operator approved a work that nobody had reported: after a first look."""
        return self.act == self.Act.KEEP and not self.case.report_count

    @property
    def label(self) -> str:
        return str(_("Approved") if self.is_approval else self.get_act_display())


class Appeal(models.Model):
    """The one answer that the owner may give to a decision."""

    may_answer: bool  # set for the page of a case

    class State(models.TextChoices):
        OPEN = "open", _("Unanswered")
        GRANTED = "granted", pgettext_lazy("appeal", "Granted")
        REJECTED = "rejected", pgettext_lazy("appeal", "Rejected")

    decision = models.OneToOneField(Decision, models.CASCADE, related_name="appeal")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    text = models.CharField(_("your appeal"), max_length=2000)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    answer = models.CharField(_("answer"), max_length=1000, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")


class Strike(models.Model):
    """A point against a profile, until ``ends_at``; an appeal that was granted voids it."""

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="strikes")
    decision = models.OneToOneField(Decision, models.CASCADE, related_name="strike")
    points = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)


class BanQuerySet(models.QuerySet):
    def in_force(self):
        """Keep bans that have neither ended nor been lifted."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=timezone.now()), lifted_at=None)


class Ban(models.Model):
    """The profile's members may not publish, or not comment, or neither, until ``ends_at`` (never ends if empty)."""

    class Scope(models.TextChoices):
        PUBLISH = "publish", _("Publishing")
        COMMENT = "comment", _("Comments")
        ALL = "all", _("Publishing and comments")

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="bans")
    decision = models.OneToOneField(Decision, models.CASCADE, related_name="ban")
    scope = models.CharField(max_length=7, choices=Scope)
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    objects = BanQuerySet.as_manager()

    class Meta:
        verbose_name = _("ban")
        verbose_name_plural = _("bans")
