"""One submission of a clip to a provider: its rows, from the intent to the provider's response."""

import logging
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, cast

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from common.messages import Label, build_message, join_messages
from generation.models import Clip
from generation.providers import overrides, parsing
from generation.providers.connections.open_connection import call_with_newest_key, open_connection
from generation.providers.errors import RemoteError
from generation.providers.models import Connection, ProviderOverride
from generation.providers.registry import provider, providers
from generation.providers.remote import OpenConnection, Prepared, ProviderTraits, RemoteProvider, Submitted
from generation.worker import messages
from generation.worker.connection_pause import mark_working, scale_pause
from jobs.lifecycle.lease import LeaseLost, StepFailed
from jobs.models import Attempt, Job, State

log = logging.getLogger("generation.worker")
Outcome = Attempt.Outcome
LEASE_REQUESTS = 1.4  # a submission holds its job for this many times the longest request


@dataclass
class Submission:
    """A job with the connection, provider and attempt that one step works with. The clip is loaded on demand, since
    most polls do not need it."""

    job: Job
    connection: Connection
    engine: RemoteProvider
    attempt: Attempt | None
    opened: OpenConnection | None = None
    intended_at: float = 0.0  # time.monotonic() of the intent: the lease for the request starts there

    @property
    def label(self) -> str:
        return str(self.engine.label)

    @property
    def english_label(self) -> Label:
        return messages.get_english_label(self.engine)

    @property
    def traits(self) -> ProviderTraits:
        """The traits of the provider with this model."""
        return self.engine.traits_of(self.job.model)

    @cached_property
    def clip(self) -> Clip:
        return _load_clip(self.job)

    @property
    def live_attempt(self) -> Attempt:
        """The attempt, which must have been recorded: its request was sent, or is about to be."""
        assert self.attempt is not None
        return self.attempt

    def open_connection(self) -> OpenConnection:
        """Return the connection with the key that the live attempt was sent with, or the newest key before that."""
        if self.opened is None:
            self.opened = open_connection(self.connection, self.attempt.key_version if self.attempt else None)
        return self.opened


def prefetch_submissions(jobs, live) -> None:
    """Prepare many polls with one query for their connections; each key is decrypted once. ``live`` maps the ids of
    jobs to their live attempts. ``load_submission`` returns what is prepared here."""
    connections = Connection.objects.in_bulk({attempt.connection_id for attempt in live.values()} - {None})
    opened: dict = {}
    for job in jobs:
        attempt = live.get(job.pk)
        if attempt and attempt.provider in providers() and attempt.connection_id in connections:
            engine = get_remote_provider(attempt.provider)
            job.prefetched = submission = Submission(job, connections[attempt.connection_id], engine, attempt)
            key = (attempt.connection_id, attempt.key_version)
            with suppress(RemoteError):  # the step meets the error again and handles it
                submission.opened = opened[key] = opened.get(key) or submission.open_connection()


def load_submission(job) -> Submission:
    """Return the job's submission, with the connection and provider of its live attempt, or of its clip if no attempt
    is live. Raises StepFailed if the connection was removed."""
    if isinstance(prefetched := job.prefetched, Submission):
        job.prefetched = None
        return prefetched
    clip = _load_clip(job)
    attempt = job.attempts.filter(outcome__in=Attempt.LIVE).first()
    connection = _find_connection(clip, attempt)
    if connection is None and attempt is not None:
        charged = build_message("removed_account_may_be_charged")
        parts = build_message("account_removed_early"), charged, messages.earlier_charges_message(job)
        raise StepFailed("no_connection", join_messages(*parts))
    if connection is None or (connection.deleted_at is not None and attempt is None):
        removed = build_message("connection_removed")
        raise StepFailed("no_connection", join_messages(removed, messages.no_charge_message(job)))
    engine = get_remote_provider(attempt.provider if attempt else clip.provider)
    submission = Submission(job, connection, engine, attempt)
    submission.clip = clip
    return submission


def get_remote_provider(slug: str) -> RemoteProvider:
    """Return the provider of a submission. Raises KeyError if it is not installed."""
    return cast("RemoteProvider", provider(slug))  # local ones have no submissions


def _find_connection(clip: Clip, attempt: Attempt | None) -> Connection | None:
    if attempt is None or attempt.connection_id in (None, clip.connection_id):
        return clip.connection
    return Connection.objects.filter(pk=attempt.connection_id).first()


def _load_clip(job) -> Clip:
    clip = Clip.objects.select_related("connection", "created_by", "workspace").get(job=job)
    clip.job = job
    if job.created_by_id == clip.created_by_id:
        job.created_by = clip.created_by
    return clip


def call_with_key(lease, submission: Submission, call):
    """Run ``call`` as ``call_with_newest_key`` does, and record in the job's history if a newer key was used."""

    def on_new_key():
        submission.opened = None
        lease.record_event(f"new_key|{submission.english_label}")

    return call_with_newest_key(
        submission.live_attempt, submission.connection, call, reopen=submission.open_connection, on_new_key=on_new_key
    )


class NoRoom(Exception):
    """The connection has reached its limit of clips in progress, or of requests in a minute."""


def record_intent(lease, submission: Submission, ref: str, prepared: Prepared, reserve_place) -> Attempt:
    """Commit the intent to send this submission, before any byte of it is sent. From then on no second one is sent.

    ``ref`` is our own id of the attempt, the only one that the provider learns. ``reserve_place()`` locks the
    connection and returns whether it still has room. Raises NoRoom, and records nothing, if it has none.
    """
    with transaction.atomic():
        if not reserve_place():
            raise NoRoom
        attempt = Attempt.objects.create(
            job=lease.job,
            n=lease.job.attempts.count() + 1,
            client_ref=ref,
            provider=submission.clip.provider,
            connection_id=submission.connection.pk,
            key_version=submission.connection.key_version,
            handle=prepared.handle,
            intent_at=lease.now,
        )
        submission.intended_at = time.monotonic()
        seconds = settings.PROVIDER_SECONDS * LEASE_REQUESTS  # no other step searches for it while the request lasts
        lease.enter(State.SUBMITTING, seconds=seconds, reason=f"submitted|{submission.english_label}", progress_note="")
    submission.attempt = attempt
    return attempt


def record_unsent_attempt(lease, submission: Submission) -> None:
    """Record an attempt that ended before anything was sent. Failover does not try the same connection again."""
    with transaction.atomic():
        lease.extend(settings.PROVIDER_SECONDS)  # LeaseLost: the worker that has the job now counts its own attempts
        Attempt.objects.create(
            job=lease.job,
            n=lease.job.attempts.count() + 1,
            client_ref=str(uuid.uuid4()),
            provider=submission.clip.provider,
            connection_id=submission.connection.pk,
            key_version=submission.connection.key_version,
            outcome=Outcome.NOT_SENT,
            intent_at=lease.now,
            answered_at=lease.now,
        )


def accept(lease, submission: Submission, submitted: Submitted, *, was_found=False) -> bool:
    """Record that the provider has the clip, and start polling.

    Returns False, without starting to poll, if the task id is malformed or belongs to another job. Raises LeaseLost,
    and changes nothing, if the attempt was given up meanwhile.
    """
    if not parsing.is_id(submitted.task_id):
        log.error("job %s: %s returned a malformed task id", lease.job.pk, submission.label)
        return False
    try:
        with transaction.atomic():
            rows = Attempt.objects.filter(pk=submission.live_attempt.pk, outcome__in=[Outcome.OPEN, Outcome.AMBIGUOUS])
            values = {"provider_task_id": submitted.task_id, "handle": submitted.handle, "answered_at": lease.now}
            if not rows.update(outcome=Outcome.ACCEPTED, **values):
                raise LeaseLost
            _start_polling(lease, submission, submitted, _choose_found_code(lease.job) if was_found else "accepted")
            mark_working(submission.connection, submission.live_attempt.key_version)
    except IntegrityError:
        log.error("job %s: %s returned the task id of another job", lease.job.pk, submission.label)
        Attempt.objects.filter(pk=submission.live_attempt.pk).update(response={})
        submission.live_attempt.response = {}
        return False
    return True


def _start_polling(lease, submission: Submission, submitted: Submitted, code: str) -> None:
    """Move the job to RUNNING. The override is read from the database: an administrator may have changed the deadline
    since this process read it."""
    override = ProviderOverride.objects.filter(provider=submission.engine.slug).first()
    traits = overrides.apply_row(submission.engine.declared, override)
    lease.move_to(
        State.RUNNING,
        reason=f"{code}|{submission.english_label}|{submitted.task_id[:60]}",
        started_at=Now(),
        deadline_at=Now() + timedelta(seconds=traits.deadline),
        next_run_at=Now() + timedelta(seconds=scale_pause(traits.first_poll)),
        progress_note="",  # the note about our own queue no longer applies
        is_queued_at_provider=True,  # until the first poll reports that the provider has started
    )


def _choose_found_code(job) -> str:
    """Return the event code for a found submission. After an abandoned attempt, the event must not say that nothing was
    charged twice."""
    return "found_again" if job.attempts.filter(outcome=Outcome.ABANDONED).exists() else "found"


def close(submission: Submission, outcome: str, error: RemoteError | None = None) -> None:
    """Record the outcome of an attempt that made nothing, unless another worker found or abandoned the attempt."""
    values: dict[str, Any] = {"outcome": outcome, "answered_at": Now()}
    if error is not None:
        values["http_status"] = error.status
    Attempt.objects.filter(pk=submission.live_attempt.pk, outcome__in=[Outcome.OPEN, Outcome.AMBIGUOUS]).update(
        **values
    )
