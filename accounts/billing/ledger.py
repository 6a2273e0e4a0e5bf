"""The only code that writes to the ledger: reserve before work starts, settle or release when it ends.

Every amount is an integer, in millionths of the currency. Guards are single UPDATE statements, so that two requests at
the same moment cannot spend the same money, on SQLite and on PostgreSQL. A second reserve, settle, release or write-off
of the same job or attempt changes nothing.
"""

import logging
import uuid

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from accounts.billing.models import Entry, Hold, Wallet
from accounts.models import Workspace
from common.messages import Message, build_message

log = logging.getLogger(__name__)
Bucket = Entry.Bucket


class InsufficientFunds(Exception):
    """The wallet cannot pay. Nothing was changed; ``message`` is for the user."""

    def __init__(self, needed: int, balance: int, currency: str):
        self.needed, self.balance, self.currency = needed, balance, currency
        super().__init__(needed, balance, currency)

    @property
    def message(self) -> Message:
        amounts = {"needed": {"money": [self.needed, self.currency]}, "left": {"money": [self.balance, self.currency]}}
        return build_message("insufficient_funds", **amounts)

    def __str__(self):
        return str(self.message)


def get_wallet(workspace: Workspace, currency: str = "USD") -> Wallet:
    wallet, _created = Wallet.objects.get_or_create(workspace_id=workspace.pk, currency=currency)
    return wallet


def get_balance(workspace: Workspace, currency: str = "USD") -> int | None:
    """Return what may still be spent, or None if there is no limit."""
    wallet = get_wallet(workspace, currency)
    return None if wallet.is_unlimited else wallet.available


@transaction.atomic
def grant(workspace: Workspace, amount: int, *, currency: str = "USD", by=None) -> None:
    """Add money to the wallet. A negative ``amount`` corrects an earlier grant."""
    wallet = get_wallet(workspace, currency)
    if not _affordable(wallet, -amount).update(available=F("available") + amount):
        raise InsufficientFunds(-amount, get_balance(workspace, currency) or 0, currency)
    _write_entries(wallet, "grant", by, {Bucket.GRANT: -amount, Bucket.AVAILABLE: amount})


@transaction.atomic
def set_limit(workspace: Workspace, amount: int, *, currency: str = "USD", by=None) -> None:
    """Limit what the workspace may spend from now on to ``amount``. What was spent before stays recorded."""
    wallet = Wallet.objects.select_for_update().get(pk=get_wallet(workspace, currency).pk)
    grant(workspace, amount - wallet.available, currency=currency, by=by)
    Wallet.objects.filter(pk=wallet.pk).update(is_unlimited=False)


@transaction.atomic
def reserve(workspace: Workspace, *, job_id: uuid.UUID, amount: int, currency: str = "USD", by=None) -> Hold:
    """Reserve the highest possible price of a job. A second call for the same job changes nothing.

    Raises InsufficientFunds if the wallet cannot pay.
    """
    wallet = get_wallet(workspace, currency)
    try:
        with transaction.atomic():
            hold = Hold.objects.create(job_id=job_id, wallet=wallet, amount=amount)
    except IntegrityError:
        if existing := Hold.objects.filter(job_id=job_id).first():
            return existing
        raise  # a negative amount: a bug in the caller
    if not _affordable(wallet, amount).update(available=F("available") - amount, reserved=F("reserved") + amount):
        raise InsufficientFunds(amount, get_balance(workspace, currency) or 0, currency)
    _write_entries(wallet, "reserve", by, {Bucket.AVAILABLE: -amount, Bucket.RESERVED: amount}, job_id)
    return hold


@transaction.atomic
def settle(job_id: uuid.UUID, *, amount: int, by=None) -> bool:
    """Charge what the job cost and refund the rest of the hold. Returns False if the hold was closed before.

    The user never pays more than the hold; the difference is logged and written off.
    """
    if not (hold := _close(job_id, Hold.State.SETTLED)):
        return False
    charged = min(amount, hold.amount)
    refund = hold.amount - charged
    Wallet.objects.filter(pk=hold.wallet_id).update(
        reserved=F("reserved") - hold.amount, spent=F("spent") + charged, available=F("available") + refund
    )
    amounts: dict[str, int] = {Bucket.RESERVED: -hold.amount, Bucket.SPENT: charged, Bucket.AVAILABLE: refund}
    _write_entries(hold.wallet, "settle", by, amounts, job_id)
    if amount > charged:
        excess = amount - charged
        log.error("job %s cost %s more than was reserved; the difference is written off", job_id, excess)
        _write_entries(hold.wallet, "write_off", by, {Bucket.GRANT: -excess, Bucket.WRITE_OFF: excess}, job_id)
    return True


@transaction.atomic
def release(job_id: uuid.UUID, *, by=None) -> bool:
    """Refund the whole hold. Returns False if the hold was closed before."""
    if not (hold := _close(job_id, Hold.State.RELEASED)):
        return False
    Wallet.objects.filter(pk=hold.wallet_id).update(
        reserved=F("reserved") - hold.amount, available=F("available") + hold.amount
    )
    _write_entries(hold.wallet, "release", by, {Bucket.RESERVED: -hold.amount, Bucket.AVAILABLE: hold.amount}, job_id)
    return True


@transaction.atomic
def write_off(job_id: uuid.UUID, *, amount: int, n: int, by=None) -> bool:
    """Write off what a provider charged for attempt ``n`` of a job and the user does not owe.

    Returns False if the attempt was written off before.
    """
    wallet = Hold.objects.select_related("wallet").get(job_id=job_id).wallet
    try:
        with transaction.atomic():
            _write_entries(wallet, f"write_off-{n}", by, {Bucket.GRANT: -amount, Bucket.WRITE_OFF: amount}, job_id)
    except IntegrityError:
        return False
    log.warning("attempt %s of job %s cost %s, which no user owes; it is written off", n, job_id, amount)
    return True


def read_movements(job_id: uuid.UUID) -> dict[str, dict[str, int]]:
    """Return kind → bucket → amount (millionths) of the movements of a job."""
    found: dict[str, dict[str, int]] = {}
    for kind, bucket, amount in Entry.objects.filter(job_id=job_id).values_list("kind", "bucket", "amount"):
        found.setdefault(kind, {})[bucket] = amount
    return found


def _affordable(wallet: Wallet, amount: int):
    return Wallet.objects.filter(Q(is_unlimited=True) | Q(available__gte=amount), pk=wallet.pk)


def _close(job_id: uuid.UUID, state: Hold.State) -> Hold | None:
    """Return the hold if this call closes it, else None."""
    if not Hold.objects.filter(job_id=job_id, state=Hold.State.HELD).update(state=state):
        return None
    return Hold.objects.select_related("wallet").get(job_id=job_id)


def _write_entries(wallet: Wallet, kind: str, by, amounts: dict[str, int], job_id: uuid.UUID | None = None) -> None:
    txn = uuid.uuid4()
    actor = str(by.pk) if by is not None and by.is_authenticated else ""
    Entry.objects.bulk_create(
        Entry(txn=txn, wallet=wallet, bucket=bucket, amount=amount, job_id=job_id, kind=kind, actor=actor)
        for bucket, amount in amounts.items()
    )
