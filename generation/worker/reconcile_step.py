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
from generation.worker.submission import Errand, Outcome, accept, close, errand, paced, with_key
from jobs import recovery
from jobs.models import Attempt, State

LOOKS_AT = (60.0, 120.0, 240.0, 420.0, 900.0)  # seconds after the request went out
LOOKS = 3  # so many times not seen, over at least five minutes, prove absence where the provider's list is complete
SLOW = 3600.0
A_LITTLE = timedelta(seconds=30)  # less than by what a moment lies ahead that is taken for now (jobs/worker/clock.py)


def find(claim):
    """Submitting: somebody committed the intent and did not come back with an answer."""
    trip = errand(claim.job)
    if trip.attempt is None:
        return claim.move_to(State.QUEUED, reason=f"not_sent|{trip.written}")
    Attempt.objects.filter(pk=trip.attempt.pk, outcome=Outcome.OPEN).update(outcome=Outcome.AMBIGUOUS)
    found = look(claim, trip)
    if isinstance(found, Submitted) and accept(claim, trip, found, was_found=True):
        return None
    if trip.manners.recovery == Recovery.NONE:
        return _give_up_looking(claim, trip)
    if found == Search.ABSENT and _is_proven(claim, trip):
        return _was_never_made(claim, trip)
    age = _age(claim, trip)
    next_look = next((at for at in map(paced, LOOKS_AT) if at > age), None)
    if next_look is None and found == Search.ABSENT and _may_be_proven(trip):
        next_look = age + paced(LOOKS_AT[0])  # nobody looked in time, as after an outage: a few looks settle it yet
    if next_look is None:
        return _give_up_looking(claim, trip)
    note = _("%(provider)s did not respond; checking") % {"provider": trip.name}
    return claim.wait(next_look - age, progress=0, note=note)


@transaction.atomic
def _was_never_made(claim, trip: Errand) -> None:
    """Both or nothing: who slept over its lease must not close what another is about to find."""
    close(trip, Outcome.ABSENT)
    claim.move_to(State.QUEUED, reason=f"absent|{trip.written}")


def _give_up_looking(claim, trip: Errand) -> None:
    later = Now() + timedelta(seconds=paced(900))
    reason = "cannot_ask" if trip.manners.recovery == Recovery.NONE else "no_answer"
    claim.move_to(State.UNKNOWN, reason=f"{reason}|{trip.written}", next_run_at=later)


def look_again(claim):
    """Unknown: keep looking, slowly, until somebody decides or the wait is over. What was heard of meanwhile is never
    given up: it may be paid for, and nothing else would bring it."""
    trip = errand(claim.job)
    if trip.attempt and (told := late_answers.told(trip.attempt)) and accept(claim, trip, told, was_found=True):
        return None
    if claim.job.cancel_requested_at:
        return recovery.give_up(claim, reason="released")
    is_over = claim.now - claim.job.state_since > timedelta(hours=settings.UNKNOWN_HOURS)
    if trip.attempt is None and not is_over:
        return claim.move_to(State.QUEUED, reason=f"not_sent|{trip.written}")
    found = look(claim, trip) if trip.attempt else None  # also when it is over: this machine may have been off till now
    if isinstance(found, Submitted) and accept(claim, trip, found, was_found=True):
        return None
    if is_over:
        return recovery.give_up(claim, reason="auto_released")
    if found == Search.ABSENT and _is_proven(claim, trip):
        return _was_never_made(claim, trip)
    return claim.wait(paced(SLOW if _age(claim, trip) > paced(6 * SLOW) else SLOW / 4))


def look(claim, trip: Errand) -> Submitted | Search:
    """One read-only look, by an answer or a callback that named us, or by the provider's own list."""
    attempt = trip.attempt
    if told := late_answers.told(attempt):
        return told
    if trip.manners.recovery == Recovery.NONE:
        return Search.UNDECIDED
    try:
        asked = composed(clip_request(trip.clip))  # its words say which it is: no look waits for a file or a full disk
        found = with_key(claim, trip, lambda account: reconcile.look(trip.engine, account, attempt, trip.clip, asked))
    except (NotSent, NoAnswer, RemoteError):
        return Search.UNDECIDED
    if found == Search.ABSENT and _age(claim, trip) > 2 * settings.PROVIDER_SECONDS:
        Attempt.objects.filter(pk=attempt.pk).update(looks=F("looks") + 1)
        attempt.refresh_from_db(fields=["looks"])
    return found


def _is_proven(claim, trip: Errand) -> bool:
    is_old = _age(claim, trip) >= max(paced(300), 2 * settings.PROVIDER_SECONDS)
    return is_old and trip.attempt.looks >= LOOKS and _may_be_proven(trip)


def _may_be_proven(trip: Errand) -> bool:
    """A list is searched by the time. Where the history, which nobody rewrites, has it sent at another one, the clock
    was set back since: what is not seen where it is looked for then may be made and paid."""
    if not trip.manners.absence_is_proof or trip.manners.recovery != Recovery.LIST:
        return trip.manners.absence_is_proof
    sent, at = trip.job.events.filter(old=State.QUEUED, new=State.SUBMITTING), trip.attempt.intent_at
    return sent.filter(at__range=(at - A_LITTLE, at + A_LITTLE)).exists()


def _age(claim, trip: Errand) -> float:
    """Seconds since it was sent; none where the clock was set back since, so that nobody waits for the old time."""
    return max(0.0, (claim.now - trip.attempt.intent_at).total_seconds())
