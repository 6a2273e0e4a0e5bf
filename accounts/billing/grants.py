"""Add money to wallets, take it back and give it back, and end it when its time is over.

A grant has a key that is unique within its source. Its row is inserted first, and only the transaction that inserted
it moves money, so that an event that arrives twice grants once.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce, Least, Now
from django.utils import timezone

from accounts.billing import spending
from accounts.billing.ledger import InsufficientFunds, get_wallet
from accounts.billing.models import Entry, Grant, Wallet
from accounts.models import Workspace

Bucket = Entry.Bucket
Source = Grant.Source


@dataclass(frozen=True)
class TakenBack:
    """What came back of a grant, and what was spent (or is on hold for running jobs) and is written off."""

    amount: int
    written_off: int


@dataclass(frozen=True)
class SourceBalance:
    """What may still be spent of grants from one source that end at the same time. ``ends_at``: None for never."""

    source: str
    left: int
    ends_at: datetime | None

    @property
    def label(self) -> str:
        return str(Source(self.source).label)


@transaction.atomic
def add_grant(
    workspace: Workspace,
    *,
    source: str,
    key: str,
    amount: int,
    ends_at: datetime | None = None,
    purchase_id: uuid.UUID | None = None,
    by=None,
    reason: str = "",
) -> tuple[Grant, bool]:
    """Add money (millionths of the site's currency) to the wallet. Returns the grant, and whether this call made it.

    A second call with the same source and key returns the earlier grant and changes nothing. A negative amount is a
    correction that takes away what is available. Raises InsufficientFunds if less is available.
    """
    wallet = get_wallet(workspace)
    columns = {"purchase_id": purchase_id, "actor_id": spending.get_actor_id(by), "reason": reason[:300]}
    try:
        with transaction.atomic():
            grant = Grant.objects.create(
                wallet=wallet, source=source, key=key, amount=amount, left=max(0, amount), ends_at=ends_at, **columns
            )
    except IntegrityError:
        if existing := Grant.objects.filter(source=source, key=key).first():
            return existing, False
        raise
    if not spending.affordable(wallet, -amount).update(available=F("available") + amount):
        wallet.refresh_from_db()
        raise InsufficientFunds(-amount, wallet.available, wallet.currency)
    spending.spend(wallet, max(0, -amount))
    amounts: dict[str, int] = {Bucket.GRANT: -amount, Bucket.AVAILABLE: amount}
    spending.write_entries(wallet, "grant", by, amounts, grant=grant.pk)
    return grant, True


@transaction.atomic
def take_back(grant: Grant, *, by, reason: str) -> TakenBack:
    """Take back what is left of a grant, after a refund or a dispute. What was spent is written off by the site.

    What is on hold stays with its job; what the job does not use is taken back when it ends. A second call changes
    nothing and returns what was taken.
    """
    wallet = spending.lock_wallet(grant.wallet)
    grant.refresh_from_db()
    if grant.taken_back_at:
        return read_taken_back(grant)
    amount = grant.left if wallet.is_unlimited else min(grant.left, wallet.available)
    written_off = max(0, grant.amount - grant.expired - amount)
    Wallet.objects.filter(pk=wallet.pk).update(available=F("available") - amount)
    Grant.objects.filter(pk=grant.pk).update(
        left=F("left") - amount,
        taken_back=amount,
        taken_back_at=Now(),
        taken_back_reason=reason[:300],
        ends_at=Least(Coalesce("ends_at", Now()), Now()),
        ended_before=F("ends_at"),
    )
    amounts: dict[str, int] = {
        Bucket.AVAILABLE: -amount,
        Bucket.REFUNDED: amount,
        Bucket.GRANT: -written_off,
        Bucket.WRITE_OFF: written_off,
    }
    was_taken = Entry.objects.filter(grant=grant.pk, kind="take_back").exists()  # and given back since
    spending.write_entries(wallet, "take_again" if was_taken else "take_back", by, amounts, grant=grant.pk)
    grant.refresh_from_db()
    return TakenBack(amount, written_off)


def read_taken_back(grant: Grant) -> TakenBack:
    """Return what was taken back of a grant by now, and what is written off."""
    rows = Entry.objects.filter(grant=grant.pk).values("bucket").annotate(total=Sum("amount"))
    totals = {row["bucket"]: row["total"] for row in rows}
    return TakenBack(totals.get(Bucket.REFUNDED, 0), totals.get(Bucket.WRITE_OFF, 0))


@transaction.atomic
def take_back_share(grant: Grant, *, part: int, whole: int, by, reason: str) -> None:
    """Take back the share ``part / whole`` of what a grant gave, since that much of its price was paid back.

    Shares are counted together: after a third, two thirds take another third, and a second call with the same share
    takes nothing. What is available is taken first, then what has expired; only the rest is written off.
    """
    spending.lock_wallet(grant.wallet)
    grant.refresh_from_db()
    taken = grant.parts.aggregate(total=Sum("amount", default=0))["total"]
    amount = (grant.amount + taken) * part // whole - taken
    if amount > 0 and not grant.taken_back_at:
        take_back(_split(grant, amount, key=f"{grant.key}:part:{taken + amount}"), by=by, reason=reason)


def _split(grant: Grant, amount: int, *, key: str) -> Grant:
    """Split ``amount`` off a grant whose wallet is locked: first what is left, then what expired, then what is
    spent."""
    left = min(grant.left, amount)
    expired = min(grant.expired, amount - left)
    Grant.objects.filter(pk=grant.pk).update(
        amount=F("amount") - amount, left=F("left") - left, expired=F("expired") - expired
    )
    part = Grant.objects.create(
        wallet_id=grant.wallet_id,
        source=grant.source,
        key=key,
        amount=amount,
        left=left,
        expired=expired,
        ends_at=grant.ends_at,
        purchase_id=grant.purchase_id,
        part_of=grant,
        reason=grant.reason,
    )
    Grant.objects.filter(pk=part.pk).update(created_at=grant.created_at)  # it was given on that day
    return part


@transaction.atomic
def give_back(grant: Grant, *, by) -> datetime | None:
    """Undo ``take_back``, after a dispute that was won. A second call changes nothing.

    The time in between does not count: the grant ends that much later. Returns when, None for never.
    """
    wallet = spending.lock_wallet(grant.wallet)
    grant.refresh_from_db()
    if not grant.taken_back_at:
        return grant.ends_at
    amount, written_off = grant.taken_back, read_taken_back(grant).written_off
    ends_at = grant.ended_before and grant.ended_before + (timezone.now() - grant.taken_back_at)
    Wallet.objects.filter(pk=wallet.pk).update(available=F("available") + amount)
    Grant.objects.filter(pk=grant.pk).update(
        left=F("left") + amount,
        taken_back=0,
        taken_back_at=None,
        taken_back_reason="",
        ends_at=ends_at,
        ended_before=None,
    )
    amounts: dict[str, int] = {
        Bucket.AVAILABLE: amount,
        Bucket.REFUNDED: -amount,
        Bucket.GRANT: written_off,
        Bucket.WRITE_OFF: -written_off,
    }
    spending.write_entries(wallet, "give_back", by, amounts, grant=grant.pk)
    return ends_at


@transaction.atomic
def set_limit(workspace: Workspace, amount: int, *, by=None, reason: str = "") -> None:
    """Limit what the workspace may spend of the site's money from now on to ``amount``, and what is on hold.

    In an unlimited wallet, a correction replaces the grants it had.
    """
    wallet = spending.lock_wallet(get_wallet(workspace))
    spending.expire_due(wallet)
    key = f"limit-{uuid.uuid4()}"
    if not wallet.is_unlimited:
        add_grant(workspace, source=Source.CORRECTION, key=key, amount=amount - wallet.available, by=by, reason=reason)
        return
    Grant.objects.filter(wallet=wallet).update(left=0)
    total = amount + wallet.reserved
    grant = Grant.objects.create(
        wallet=wallet,
        source=Source.CORRECTION,
        key=key,
        amount=total,
        left=total,
        actor_id=spending.get_actor_id(by),
        reason=reason[:300],
    )
    Wallet.objects.filter(pk=wallet.pk).update(is_unlimited=False, available=amount)
    amounts: dict[str, int] = {Bucket.GRANT: wallet.available - amount, Bucket.AVAILABLE: amount - wallet.available}
    spending.write_entries(wallet, "grant", by, amounts, grant=grant.pk)


def expire_grants() -> int:
    """End the grants whose time is over, in all wallets. Returns the number of wallets that had some."""
    due = Grant.objects.filter(spending.IS_DUE, left__gt=0)
    wallets = list(Wallet.objects.filter(pk__in=due.values("wallet")))
    for wallet in wallets:
        spending.expire_due(wallet)
    return len(wallets)


def read_balance_by_source(workspace: Workspace) -> list[SourceBalance]:
    """Return what may still be spent by source, in the order in which it is spent. What is on hold is left out."""
    found: dict[tuple, int] = {}
    for grant, free in spending.list_free_amounts(get_wallet(workspace)):
        if free and not grant.is_due:
            found[grant.source, grant.ends_at] = found.get((grant.source, grant.ends_at), 0) + free
    return [SourceBalance(source, left, ends_at) for (source, ends_at), left in found.items()]


def find_unbalanced_wallets():
    """Return a query of the limited wallets whose grants do not add up to what is available and on hold."""
    wallets = Wallet.objects.filter(is_unlimited=False).annotate(granted=Coalesce(Sum("grants__left"), 0))
    return wallets.exclude(granted=F("available") + F("reserved"))
