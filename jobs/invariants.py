"""What must be true whenever one looks: money, jobs and their bond. Upper floors add what they promise."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Now

from accounts.models import Entry, Hold, Wallet
from jobs.models import Attempt, Job, State

BUCKETS = ("available", "reserved", "spent")
_checks: dict[str, Callable[[], Iterable[str]]] = {}
_slow: set[str] = set()


def register(name: str, check: Callable[[], Iterable[str]], *, is_slow: bool = False) -> None:
    """``check()`` gives a sentence for each thing that is wrong; ``is_slow`` if it reads more than rows."""
    _checks[name] = check
    if is_slow:
        _slow.add(name)


def broken(*, only_quick: bool = False) -> list[str]:
    """Every promise that does not hold, as sentences; nothing when all is well."""
    asked = {name: check for name, check in _checks.items() if not (only_quick and name in _slow)}
    return [f"{name}: {sentence}" for name, check in asked.items() for sentence in check()]


def movements_add_up() -> Iterator[str]:
    sums = Entry.objects.values("txn").annotate(total=Sum("amount")).exclude(total=0)
    for row in sums.order_by():
        yield f"the movement {row['txn']} adds up to {row['total']}, not to nothing"


def wallets_match_movements() -> Iterator[str]:
    sums = {f"sum_{name}": Sum("entries__amount", filter=Q(entries__bucket=name), default=0) for name in BUCKETS}
    for wallet in Wallet.objects.annotate(**sums):
        for name in BUCKETS:
            if getattr(wallet, name) != getattr(wallet, f"sum_{name}"):
                yield f"wallet {wallet.pk} says {getattr(wallet, name)} {name}, its movements say otherwise"


def nothing_is_negative() -> Iterator[str]:
    overdrawn = Q(is_unlimited=False, available__lt=0) | Q(reserved__lt=0) | Q(spent__lt=0)
    for wallet in Wallet.objects.filter(overdrawn):
        yield f"wallet {wallet.pk} is below zero"


def ended_jobs_are_paid_once() -> Iterator[str]:
    ended = Job.objects.ended()
    closed = Hold.objects.exclude(state=Hold.State.HELD).values("job_id")
    for pk in ended.exclude(pk__in=closed).values_list("pk", flat=True):
        yield f"job {pk} has ended but its money is neither settled nor given back"
    closing = Entry.objects.filter(kind__in=["settle", "release"], bucket="reserved").values("job_id")
    for row in closing.annotate(n=Count("pk")).filter(n__gt=1).order_by():
        yield f"job {row['job_id']} was settled or given back {row['n']} times"


def held_money_belongs_to_work() -> Iterator[str]:
    held = Hold.objects.filter(state=Hold.State.HELD)
    for hold in held.exclude(job_id__in=Job.objects.active().values("pk")):
        yield f"{hold.amount} is held for job {hold.job_id}, which is not being made"


def one_purchase_a_job() -> Iterator[str]:
    bought = Attempt.objects.filter(outcome=Attempt.Outcome.ACCEPTED).values("job_id").annotate(n=Count("pk"))
    for row in bought.filter(n__gt=1).order_by():
        yield f"job {row['job_id']} was accepted {row['n']} times by its provider"


def nothing_is_forgotten() -> Iterator[str]:
    late = Job.objects.active().exclude(state=State.STUCK).filter(next_run_at__lt=Now() - timedelta(hours=1))
    unheld = late.filter(Q(lease_until=None) | Q(lease_until__lt=Now()))
    for pk in unheld.values_list("pk", flat=True):
        yield f"job {pk} has been due for more than an hour"


def history_matches_state() -> Iterator[str]:
    for job in Job.objects.active().annotate(begun=Count("events")).filter(begun=0):
        yield f"job {job.pk} has no history"
    for job in Job.objects.ended().filter(price_charged__gt=F("price_reserved")):
        yield f"job {job.pk} was charged more than was kept aside for it"


register("I1 movements add up", movements_add_up)
register("I2 wallets match their movements", wallets_match_movements)
register("I3 nothing is negative", nothing_is_negative)
register("I4 ended jobs are paid for once", ended_jobs_are_paid_once)
register("I5 held money belongs to work", held_money_belongs_to_work)
register("I6 one purchase a job", one_purchase_a_job)
register("I9 nothing is forgotten", nothing_is_forgotten)
register("history", history_matches_state)
