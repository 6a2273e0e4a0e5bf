"""One submission to a provider, from intent to end: the rows behind it, and what it says about money."""

import logging
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, When
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from generation.models import Clip
from generation.providers import overrides, parsing
from generation.providers.connections import health as connection_health
from generation.providers.connections.open_connection import account_of, with_its_key
from generation.providers.errors import Fault, RemoteError
from generation.providers.models import Connection, ProviderOverride
from generation.providers.registry import provider, providers
from generation.providers.remote import Account, Billing, Prepared, ProviderTraits, RemoteProvider, Submitted
from generation.worker import history_messages, refusal_messages
from generation.worker.no_answer_messages import earlier_words, unspent_words
from jobs.lifecycle.lease import LeaseLost, StepFailed
from jobs.models import Attempt, Job, State

log = logging.getLogger("generation.worker")
Outcome = Attempt.Outcome
SENT_SECONDS = 1.4  # a submission holds its job for so many times one request, or for so much more than a longer one
PAUSE = timedelta(minutes=5)


@dataclass
class Submission:
    """What every step of a clip that is made elsewhere works with. Its clip is read when somebody asks for it: that it
    goes on there, which is what nearly every poll hears, does not concern it."""

    job: Job
    connection: Connection
    engine: RemoteProvider
    attempt: Attempt | None
    opened: Account | None = None
    meant_at: float = 0.0  # of time.monotonic(): from then on the job is held for this one request

    @property
    def name(self) -> str:
        return str(self.engine.label)

    @property
    def written(self) -> str:
        return history_messages.written(self.engine)

    @property
    def traits(self) -> ProviderTraits:
        """The provider's ways with this model."""
        return self.engine.traits_of(self.job.model)

    @cached_property
    def clip(self) -> Clip:
        return _clip(self.job)

    def account(self) -> Account:
        """The account as the live attempt knew it, so that a new key does not lose what was begun with the old one."""
        if self.opened is None:
            self.opened = account_of(self.connection, self.attempt.key_version if self.attempt else None)
        return self.opened


def prefetch_submissions(jobs, live) -> None:
    """Read what the polls of all these need in one query and one opening per key; ``load_submission`` then finds it.

    Making rows into objects was most of a poll: an account is one row for all, and clips are left where they are.
    """
    accounts = Connection.objects.in_bulk({each.account for each in live.values()} - {None})
    opened: dict = {}
    for job in jobs:
        attempt = live.get(job.pk)
        engine = providers().get(attempt.provider) if attempt else None
        if engine and attempt.account in accounts:
            job.submission = Submission(job, accounts[attempt.account], engine, attempt)
            key = (attempt.account, attempt.key_version)
            with suppress(RemoteError):  # the step itself will meet it again and say so
                job.submission.opened = opened[key] = opened.get(key) or job.submission.account()


def load_submission(job) -> Submission:
    """What was begun goes on with the account and the engine that it was sent to, whatever its clip points at since.

    StepFailed when that connection, or that of a clip with which nothing was begun, is gone.
    """
    if found := job.__dict__.pop("submission", None):
        return found
    clip = _clip(job)
    attempt = job.attempts.filter(outcome__in=Attempt.LIVE).first()
    connection = _account(clip, attempt)
    if connection is None and attempt is not None:
        words = _(
            "The account used for this job was removed while it was in progress, so the clip cannot be downloaded."
        )
        paid = f"{_('That account may have been charged once.')} {earlier_words(job)}"
        raise StepFailed("no_connection", f"{words} {paid}".strip())
    if connection is None or (connection.deleted_at is not None and attempt is None):
        words = _("The connection used for this job was removed.")
        raise StepFailed("no_connection", f"{words} {unspent_words(job)}")
    found = Submission(job, connection, provider(attempt.provider if attempt else clip.provider), attempt)
    found.clip = clip
    return found


def _account(clip: Clip, attempt: Attempt | None) -> Connection | None:
    if attempt is None or attempt.account in (None, clip.connection_id):
        return clip.connection
    return Connection.objects.filter(pk=attempt.account).first()


def _clip(job) -> Clip:
    """With what each of them has; what only some begin with is read where it is needed."""
    clip = Clip.objects.select_related("connection", "created_by", "workspace").get(job=job)
    clip.job = job
    if job.created_by_id == clip.created_by_id:
        job.created_by = clip.created_by
    return clip


def call_with_key(claim, submission: Submission, call):
    """``with_its_key`` for an load_submission, whose account may be open already; its history tells of a new key."""

    def renewed():
        submission.opened = None
        claim.record_event(f"new_key|{submission.written}")

    return with_its_key(submission.attempt, submission.connection, call, opened=submission.account, renewed=renewed)


class NoRoom(Exception):
    """The account makes as many at once as it may."""


def record_intent(claim, submission: Submission, ref: str, prepared: Prepared, take) -> Attempt:
    """Commit that this submission will be sent, before a byte of it is: from here on nobody sends a second one.

    ``ref`` is the only name of ours that the provider learns. ``take()`` locks the account and says whether it has
    room still; NoRoom and no trace when another job was faster.
    """
    with transaction.atomic():
        if not take():
            raise NoRoom
        attempt = Attempt.objects.create(
            job=claim.job,
            n=claim.job.attempts.count() + 1,
            client_ref=ref,
            provider=submission.clip.provider,
            account=submission.connection.pk,
            key_version=submission.connection.key_version,
            handle=prepared.handle,
            intent_at=claim.now,
        )
        submission.meant_at = time.monotonic()
        claim.enter(State.SUBMITTING, seconds=_held(), reason=f"asked|{submission.written}")
    submission.attempt = attempt
    return attempt


def _held() -> float:
    """Seconds for which the job is held: nobody else may look for what this very call may still be bringing."""
    return settings.PROVIDER_SECONDS * SENT_SECONDS


def record_unsent_attempt(claim, submission: Submission) -> None:
    """A try that ended before anything could be sent: it counts where tries do, and its account was tried."""
    with transaction.atomic():
        claim.extend(settings.PROVIDER_SECONDS)  # LeaseLost: whoever has the job meanwhile counts its own tries
        Attempt.objects.create(
            job=claim.job, n=claim.job.attempts.count() + 1, client_ref=str(uuid.uuid4()), provider=submission.clip.provider,
            account=submission.connection.pk, key_version=submission.connection.key_version, outcome=Outcome.NOT_SENT,
            intent_at=claim.now, answered_at=claim.now,
        )  # fmt: skip


def accept(claim, submission: Submission, done: Submitted, *, was_found=False) -> bool:
    """The provider has it. False when its id belongs to another job already: then nothing is believed. LeaseLost, and
    nothing changed, when the attempt was given up meanwhile: nobody could ask after the job."""
    if not parsing.is_id(done.task_id):
        log.error("job %s: %s answered with an id that cannot be right", claim.job.pk, submission.name)
        return False
    # Read now, not from memory: an operator who gives a provider more time changes that of jobs accepted by then.
    said = ProviderOverride.objects.filter(provider=submission.engine.slug).first()
    traits, reason = (
        overrides.apply_row(submission.engine.declared, said),
        _found(claim.job) if was_found else "accepted",
    )
    try:
        with transaction.atomic():
            rows = Attempt.objects.filter(pk=submission.attempt.pk, outcome__in=[Outcome.OPEN, Outcome.AMBIGUOUS])
            facts = {"outcome": Outcome.ACCEPTED, "provider_task_id": done.task_id, "handle": done.handle}
            if not rows.update(**facts, answered_at=claim.now):
                raise LeaseLost
            claim.move_to(
                State.RUNNING,
                reason=f"{reason}|{submission.written}|{done.task_id[:60]}",
                started_at=Now(),
                deadline_at=Now() + timedelta(seconds=traits.deadline),
                next_run_at=Now() + timedelta(seconds=scale_pause(traits.first_poll)),
                progress_note="",  # of our own line, which is over
                is_in_line=True,  # until the first look says that it was begun
            )
            _works(submission)
    except IntegrityError:
        log.error("job %s: %s answered with the id of another job's task", claim.job.pk, submission.name)
        Attempt.objects.filter(pk=submission.attempt.pk).update(heard={})
        submission.attempt.heard = {}
        return False
    return True


def _found(job) -> str:
    """Nobody says that nothing was paid twice where an earlier try was given up: that one may have been paid too."""
    return "found_anew" if job.attempts.filter(outcome=Outcome.ABANDONED).exists() else "found"


def close(submission: Submission, outcome: str, error: RemoteError | None = None) -> None:
    """It made nothing. Who slept over its lease says so late: what another has found or given up stays as it is."""
    facts = {"outcome": outcome, "answered_at": Now()}
    if error is not None:
        facts["http_status"] = error.status
    Attempt.objects.filter(pk=submission.attempt.pk, outcome__in=[Outcome.OPEN, Outcome.AMBIGUOUS]).update(**facts)


def pause(submission: Submission, error: RemoteError) -> None:
    """The account itself is in trouble: nothing more is sent through it for a while, and its owner reads why; of the
    site's own, operators do."""
    refusal_messages.strike(error, submission.clip)
    is_news = connection_health.refused(submission.connection, error, paused_until=Now() + PAUSE)
    if is_news and submission.connection.scope == "site":
        facts = (submission.connection.pk, submission.engine.slug, error.fault, error.code)
        log.error("the site's own account %s at %s is refused (%s, %s): nothing is sent through it", *facts)


def rest(connection: Connection, seconds: float | None) -> None:
    """Where the provider named a time: until then nothing is sent through the account, whichever job is next."""
    if not seconds:
        return
    until = Now() + timedelta(seconds=seconds)
    awake = Connection.objects.filter(Q(paused_until=None) | Q(paused_until__lt=until), pk=connection.pk)
    awake.update(paused_until=until)


def scale_pause(seconds: float) -> float:
    """Tests shorten every pause: by itself, or with the one request (settings.PROVIDER_SECONDS, 45 by default)."""
    return seconds * min(1.0, settings.PROVIDER_PACE or settings.PROVIDER_SECONDS / 45)


def failed(submission: Submission, error: RemoteError, *, was_accepted: bool) -> StepFailed:
    """The end of a job by what the provider said, with its words about money."""
    refusal_messages.strike(error, submission.clip)
    money = money_words(submission, was_accepted=was_accepted, was_made=refusal_messages.was_made(error))
    words = f"{refusal_messages.words(error, submission.name)} {money}"
    log.info("job %s: %s: %s", submission.job.pk, submission.name, error.for_log)
    return StepFailed(error.fault.value, words, charge=charge(submission, was_accepted=was_accepted))


def charge(submission: Submission, *, was_accepted: bool, was_made: bool | None = False) -> int:
    """What a job costs that did not end well, by the provider's declared rule; None: nobody knows if it was made."""
    billing = submission.engine.traits.billing
    is_billed = was_accepted and (billing == Billing.SUBMIT or (was_made and billing == Billing.SUCCESS))
    return submission.job.price if is_billed else 0


def money_words(submission: Submission, *, was_accepted: bool, was_made: bool | None = False) -> str:
    """Whether money was spent, never more certain than the provider's declared rule makes it, and than what is known
    of the film: of what went out of sight while it was made (None) nobody can say that it was never finished."""
    billing, names = submission.engine.traits.billing, {"provider": submission.name}
    is_own, job = submission.connection.scope != "site", submission.job
    if not was_accepted or billing == Billing.FREE:
        return unspent_words(job)
    if billing == Billing.SUCCESS and was_made is False:
        free = _("%(provider)s charges only for finished videos, so nothing was charged.") % names
        return unspent_words(job, free)
    if billing == Billing.UNDECLARED or (billing == Billing.SUCCESS and was_made is None):
        if not is_own:
            return unspent_words(job)
        words = _("Your %(provider)s account may have been charged once.") % names
    else:
        words = (_("Your %(provider)s account was charged for this.") if is_own else _("This job was charged.")) % names
    return f"{words} {earlier_words(job)}".strip()


def _works(submission: Submission) -> None:
    """An account that takes a request works, whatever a test said of it before; one that is known to is not written to.

    A time that the provider named is kept: only what was paused for trouble goes on at once.
    """
    account, good = submission.connection, Connection.Health.GOOD
    if (account.health, account.last_error) == (good, ""):
        return
    until = Case(When(health=Connection.Health.BROKEN, then=None), default=F("paused_until"))
    same_key = Connection.objects.filter(pk=account.pk, key_version=submission.attempt.key_version)
    same_key.update(health=good, last_error="", paused_until=until)


def is_key_refused(error: RemoteError) -> bool:
    return error.fault in (Fault.AUTH, Fault.QUOTA)
