"""Kinds of job: their names, their steps, and methods that update what a job belongs to, such as its clip or film.

Each app contributes its kinds (jobs.hooks); ``kind_of(job)`` finds the kind of a job.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext

from accounts.billing.hooks import BillingHooks
from accounts.billing.models import Payer
from common.messages import build_message
from jobs.hooks import JobHooks
from jobs.models import Job, State
from jobs.status import JobStatus


@dataclass(frozen=True)
class UnansweredSubmission:
    """A submission that got no answer: how its outcome may still become known, and what it may have cost.

    ``source`` is "search" if the studio keeps looking for the submission at the provider, "callback" if only the
    provider can report it, else "none". ``is_site``: the connection belongs to the studio. ``is_free``: the provider
    bills nothing. ``earlier``: number of earlier unanswered submissions that may have been charged as well.
    """

    source: str = "search"
    is_site: bool = False
    is_free: bool = False
    earlier: int = 0

    @property
    def is_repeated(self) -> bool:
        return self.earlier > 0

    @property
    def may_cost(self) -> bool:
        """Return whether a user's own account at the provider may have been charged."""
        return not (self.is_site or self.is_free)


@dataclass(frozen=True)
class RetryTerms:
    """The price of a retry for one user, and its connection. All empty for local jobs.

    ``connection`` is the id of the connection, ``price`` the price as text (or, if ``is_priced`` is false, a text that
    says that the price is unknown), ``note`` says whose account is billed, ``after`` what the price leaves to spend.
    ``is_own``: the user's or the workspace's account is billed, not the site's.
    """

    connection: str = ""
    price: str = ""
    note: str = ""
    is_priced: bool = True
    after: str = ""
    is_own: bool = False


@dataclass(frozen=True)
class JobStory:
    """The story that a job belongs to. ``scene``: the number of the scene, if the job draws one."""

    pk: UUID
    title: str
    url: str
    scene: int | None = None


@dataclass(frozen=True)
class Link:
    """A link on a job to what a user can do about it."""

    url: str
    label: str
    icon: str
    is_external: bool = False


STATE_LABELS = dict(State.choices)


class JobKind:
    """One kind of job. Subclasses set the attributes and override the methods that differ from these defaults.

    A local kind is worked on by this studio from start to end: without a step for QUEUED it enters RUNNING at once,
    without one for STORED it is READY at once. A remote kind is submitted to a provider; its RUNNING step is a poll,
    which the dispatcher takes itself.
    The ``on_…`` methods run inside the transaction of the change that they follow.
    """

    name: str = ""
    label: Any = ""  # translated lazily
    running_label: Any = ""  # of the state RUNNING, where "Drawing" does not fit: "Packing"
    steps: Mapping[str, Callable] = {}  # state → step(lease): one short step, which ends the lease
    long_wait_states: frozenset[str] = frozenset()  # a worker may wait long for another machine in these states …
    short_wait_states: frozenset[str] = frozenset()  # … and for a single answer in these
    is_known = True
    is_local = True
    may_buy = False  # a step may send a request that costs money, or request jobs that do
    is_retryable = True
    is_private = False  # only the user who created the job may see it, not all members of the workspace
    is_hidden = False  # listed nowhere: its jobs are created in the trash and purged when they are done
    is_measured = True  # whether earlier jobs say how long a new one takes
    is_system = False  # a test or a preparation: only the filter "System" lists its jobs

    def model_label(self, job: Job) -> str:
        """Return the name of the model that the job uses, or of what else works on the job."""
        return job.model or job.provider

    def provider_label(self, job: Job) -> str:
        """Return the name of the provider that bills the job."""
        return self.model_label(job)

    def cost_label(self, job: Job) -> str:
        """Return the cost as text, or "" if the job's own price fields say everything."""
        return ""

    def stopping_message(self, job: Job) -> str:
        """Return what happens to the job and to its price after a request to cancel it."""
        if self.is_local:
            return gettext("Cancelling. Nothing is charged for unfinished work.")
        return gettext("Asking the provider to cancel. The job will show what was charged or refunded.")

    def broken_message(self, job: Job) -> str:
        """Return the error message after a step broke on our side, or "" for the usual one: nothing was charged."""
        return ""

    def kept_message(self, job: Job) -> str:
        """Return a message if the user keeps a download-only result when the job is given up, else ""."""
        return ""

    def state_label(self, job: JobStatus) -> str:
        """Return the state of the job in a word or two."""
        if job.is_stopping:
            return gettext("Cancelling")
        if job.is_blocked:
            return gettext("Paused")
        if job.waits_at_provider:
            return str(State.QUEUED.label)
        if job.state == State.RUNNING and self.running_label:
            return str(self.running_label)
        if job.state == State.READY_DEGRADED:
            return gettext("Download only")
        return str(STATE_LABELS.get(job.state, job.state))

    def bill(self, job: Job) -> tuple[int, str]:
        """Return the charge (millionths) and the message for a job that a user or operator ends outside its steps."""
        return 0, build_message("not_charged")

    def price_today(self, job: Job) -> tuple[int, str]:
        """Return what a retry costs now, as (millionths, currency)."""
        return job.price_reserved, job.currency

    def retry_terms(self, job: Job, by) -> RetryTerms:
        """Return price and connection of a retry by that user."""
        return RetryTerms()

    def get_payer(self, job: Job, by) -> str:
        """Return who pays the provider if that user retries the job: a value of ``Payer``."""
        return Payer.SITE

    def is_repeated(self) -> Q | None:
        """Return a filter for jobs of this kind whose work other jobs show one by one; None if there are none.

        Lists omit these jobs, so that they show no work twice.
        """
        return None

    def prefetch(self, jobs: list[Job], by) -> None:
        """Load with few queries what ``retry_terms`` and ``price_today`` need of these jobs, and keep it on them."""

    def find_remedies(self, jobs: list[Job], by) -> dict[Any, list[Link]]:
        """Return job id → links to what the user can do about blocked jobs and refused requests, with few queries."""
        return {}

    def retryable_ids(self, jobs: list[Job]) -> set:
        """Return the ids of those jobs whose work still exists, so that they can be retried."""
        return {job.pk for job in jobs}

    def describe_unanswered(self, job: Job) -> UnansweredSubmission:
        """Return how the outcome of an unanswered submission may become known, and what it may have cost."""
        return UnansweredSubmission()

    def get_edit_url(self, job: Job) -> str:
        """Return the page with a form that has the job's settings, or "" if there is none."""
        return ""

    def check_resend(self, job: Job, by) -> None:
        """Raise JobRefused if that user may not resend a job whose submission got no answer."""

    def check_release(self, job: Job) -> None:
        """Raise JobRefused if the hold of a job whose submission got no answer may not be released."""

    def list_resumed_with(self, job: Job) -> list[Job]:
        """Return the other jobs that go on as well if a user resumes this blocked one."""
        return []

    def on_resume(self, job: Job) -> None:
        """React to a user's request to try a blocked job again at once."""

    def on_end(self, job: Job) -> None:
        """React to the end of the job, whatever its final state."""

    def on_retry(self, old: Job, new: Job) -> None:
        """Attach the retry ``new`` to what ``old`` belonged to. Raises JobRefused if ``old`` may not be retried."""

    def on_delete(self, job: Job) -> None:
        """React to the job being moved to the trash."""

    def on_restore(self, job: Job) -> None:
        """React to the job being restored from the trash."""

    def on_purge(self, job: Job) -> None:
        """Remove all references to the job, whose row is deleted next."""

    def prefetch_polls(self, jobs: list[Job], attempts: Mapping) -> None:
        """Load with few queries what the polls need, and keep it on the jobs. ``attempts``: job id → live attempt."""

    def import_answers(self) -> None:
        """Import provider responses that are only on this machine's disk. The dispatcher calls this in each tick."""

    def preload(self) -> None:
        """Load what the steps need into memory, before workers are forked. Must not open files or connections."""


class StudioJobKind(JobKind):
    """A kind that the studio itself works on, with no model and no provider."""

    def model_label(self, job: Job) -> str:
        return gettext("the studio")


class UnknownKind(JobKind):
    """A kind that no installed app has: an older or newer version may have created the job."""

    is_known = False
    is_retryable = False

    def __init__(self, name: str):
        self.name = self.label = name

    def retryable_ids(self, jobs: list[Job]) -> set:
        return set()


def by_name(*kinds: JobKind) -> dict[str, JobKind]:
    """Return the kinds by name, for ``JobHooks.kinds``."""
    return {kind.name: kind for kind in kinds}


def all_kinds() -> list[JobKind]:
    return list(JobHooks.merged("kinds").values())


def kind_named(name: str) -> JobKind:
    """Return the kind of that name, or an UnknownKind."""
    return JobHooks.merged("kinds").get(name) or UnknownKind(name)


def kind_of(job: Job) -> JobKind:
    """Return the kind of the job, or an UnknownKind."""
    return kind_named(job.kind)


def kind_label(name: str) -> str:
    return str(kind_named(name).label)


def provider_label(slug: str) -> str:
    """Return the label of a provider, or the slug if no app knows that provider."""
    return next((label for find in BillingHooks.values_of("provider_label") if (label := find(slug))), slug)


def remote_kinds() -> list[str]:
    """Return the names of the kinds whose RUNNING step is a poll."""
    return [kind.name for kind in all_kinds() if not kind.is_local]


def private_kinds() -> list[str]:
    """Return the names of the kinds that only the user who created the job may see."""
    return [kind.name for kind in all_kinds() if kind.is_private]


def kinds_labelled_like(name: str) -> list[str]:
    """Return the names of the kinds that users know by the same label, such as both kinds of clips."""
    label = kind_named(name).label
    return [kind.name for kind in all_kinds() if kind.label == label]


def hidden_kinds() -> list[str]:
    """Return the names of the kinds that are listed nowhere."""
    return [kind.name for kind in all_kinds() if kind.is_hidden]


def system_kinds() -> list[str]:
    """Return the names of the kinds of tests and preparations."""
    return [kind.name for kind in all_kinds() if kind.is_system]


def repeated_jobs() -> list[Q]:
    """Return filters for jobs whose work other jobs show, one for each kind that has such jobs."""
    found = {kind.name: kind.is_repeated() for kind in all_kinds()}
    return [Q(kind=name) & condition for name, condition in found.items() if condition is not None]


def retryable_ids(jobs: list[Job]) -> set:
    """Return the ids of those jobs, of any kind, whose work still exists."""
    return {pk for kind, some in _by_method("retryable_ids", jobs) for pk in kind.retryable_ids(some)}


def prefetch(jobs: list[Job], by) -> None:
    """Load what ``retry_terms`` and ``price_today`` need of these jobs, of any kind, with few queries."""
    for kind, some in _by_method("prefetch", jobs):
        kind.prefetch(some, by)


def add_remedies(jobs: list[Job], by) -> None:
    """Set ``remedies`` on each job: links to what the user ``by`` can do about it, of jobs of any kind."""
    groups = _by_method("find_remedies", jobs)
    found = {pk: links for kind, some in groups for pk, links in kind.find_remedies(some, by).items()}
    for job in jobs:
        job.remedies = found.get(job.pk, [])


def _by_method(name: str, jobs: list[Job]) -> list[tuple[JobKind, list[Job]]]:
    """Return kinds with their jobs. Kinds that inherit the same method share one call of it, and its queries."""
    groups: dict[Any, tuple[JobKind, list[Job]]] = {}
    for job in jobs:
        kind = kind_of(job)
        groups.setdefault(getattr(type(kind), name), (kind, []))[1].append(job)
    return list(groups.values())
