"""Submitting and unknown: look for a submission whose answer was lost. Nothing is sent again without proof."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from generation.clip_spec import clip_request
from generation.providers.errors import NoAnswer, NotSent, RemoteError
from generation.providers.prompt import composed
from generation.providers.remote import Recovery, Search, Submitted
from generation.worker import late_answers, reconcile
from generation.worker.submission import Outcome, Submission, accept, call_with_key, close, load_submission, scale_pause
from jobs import recovery
from jobs.models import Attempt, State

LOOKS_AT = (60.0, 120.0, 240.0, 420.0, 900.0)  # seconds after the request went out
LOOKS = 3  # so many times not seen, over at least five minutes, prove absence where the provider's list is complete
SLOW = 3600.0
A_LITTLE = timedelta(seconds=30)  # less than by what a moment lies ahead that is taken for now (jobs/worker/clock.py)


def find(claim):
    """Submitting: somebody committed the intent and did not come back with an answer."""
    submission = load_submission(claim.job)
    if submission.attempt is None:
        return claim.move_to(State.QUEUED, reason=f"not_sent|{submission.english_label}")
    Attempt.objects.filter(pk=submission.attempt.pk, outcome=Outcome.OPEN).update(outcome=Outcome.AMBIGUOUS)
    found = look(claim, submission)
    if isinstance(found, Submitted) and accept(claim, submission, found, was_found=True):
        return None
    if submission.traits.recovery == Recovery.NONE:
        return _give_up_looking(claim, submission)
    if found == Search.ABSENT and _is_proven(claim, submission):
        return _was_never_made(claim, submission)
    age = _age(claim, submission)
    next_look = next((at for at in map(scale_pause, LOOKS_AT) if at > age), None)
    if next_look is None and found == Search.ABSENT and _may_be_proven(submission):
        next_look = age + scale_pause(
            LOOKS_AT[0]
        )  # nobody looked in time, as after an outage: a few looks settle it yet
    if next_look is None:
        return _give_up_looking(claim, submission)
    note = _("%(provider)s did not respond; checking") % {"provider": submission.label}
    return claim.wait(next_look - age, progress=0, note=note)


@transaction.atomic
def _was_never_made(claim, submission: Submission) -> None:
    """Both or nothing: who slept over its lease must not close what another is about to find."""
    close(submission, Outcome.ABSENT)
    claim.move_to(State.QUEUED, reason=f"absent|{submission.english_label}")


def _give_up_looking(claim, submission: Submission) -> None:
    later = Now() + timedelta(seconds=scale_pause(900))
    reason = "cannot_ask" if submission.traits.recovery == Recovery.NONE else "no_answer"
    claim.move_to(State.UNKNOWN, reason=f"{reason}|{submission.english_label}", next_run_at=later)


def look_again(claim):
    """Unknown: keep looking, slowly, until somebody decides or the wait is over. What was heard of meanwhile is never
    given up: it may be paid for, and nothing else would bring it."""
    submission = load_submission(claim.job)
    if (
        submission.attempt
        and (told := late_answers.told(submission.attempt))
        and accept(claim, submission, told, was_found=True)
    ):
        return None
    if claim.job.cancel_requested_at:
        return recovery.give_up(claim, reason="released")
    is_over = claim.now - claim.job.state_since > timedelta(hours=settings.UNKNOWN_HOURS)
    if submission.attempt is None and not is_over:
        return claim.move_to(State.QUEUED, reason=f"not_sent|{submission.english_label}")
    found = (
        look(claim, submission) if submission.attempt else None
    )  # also when it is over: this machine may have been off till now
    if isinstance(found, Submitted) and accept(claim, submission, found, was_found=True):
        return None
    if is_over:
        return recovery.give_up(claim, reason="auto_released")
    if found == Search.ABSENT and _is_proven(claim, submission):
        return _was_never_made(claim, submission)
    return claim.wait(scale_pause(SLOW if _age(claim, submission) > scale_pause(6 * SLOW) else SLOW / 4))


def look(claim, submission: Submission) -> Submitted | Search:
    """One read-only look, by an answer or a callback that named us, or by the provider's own list."""
    attempt = submission.attempt
    if told := late_answers.told(attempt):
        return told
    if submission.traits.recovery == Recovery.NONE:
        return Search.UNDECIDED
    try:
        asked = composed(
            clip_request(submission.clip)
        )  # its words say which it is: no look waits for a file or a full disk
        found = call_with_key(
            claim,
            submission,
            lambda account: reconcile.look(submission.engine, account, attempt, submission.clip, asked),
        )
    except (NotSent, NoAnswer, RemoteError):
        return Search.UNDECIDED
    if found == Search.ABSENT and _age(claim, submission) > 2 * settings.PROVIDER_SECONDS:
        Attempt.objects.filter(pk=attempt.pk).update(looks=F("looks") + 1)
        attempt.refresh_from_db(fields=["looks"])
    return found


def _is_proven(claim, submission: Submission) -> bool:
    is_old = _age(claim, submission) >= max(scale_pause(300), 2 * settings.PROVIDER_SECONDS)
    return is_old and submission.attempt.looks >= LOOKS and _may_be_proven(submission)


def _may_be_proven(submission: Submission) -> bool:
    """A list is searched by the time. Where the history, which nobody rewrites, has it sent at another one, the clock
    was set back since: what is not seen where it is looked for then may be made and paid."""
    if not submission.traits.absence_is_proof or submission.traits.recovery != Recovery.LIST:
        return submission.traits.absence_is_proof
    sent, at = submission.job.events.filter(old=State.QUEUED, new=State.SUBMITTING), submission.attempt.intent_at
    return sent.filter(at__range=(at - A_LITTLE, at + A_LITTLE)).exists()


def _age(claim, submission: Submission) -> float:
    """Seconds since it was sent; none where the clock was set back since, so that nobody waits for the old time."""
    return max(0.0, (claim.now - submission.attempt.intent_at).total_seconds())
