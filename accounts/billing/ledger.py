"""The only code that touches the ledger: reserve before work starts, settle or release when it ends.

Every amount is an integer, millionths of the currency. Guards are single UPDATE statements, so that two requests
in the same instant cannot spend the same money, on SQLite and on PostgreSQL. Everything may be called twice.
"""

import logging
import uuid

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext

from accounts.billing.models import Entry, Hold, Wallet
from accounts.billing.money import money
from accounts.models import Workspace

log = logging.getLogger(__name__)
Bucket = Entry.Bucket


class NotEnough(Exception):
    """The wallet cannot pay; nothing was changed. ``str()`` is for the person."""

    def __init__(self, needed: int, left: int, currency: str):
        self.needed, self.left, self.currency = needed, left, currency
        super().__init__(needed, left, currency)

    def __str__(self):
        return gettext(
            "This costs %(needed)s, but only %(left)s is left. Nothing was started and nothing was charged."
        ) % {
            "needed": money(self.needed, self.currency),
            "left": money(self.left, self.currency),
        }


def wallet_of(workspace: Workspace, currency: str = "USD") -> Wallet:
    wallet, _made = Wallet.objects.get_or_create(workspace_id=workspace.pk, currency=currency)
    return wallet


def left(workspace: Workspace, currency: str = "USD") -> int | None:
    """What may still be spent; None when there is no limit."""
    wallet = wallet_of(workspace, currency)
    return None if wallet.is_unlimited else wallet.available


@transaction.atomic
def grant(workspace: Workspace, amount: int, *, currency: str = "USD", by=None) -> None:
    """Put money into the wallet (a plan, a gift): ``amount`` may be negative to correct an earlier grant."""
    wallet = wallet_of(workspace, currency)
    if not _afford(wallet, -amount).update(available=F("available") + amount):
        raise NotEnough(-amount, left(workspace, currency) or 0, currency)
    _write(wallet, "grant", by, {Bucket.GRANT: -amount, Bucket.AVAILABLE: amount})


@transaction.atomic
def limit(workspace: Workspace, amount: int, *, currency: str = "USD", by=None) -> None:
    """From now on exactly ``amount`` may be spent; what was spent before stays on record."""
    wallet = Wallet.objects.select_for_update().get(pk=wallet_of(workspace, currency).pk)
    grant(workspace, amount - wallet.available, currency=currency, by=by)
    Wallet.objects.filter(pk=wallet.pk).update(is_unlimited=False)


@transaction.atomic
def reserve(workspace: Workspace, *, job_id: uuid.UUID, amount: int, currency: str = "USD", by=None) -> Hold:
    """Keep the highest possible price of a job aside; NotEnough and no trace if the wallet cannot pay.

    A second call for the same job changes nothing.
    """
    wallet = wallet_of(workspace, currency)
    try:
        with transaction.atomic():
            hold = Hold.objects.create(job_id=job_id, wallet=wallet, amount=amount)
    except IntegrityError:
        if found := Hold.objects.filter(job_id=job_id).first():
            return found
        raise  # a negative amount: a bug of the caller
    if not _afford(wallet, amount).update(available=F("available") - amount, reserved=F("reserved") + amount):
        raise NotEnough(amount, left(workspace, currency) or 0, currency)
    _write(wallet, "reserve", by, {Bucket.AVAILABLE: -amount, Bucket.RESERVED: amount}, job_id)
    return hold


@transaction.atomic
def settle(job_id: uuid.UUID, *, amount: int, by=None) -> bool:
    """Charge what the job really cost and give back the rest. False if it was settled or released before.

    A cost above the hold is not the person's: they pay the hold, the house absorbs the rest, and it is logged.
    """
    if not (hold := _close(job_id, Hold.State.SETTLED)):
        return False
    charged = min(amount, hold.amount)
    back = hold.amount - charged
    Wallet.objects.filter(pk=hold.wallet_id).update(
        reserved=F("reserved") - hold.amount, spent=F("spent") + charged, available=F("available") + back
    )
    moves = {Bucket.RESERVED: -hold.amount, Bucket.SPENT: charged, Bucket.AVAILABLE: back}
    _write(hold.wallet, "settle", by, moves, job_id)
    if amount > charged:
        log.error("job %s cost %s more than was reserved; the house pays", job_id, amount - charged)
        _write(hold.wallet, "absorb", by, {Bucket.GRANT: charged - amount, Bucket.ABSORBED: amount - charged}, job_id)
    return True


@transaction.atomic
def release(job_id: uuid.UUID, *, by=None) -> bool:
    """Give the whole hold back. False if it was settled or released before."""
    if not (hold := _close(job_id, Hold.State.RELEASED)):
        return False
    Wallet.objects.filter(pk=hold.wallet_id).update(
        reserved=F("reserved") - hold.amount, available=F("available") + hold.amount
    )
    _write(hold.wallet, "release", by, {Bucket.RESERVED: -hold.amount, Bucket.AVAILABLE: hold.amount}, job_id)
    return True


@transaction.atomic
def absorb(job_id: uuid.UUID, *, amount: int, n: int, by=None) -> bool:
    """The house pays what a provider took for the ``n``-th try of a job and its person does not owe. Once for each
    try: False, and nothing changed, if it was written down before."""
    wallet = Hold.objects.select_related("wallet").get(job_id=job_id).wallet
    try:
        with transaction.atomic():
            _write(wallet, f"absorb-{n}", by, {Bucket.GRANT: -amount, Bucket.ABSORBED: amount}, job_id)
    except IntegrityError:
        return False
    log.warning("try %s of job %s cost %s that nobody here owes; the house pays", n, job_id, amount)
    return True


def _afford(wallet: Wallet, amount: int):
    return Wallet.objects.filter(Q(is_unlimited=True) | Q(available__gte=amount), pk=wallet.pk)


def _close(job_id: uuid.UUID, state: Hold.State) -> Hold | None:
    """The hold, if this call is the one that closes it."""
    if not Hold.objects.filter(job_id=job_id, state=Hold.State.HELD).update(state=state):
        return None
    return Hold.objects.select_related("wallet").get(job_id=job_id)


def _write(wallet: Wallet, kind: str, by, moves: dict[str, int], job_id: uuid.UUID | None = None) -> None:
    txn = uuid.uuid4()
    actor = str(by.pk) if by is not None and by.is_authenticated else ""
    Entry.objects.bulk_create(
        Entry(txn=txn, wallet=wallet, bucket=bucket, amount=amount, job_id=job_id, kind=kind, actor=actor)
        for bucket, amount in moves.items()
    )
