"""When somebody sets the database's clock back, nothing waits for the moment that it said before (ADR 9)."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from jobs.lifecycle.lease import lease
from jobs.models import Attempt, Job, State

LONGEST_WAIT = timedelta(minutes=20)  # none is written for longer: what goes on past its time is asked after every 15
UNKNOWN_WAIT = timedelta(minutes=75)  # but for those: what is unknown is looked at hourly
LONGEST_LEASE = timedelta(minutes=30)  # nor any lease: to bring nine files to a provider takes half as long
LONGEST_TIME = timedelta(days=3)  # the most that operators give a provider for one clip
A_LITTLE = timedelta(minutes=1)
REQUESTS = 40  # that last as long as requests may, in one lease: with an operator who gives them more, that is longer
LONGEST_CALL = timedelta(minutes=11)  # a provider that answers when the film is made may take ten


def mend() -> None:
    """Nobody waits for what the clock said before somebody set it back. Reading waits for no writer: only what is found
    is written."""
    jobs = Job.objects.active()
    if jobs.filter(_waits_too_long() | _is_held_too_long()).exists():
        _look_soon(jobs)
    if jobs.filter(_is_counted_from_ahead()).exists() or _sent_ahead().exists():
        _count_from_now(jobs)


def _look_soon(jobs) -> None:
    """Have looked at soon what waits for a moment that lies further ahead than any wait.

    A lease that can only be of before the step is cut: who has slept or died holds it no longer, and who works on finds
    its fence taken at most, as after any lease that ended early. Who may be in the middle of the one request that buys
    has as long as such a request may take: nobody else is to look for what its answer still brings.
    """
    jobs.filter(_waits_too_long()).update(next_run_at=Now())
    held = jobs.filter(_is_held_too_long())
    held.filter(state=State.SUBMITTING).update(lease_until=Now() + max(LONGEST_CALL, lease()))
    held.exclude(state=State.SUBMITTING).update(lease_until=Now() + lease())


def _count_from_now(jobs) -> None:
    """What is counted from a moment that has not come yet began no later than now: else money would be held until a
    wrong year has come. When something was sent, its job's history goes on saying by the clock of then."""
    late = Now() + A_LITTLE
    live = Attempt.objects.filter(outcome__in=Attempt.LIVE, job__in=jobs)
    live.filter(answered_at__gt=late).update(answered_at=Now())
    _sent_ahead().update(intent_at=Now())
    jobs.filter(state_since__gt=late).update(state_since=Now())
    jobs.filter(deadline_at__gt=Now() + LONGEST_TIME).update(deadline_at=Now() + LONGEST_TIME)


def _is_counted_from_ahead() -> Q:
    return Q(state_since__gt=Now() + A_LITTLE) | Q(deadline_at__gt=Now() + LONGEST_TIME)


def _sent_ahead():
    """Submissions that may still bring something and that the clock says will only be sent."""
    live = Attempt.objects.filter(outcome__in=Attempt.LIVE, job__in=Job.objects.active())
    return live.filter(intent_at__gt=Now() + A_LITTLE)


def _waits_too_long() -> Q:
    unknown = Q(state=State.UNKNOWN)
    return Q(~unknown, next_run_at__gt=Now() + LONGEST_WAIT) | Q(unknown, next_run_at__gt=Now() + UNKNOWN_WAIT)


def _is_held_too_long() -> Q:
    """Longer than any step asks for, and than what a lease is cut to: nobody's is made longer again and again."""
    longest = max(LONGEST_LEASE, timedelta(seconds=REQUESTS * settings.PROVIDER_SECONDS), 2 * lease())
    return Q(lease_until__gt=Now() + longest)
