"""Search for submissions whose response was lost. Nothing is resent without proof that the submission does not exist.

A provider's list shows prompts, times and sometimes seeds, but no users. Where one account serves many users, a task
may match the submissions of several users: such a task is given to none of them.
"""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from common.messages import build_message
from generation.clip_spec import ClipSpec, build_clip_request
from generation.models import Clip, TaskTombstone
from generation.providers.awaited_attempts import SEARCH_PERIOD
from generation.providers.base import ClipRequest
from generation.providers.connections.open_connection import call_with_newest_key
from generation.providers.errors import NoAnswer, NotSent, RemoteError
from generation.providers.models import Connection, WebhookEvent
from generation.providers.prompt import compose_prompt
from generation.providers.registry import providers
from generation.providers.remote import Lost, OpenConnection, Recovery, RemoteProvider, Search, Submitted
from generation.worker import late_results
from generation.worker.connection_pause import scale_pause
from generation.worker.submission import (
    LEASE_REQUESTS,
    Outcome,
    Submission,
    accept,
    call_with_key,
    close,
    get_remote_provider,
    load_submission,
)
from jobs.lifecycle import recovery
from jobs.models import Attempt, State

SEARCH_TIMES = (60.0, 120.0, 240.0, 420.0, 900.0)  # seconds after the request was sent
PROVING_SEARCHES = 3  # misses over at least five minutes that prove absence, where the provider's list is complete
SLOW_INTERVAL = 3600.0  # seconds
CLOCK_TOLERANCE = timedelta(seconds=30)
ABANDONED_AT_ONCE = 50


def find_submission(lease):
    """Search for a submission whose intent was committed and whose response was not recorded (state SUBMITTING)."""
    submission = load_submission(lease.job)
    if submission.attempt is None:
        return lease.move_to(State.QUEUED, reason=f"not_sent|{submission.english_label}")
    Attempt.objects.filter(pk=submission.live_attempt.pk, outcome=Outcome.OPEN).update(outcome=Outcome.AMBIGUOUS)
    found = search(lease, submission)
    if isinstance(found, Submitted) and accept(lease, submission, found, was_found=True):
        return None
    if submission.traits.recovery == Recovery.NONE:
        return _move_to_unknown(lease, submission)
    if found == Search.ABSENT and _is_proven_absent(lease, submission):
        return _requeue_absent(lease, submission)
    age = _compute_age(lease, submission)
    next_search = next((at for at in map(scale_pause, SEARCH_TIMES) if at > age), None)
    if next_search is None and found == Search.ABSENT and _can_prove_absence(submission):
        next_search = age + scale_pause(SEARCH_TIMES[0])  # after an outage: a few late searches may still prove it
    if next_search is None:
        return _move_to_unknown(lease, submission)
    note = build_message("unanswered", provider=submission.english_label)
    return lease.wait(next_search - age, progress=0, note=note)


@transaction.atomic
def _requeue_absent(lease, submission: Submission) -> None:
    """Close the attempt and queue the job, or neither: another worker may be about to find the submission."""
    close(submission, Outcome.ABSENT)
    lease.move_to(State.QUEUED, reason=f"absent|{submission.english_label}")


def _move_to_unknown(lease, submission: Submission) -> None:
    later = Now() + timedelta(seconds=scale_pause(900))
    code = "cannot_ask" if submission.traits.recovery == Recovery.NONE else "no_answer"
    lease.move_to(State.UNKNOWN, reason=f"{code}|{submission.english_label}", next_run_at=later)


def search_again(lease):
    """Search slowly for a submission in state UNKNOWN, until a user decides or UNKNOWN_HOURS are over.

    A submission that was reported meanwhile is never given up: it may be paid.
    """
    submission = load_submission(lease.job)
    reported = late_results.find_reported_submission(submission.attempt) if submission.attempt else None
    if reported and accept(lease, submission, reported, was_found=True):
        return None
    if lease.job.cancel_requested_at:
        return recovery.give_up(lease, reason="released")
    is_over = lease.now - lease.job.state_since > timedelta(hours=settings.UNKNOWN_HOURS)
    if submission.attempt is None and not is_over:
        return lease.move_to(State.QUEUED, reason=f"not_sent|{submission.english_label}")
    found = search(lease, submission) if submission.attempt else None  # once more when over: we may have been offline
    if isinstance(found, Submitted) and accept(lease, submission, found, was_found=True):
        return None
    if is_over:
        return recovery.give_up(lease, reason="auto_released")
    if found == Search.ABSENT and _is_proven_absent(lease, submission):
        return _requeue_absent(lease, submission)
    is_old = _compute_age(lease, submission) > scale_pause(6 * SLOW_INTERVAL)
    return lease.wait(scale_pause(SLOW_INTERVAL if is_old else SLOW_INTERVAL / 4))


def search(lease, submission: Submission) -> Submitted | Search:
    """Search for the submission once: first in the reports that we received, then in the provider's own records."""
    attempt = submission.live_attempt
    if reported := late_results.find_reported_submission(attempt):
        return reported
    if submission.traits.recovery == Recovery.NONE:
        return Search.UNDECIDED
    request = compose_prompt(build_clip_request(submission.clip))  # without files: a search must not wait for storage
    try:
        found = call_with_key(
            lease,
            submission,
            lambda opened: search_provider(submission.engine, opened, attempt, submission.clip, request),
        )
    except (NotSent, NoAnswer, RemoteError):
        return Search.UNDECIDED
    if found == Search.ABSENT and _compute_age(lease, submission) > 2 * settings.PROVIDER_SECONDS:
        Attempt.objects.filter(pk=attempt.pk).update(searches=F("searches") + 1)
        attempt.refresh_from_db(fields=["searches"])
    return found


def _is_proven_absent(lease, submission: Submission) -> bool:
    is_old = _compute_age(lease, submission) >= max(scale_pause(300), 2 * settings.PROVIDER_SECONDS)
    return is_old and submission.live_attempt.searches >= PROVING_SEARCHES and _can_prove_absence(submission)


def _can_prove_absence(submission: Submission) -> bool:
    """Return whether searches without a match can prove that the submission does not exist.

    Lists are searched by time. If the job's history, which is never rewritten, has another time for the submission, the
    clock was set back since, and the search may look in the wrong place.
    """
    if not submission.traits.absence_is_proof or submission.traits.recovery != Recovery.LIST:
        return submission.traits.absence_is_proof
    sent, at = submission.job.events.filter(old=State.QUEUED, new=State.SUBMITTING), submission.live_attempt.intent_at
    return sent.filter(at__range=(at - CLOCK_TOLERANCE, at + CLOCK_TOLERANCE)).exists()


def _compute_age(lease, submission: Submission) -> float:
    """Return the seconds since the submission; 0 if the clock was set back since, which must not delay searches."""
    return max(0.0, (lease.now - submission.live_attempt.intent_at).total_seconds())


def search_provider(engine: RemoteProvider, opened: OpenConnection, attempt: Attempt, clip: Clip, request: ClipRequest):
    """Search the provider once. Returns UNDECIDED if another job could own the match."""
    recovery = engine.traits_of(clip.model).recovery
    if recovery not in (Recovery.OWN_ID, Recovery.LIST):
        return Search.UNDECIDED
    is_taken = partial(late_results.is_taken, attempt)
    found = engine.find(opened, Lost(attempt.client_ref, attempt.intent_at, request, attempt.handle, is_taken))
    if recovery == Recovery.LIST and isinstance(found, Submitted) and _is_ambiguous(attempt, clip, found):
        return Search.UNDECIDED
    return found


def _is_ambiguous(attempt: Attempt, clip: Clip, found: Submitted) -> bool:
    """Return whether another unanswered submission, or one whose job was deleted, could own the task."""
    server = late_results.find_server(Connection.objects.filter(pk=attempt.connection_id).first())
    tombstones = TaskTombstone.objects.filter(provider=attempt.provider).at_server(server)
    if tombstones.unnamed_near(clip.model, attempt.intent_at).exists():
        return True
    others = _find_similar_attempts(attempt, clip)
    return any(_could_own(other, other_clip, clip, found) for other, other_clip in others)


def _could_own(other: Attempt, other_clip: Clip, clip: Clip, found: Submitted) -> bool:
    """Return whether the task may belong to the other attempt.

    Takes of one request by one user are interchangeable, unless the response to the other may still arrive.
    """
    if reported := late_results.find_reported_submission(other):
        return reported.task_id == found.task_id
    may_be_answered = other.is_young and other_clip.prompt == clip.prompt
    return may_be_answered or not _is_same_request(other_clip, clip)


def _is_same_request(first: Clip, second: Clip) -> bool:
    """Return whether the clips have the same user, sources and settings. Prompt and seed are ignored, since one of them
    was matched before; provider and model too, since a retry may have changed them."""
    ignored: dict[str, Any] = {"prompt": "", "seed": None, "provider": "", "model": ""}
    specs = [replace(ClipSpec.from_clip(clip), **ignored) for clip in (first, second)]
    users = {(clip.workspace_id, clip.created_by_id) for clip in (first, second)}
    return len(users) == 1 and specs[0].fingerprint() == specs[1].fingerprint()


def _find_similar_attempts(attempt: Attempt, clip: Clip) -> list[tuple[Attempt, Clip]]:
    """Return other unanswered attempts through the connection whose clips have the same prompt or the same seed, since
    some lists show nothing else, with these clips. ``is_young``: the request may still be in progress."""
    open_since = Now() - timedelta(seconds=LEASE_REQUESTS * settings.PROVIDER_SECONDS)
    young = Q(outcome=Outcome.OPEN, intent_at__gt=open_since)
    abandoned = late_results.list_abandoned_attempts().filter(intent_at__gt=Now() - SEARCH_PERIOD)
    waiting = Q(outcome__in=[Outcome.OPEN, Outcome.AMBIGUOUS]) | Q(pk__in=abandoned.values("pk"))
    rows = Attempt.objects.filter(waiting, connection_id=attempt.connection_id, job__model=clip.model).exclude(
        pk=attempt.pk
    )
    rows = rows.select_related("job").annotate(is_young=ExpressionWrapper(young, BooleanField()))
    clip_ids = {other: other.job.params.get("clip") for other in rows}
    alike = Clip.objects.filter(Q(prompt=clip.prompt) | Q(seed=clip.seed))
    clips = {str(row.pk): row for row in alike.filter(pk__in=filter(None, clip_ids.values()))}
    return [(other, clips[clip_id]) for other, clip_id in clip_ids.items() if clip_id in clips]


def search_abandoned() -> None:
    """Search for submissions that were given up within SEARCH_PERIOD: a few at a time, least recently searched first.

    Submissions to providers that cannot be searched are included if a task was reported for them.
    """
    called = WebhookEvent.objects.filter(connection=OuterRef("connection_id"), ref=OuterRef("client_ref"))
    searchable = [
        slug
        for slug, engine in providers().items()
        if not engine.is_local and engine.traits.recovery in (Recovery.OWN_ID, Recovery.LIST)
    ]
    can_be_found = Q(provider__in=searchable) | ~Q(response={}) | Exists(called.exclude(task_id=""))
    rows = late_results.list_abandoned_attempts().filter(can_be_found, intent_at__gt=timezone.now() - SEARCH_PERIOD)
    for attempt in rows.order_by(F("reconcile_after").asc(nulls_first=True), "-intent_at")[:ABANDONED_AT_ONCE]:
        Attempt.objects.filter(pk=attempt.pk).update(reconcile_after=timezone.now())
        found = late_results.find_reported_submission(attempt) or _search_abandoned_attempt(attempt)
        if isinstance(found, Submitted):
            late_results.keep_late_result(attempt, found)


def _search_abandoned_attempt(attempt: Attempt) -> Submitted | Search:
    connection = Connection.objects.filter(pk=attempt.connection_id).first()
    clip = late_results.load_sent_clip(attempt)
    if connection is None or clip is None or attempt.provider not in providers():
        return Search.UNDECIDED
    engine = get_remote_provider(attempt.provider)
    request = compose_prompt(build_clip_request(clip))
    try:
        return call_with_newest_key(
            attempt, connection, lambda opened: search_provider(engine, opened, attempt, clip, request)
        )
    except (NotSent, NoAnswer, RemoteError):
        return Search.UNDECIDED
