"""Jobs: slow work of any kind. The row of a job is the only truth; queues, sockets and webhooks are hints."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.db.models.lookups import In
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.billing.models import Payer
from accounts.models import Workspace, in_workspaces_of
from common import messages
from jobs.states import TERMINAL, State
from jobs.status import BLOCKED, BLOCKED_QUOTA, JobTexts


class _IsTerminal(In):
    """A condition for terminal states, without parameters: SQLite uses a partial index only for a literal condition."""

    def __init__(self, state):
        super().__init__(state, sorted(TERMINAL))

    def as_sql(self, compiler, connection):
        state, params = self.process_lhs(compiler, connection)
        return f"{state} IN ({', '.join(f"'{end}'" for end in self.rhs)})", params


class JobQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(in_workspaces_of(user))

    def shown(self):
        """Return the jobs that are not in the trash. A deleted job still runs to its end, hidden."""
        return self.filter(deleted_at=None)

    def active(self):
        return self.exclude(_IsTerminal(F("state")))

    def ended(self):
        return self.filter(state__in=TERMINAL)

    def blocked(self):
        """Return the jobs that wait until somebody repairs what they need (``JobStatus.is_blocked``)."""
        is_blocked = Q(progress_message__0__0__startswith=BLOCKED)
        return self.filter(is_blocked, state=State.QUEUED, cancel_requested_at=None)

    def due(self):
        """Return the jobs that can be worked on now, by the database's clock: without a lease and due."""
        free = Q(lease_until=None) | Q(lease_until__lt=Now())
        return self.active().exclude(state=State.STUCK).filter(free, next_run_at__lte=Now())


class Job(JobTexts, models.Model):
    """One piece of slow work: who requested what, its state, and which worker has the lease.

    - ``fence`` grows with each lease; a write with an old fence changes nothing.
    - ``rev`` grows with each visible change, so that a page knows whether it is outdated.
    - ``page`` is the path of the page of the job's result.
    - ``language`` is that of the requester, for error messages.
    - ``story_id``: the story that the job is for. The jobs of a clip that several stories show are those of the first.
    - ``seconds`` and ``resolution`` are those of the video that is made, which decide how long the job takes.
    - Prices are millionths of ``currency``; ``provider_price`` is the price after a failover to another provider.
      ``payer`` is "own" if a user's or the workspace's own account at the provider is billed, and not the site's.
    - ``progress_message`` and ``error_message`` are messages as JSON (common.messages); read ``progress_note`` and
      ``error_public``.
    - ``progress`` is in thousandths; ``progress_peak`` is the highest of this state, which a step repeated after a
      crash must exceed to count as progress.
    - ``is_queued_at_provider``: the provider has accepted the job and not begun it.
    """

    read_at: datetime  # annotated by queries
    was_replayed: bool = False  # submitted or retried before
    was_hidden: bool = False  # and was in the trash since
    prefetched: Any = None  # what its kind read with that of other jobs, for its next step or its retry button

    id = models.UUIDField(_("ID"), primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="jobs", verbose_name=_("workspace"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("requested by")
    )
    kind = models.CharField(_("kind"), max_length=20)
    title = models.CharField(_("title"), max_length=200)
    page = models.CharField(_("page"), max_length=200, blank=True)
    provider = models.CharField(_("provider"), max_length=40, blank=True)
    model = models.CharField(_("model"), max_length=80, blank=True)
    # null means unknown: SQLite adds a nullable column without rebuilding the table
    seconds = models.PositiveIntegerField(_("seconds of video"), null=True)
    resolution = models.PositiveSmallIntegerField(_("resolution"), null=True)
    params = models.JSONField(_("parameters"), default=dict)
    idem_key = models.CharField(_("idempotency key"), max_length=128)
    request_hash = models.CharField(_("digest of the request"), max_length=64)
    language = models.CharField(_("language"), max_length=10, blank=True)
    # a plain column, since jobs know no stories; null for jobs of no story
    story_id = models.UUIDField(_("story"), null=True)
    retry_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="retries", verbose_name=_("retry of")
    )

    state = models.CharField(_("state"), max_length=16, choices=State, default=State.QUEUED)
    state_since = models.DateTimeField(_("in this state since"), db_default=Now())
    fence = models.BigIntegerField(_("lease number"), default=0)
    rev = models.BigIntegerField(_("revision"), default=0)
    lease_owner = models.CharField(_("worker"), max_length=80, blank=True)
    lease_until = models.DateTimeField(_("lease ends"), null=True)
    next_run_at = models.DateTimeField(_("next step"), db_default=Now())
    deadline_at = models.DateTimeField(_("deadline"), null=True)
    no_progress_count = models.PositiveSmallIntegerField(_("attempts without progress"), default=0)
    cancel_requested_at = models.DateTimeField(_("cancellation requested"), null=True)
    deleted_at = models.DateTimeField(_("moved to the trash"), null=True)

    progress = models.PositiveSmallIntegerField(_("progress"), default=0)
    progress_peak = models.PositiveSmallIntegerField(_("highest progress"), default=0)
    progress_message = models.JSONField(_("progress note"), null=True)
    # of jobs before messages were stored as codes, in the language of the requester
    progress_text = models.CharField(_("progress note as text"), max_length=60, blank=True, db_column="progress_note")
    # null means no: SQLite adds a nullable column without rebuilding the table
    is_queued_at_provider = models.BooleanField(_("in the provider’s queue"), null=True)
    error_code = models.CharField(_("error code"), max_length=40, blank=True)
    error_message = models.JSONField(_("error message"), null=True)
    error_text = models.CharField(_("error message as text"), max_length=500, blank=True, db_column="error_public")
    price_reserved = models.BigIntegerField(_("amount on hold"), default=0)
    provider_price = models.BigIntegerField(_("provider’s price"), null=True)
    price_charged = models.BigIntegerField(_("price charged"), default=0)
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    # null means the site: SQLite adds a nullable column without rebuilding the table
    payer = models.CharField(_("payer"), max_length=4, choices=Payer, null=True)  # noqa: DJ001
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("ended"), null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "idem_key"], name="one_job_per_key"),
        ]
        indexes = [
            models.Index(fields=["next_run_at"], condition=~Q(state__in=sorted(TERMINAL)), name="job_due"),
            models.Index(fields=["workspace", "-created_at", "-id"], name="job_by_workspace"),
            models.Index(fields=["created_at"], condition=Q(state="queued"), name="job_queued"),
            # for SQLite, which reads all jobs for the retry of one if it counts the many without ``retry_of`` as equal
            models.Index(fields=["retry_of"], condition=Q(retry_of__isnull=False), name="job_retries"),
            models.Index(
                fields=["story_id", "-created_at", "-id"], condition=Q(story_id__isnull=False), name="job_by_story"
            ),
            models.Index(fields=["-finished_at"], condition=Q(finished_at__isnull=False), name="job_finished"),
            models.Index(
                fields=["workspace", "state", "-created_at", "-id"],
                condition=Q(deleted_at=None),
                name="job_by_state",
            ),
            models.Index(
                fields=["workspace", "provider", "-created_at", "-id"],
                condition=Q(deleted_at=None),
                name="job_by_provider",
            ),
            models.Index(
                fields=["workspace", "kind", "-created_at", "-id"],
                condition=Q(deleted_at=None),
                name="job_by_kind",
            ),
        ]

    def __str__(self):
        return f"{str(self.pk)[:8]} ({self.get_state_display()})"

    @property
    def held_price(self):
        """Return what is on hold of the site's money while the job is active: nothing if the user's account pays."""
        return 0 if self.is_paid_by_user else self.price_reserved

    @property
    def needs_credit(self) -> bool:
        """Return whether the job waits for somebody to top up an account at the provider."""
        return self.is_blocked and messages.get_code(self.progress_message) == BLOCKED_QUOTA

    @property
    def price(self):
        """Return the price of the job if it succeeds (millionths), which is never more than the hold."""
        return self.price_reserved if self.provider_price is None else min(self.provider_price, self.price_reserved)


class Attempt(models.Model):
    """One submission to a provider. The database itself forbids a second live attempt (see the constraint).

    - ``connection_id`` is not a foreign key, since jobs know no providers; ``key_version`` is the version of its key.
    - ``handle`` is what polling needs and ``output`` the location of the result, as the adapter wrote them.
    - ``response`` is a response that arrived while the database was down: ``{"task_id", "handle"}``.
    - ``searches`` counts searches for a lost submission, ``misses`` polls in a row that did not find the task, and
      ``downloads`` attempts to download the result.
    """

    is_young: bool  # annotated by queries

    class Outcome(models.TextChoices):
        OPEN = "open", _("No response yet")
        NOT_SENT = "not_sent", _("Not sent")
        REFUSED = "refused", _("Rejected")
        ACCEPTED = "accepted", _("Accepted")
        AMBIGUOUS = "ambiguous", _("Unclear")
        ABSENT = "absent", _("Never received")
        LOST = "lost", _("Lost")
        ABANDONED = "abandoned", _("Given up")

    LIVE = ("open", "ambiguous", "accepted")

    job = models.ForeignKey(Job, models.CASCADE, related_name="attempts", verbose_name=_("job"))
    n = models.PositiveSmallIntegerField(_("number"))
    client_ref = models.CharField(_("our own ID"), max_length=40, unique=True)
    provider = models.CharField(_("provider"), max_length=40)
    connection_id = models.UUIDField(_("connection"), null=True)
    key_version = models.PositiveIntegerField(_("key version"), default=0)
    handle = models.JSONField(_("polling method"), default=dict)
    output = models.JSONField(_("result location"), default=dict)
    response = models.JSONField(_("response received"), default=dict)
    cost = models.CharField(_("provider’s charge"), max_length=80, blank=True)
    searches = models.PositiveSmallIntegerField(_("times searched for"), default=0)
    misses = models.PositiveSmallIntegerField(_("times not found"), default=0)
    downloads = models.PositiveSmallIntegerField(_("download attempts"), default=0)
    cancel_sent_at = models.DateTimeField(_("cancellation requested"), null=True)
    provider_task_id = models.CharField(_("provider’s ID"), max_length=200, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, default=Outcome.OPEN)
    http_status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    intent_at = models.DateTimeField(_("sent"), default=timezone.now)
    answered_at = models.DateTimeField(_("response at"), null=True)
    reconcile_after = models.DateTimeField(_("searched for since"), null=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [
            models.UniqueConstraint(
                fields=["job"], condition=Q(outcome__in=["open", "ambiguous", "accepted"]), name="one_live_attempt"
            ),
            models.UniqueConstraint(
                fields=["provider", "connection_id", "provider_task_id"],
                condition=~Q(provider_task_id=""),
                name="one_job_per_provider_task",
            ),
            models.UniqueConstraint(fields=["job", "n"], name="attempts_are_numbered"),
        ]
        indexes = [
            models.Index(fields=["connection_id", "outcome"], name="attempts_by_connection"),
            models.Index(fields=["intent_at"], name="attempts_by_date"),
            models.Index(fields=["connection_id", "intent_at"], name="attempts_by_connection_date"),
        ]

    def __str__(self):
        return f"{str(self.job_id)[:8]} · {self.n}"


class JobEvent(models.Model):
    """An event of a job, for users and operators. Append-only.

    ``actor_id`` is the id of a user, without a foreign key so that it outlives them; guests, workers and the studio
    have none. Only ``actor`` may later be emptied (jobs.events).
    """

    # DO_NOTHING: a trigger deletes the events with their job and prevents every other change (migration 0002).
    job = models.ForeignKey(Job, models.DO_NOTHING, related_name="events", verbose_name=_("job"))
    old = models.CharField(_("previous state"), max_length=16, choices=State, blank=True)
    new = models.CharField(_("new state"), max_length=16, choices=State)
    actor_id = models.UUIDField(_("user ID"), null=True)
    actor = models.CharField(_("done by"), max_length=120, blank=True)
    fence = models.BigIntegerField(_("lease number"), default=0)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["id"]
        indexes = [models.Index(fields=["actor_id"], condition=Q(actor_id__isnull=False), name="jobevent_by_user")]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_new_display()}"


class Heartbeat(models.Model):
    """When a process last made progress, as opposed to merely being alive."""

    name = models.CharField(_("name"), max_length=100, primary_key=True)
    pid = models.PositiveIntegerField(_("process"))
    host = models.CharField(_("machine"), max_length=80)
    last_progress_at = models.DateTimeField(_("last progress"))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("health")

    def __str__(self):
        return self.name
