"""Which grant pays, and what ends: the part of the ledger that changes ``Grant.left``.

Grants are spent in one order: those that end first, then those without an end, older ones first. What is on hold counts
as taken from the first of them, so that a grant that ends keeps what is held for a running job until the job ends.

``Grant.left`` is only changed while the row of the wallet is locked, by an UPDATE or by ``lock_wallet``, in the same
transaction.
"""

import logging
import uuid
from functools import cache

from django.db import connection, transaction
from django.db.models import BooleanField, Case, F, Q, UUIDField, Value, When
from django.db.models.functions import Now

from accounts.billing.models import Entry, Grant, Wallet
from accounts.models.workspace import Workspace

log = logging.getLogger(__name__)
Bucket = Entry.Bucket
IS_DUE = Q(ends_at__lte=Now())


@cache
def _write_find_wallet() -> str:
    """Return the SQL of ``find_wallet``, which every submit of a job waits for: Django takes longer to write it than
    the database to answer."""
    now, _no_values = Grant.objects.all().query.get_compiler(connection=connection).compile(Now())
    due = f'due.wallet_id = wallet.id AND due."left" > 0 AND due.ends_at <= {now}'
    return (
        f"SELECT wallet.*, EXISTS (SELECT 1 FROM accounts_grant due WHERE {due}) AS has_due"  # noqa: S608 - constants
        " FROM accounts_wallet wallet WHERE wallet.workspace_id = %s AND wallet.kind = %s AND wallet.currency = %s"
    )


def find_wallet(workspace: Workspace, kind: str, currency: str) -> Wallet | None:
    """Return the wallet with ``has_due``, whether the time of one of its grants is over; None if there is none yet."""
    workspace_id = UUIDField().get_db_prep_value(workspace.pk, connection)
    return next(iter(Wallet.objects.raw(_write_find_wallet(), [workspace_id, kind, currency])), None)


def lock_wallet(wallet: Wallet) -> Wallet:
    """Return the wallet as it is now, locked until the end of the transaction.

    ``no_key``: inserting rows that refer to the wallet need not wait, which would risk a deadlock.
    """
    return Wallet.objects.select_for_update(no_key=True).get(pk=wallet.pk)


def affordable(wallet: Wallet, amount: int):
    """Return a query of the wallet, empty if it is limited and less than ``amount`` is available."""
    return Wallet.objects.filter(Q(is_unlimited=True) | Q(available__gte=amount), pk=wallet.pk)


def spend(wallet: Wallet, amount: int) -> None:
    """Take the amount out of the grants, in their order. The caller has updated the row of the wallet."""
    for grant in list_grants(wallet) if amount else ():
        taken = min(grant.left, amount)
        Grant.objects.filter(pk=grant.pk).update(left=F("left") - taken)
        if not (amount := amount - taken):
            return


def list_grants(wallet: Wallet) -> list[Grant]:
    """Return the grants with something left, in the order in which they are spent, each with ``is_due``."""
    rows = Grant.objects.filter(wallet=wallet, left__gt=0)
    is_due = Case(When(IS_DUE, then=Value(True)), default=Value(False), output_field=BooleanField())
    return list(rows.annotate(is_due=is_due).order_by(F("ends_at").asc(nulls_last=True), "created_at", "pk"))


def list_free_amounts(wallet: Wallet) -> list[tuple[Grant, int]]:
    """Return each of these grants with the part of it that is not on hold."""
    held, found = wallet.reserved, []
    for grant in list_grants(wallet):
        covered = min(grant.left, held)
        held -= covered
        found.append((grant, grant.left - covered))
    return found


def expire_due(wallet: Wallet) -> None:
    """End the grants of the wallet whose time is over. ``wallet`` then shows what is available."""
    if Grant.objects.filter(IS_DUE, wallet=wallet, left__gt=0).exists():
        wallet.available = _expire(wallet)


@transaction.atomic
def _expire(wallet: Wallet) -> int:
    locked = lock_wallet(wallet)
    for grant, free in list_free_amounts(locked):
        if grant.is_due and free:
            _end(locked, grant, free)
            locked.available -= free
    return locked.available


def _end(wallet: Wallet, grant: Grant, amount: int) -> None:
    """Remove what is left of the grant from the wallet. Of a grant that was taken back, less is written off."""
    Wallet.objects.filter(pk=wallet.pk).update(available=F("available") - amount)
    column = "taken_back" if grant.taken_back_at else "expired"
    Grant.objects.filter(pk=grant.pk).update(left=F("left") - amount, **{column: F(column) + amount})
    if grant.taken_back_at:
        amounts: dict[str, int] = {
            Bucket.AVAILABLE: -amount,
            Bucket.REFUNDED: amount,
            Bucket.GRANT: amount,
            Bucket.WRITE_OFF: -amount,
        }
        write_entries(wallet, "recover", None, amounts, grant=grant.pk)
    else:
        amounts = {Bucket.AVAILABLE: -amount, Bucket.EXPIRED: amount}
        write_entries(wallet, "expire", None, amounts, grant=grant.pk)


def get_actor_id(by) -> uuid.UUID | None:
    return by.pk if by is not None and by.is_authenticated else None


def write_entries(wallet: Wallet, kind: str, by, amounts: dict[str, int], *, job_id=None, grant=None) -> None:
    """Write the entries of one movement. ``by``: the user who caused it, or None for the studio."""
    txn, actor = uuid.uuid4(), str(get_actor_id(by) or "")
    Entry.objects.bulk_create(
        Entry(txn=txn, wallet=wallet, bucket=bucket, amount=amount, job_id=job_id, grant=grant, kind=kind, actor=actor)
        for bucket, amount in amounts.items()
    )
