"""Services of operators for credit: give, correct and limit, above a set amount only with a second operator."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.billing import grants
from accounts.billing.models import CreditChange, Payer, Wallet

MILLION = 1_000_000
LIMIT_REASON = "limited when billing began"


class ChangeRefused(Exception):
    """Credit was not changed; ``str()`` is for the operator."""


def needs_approval(amount: int) -> bool:
    """Return whether a second operator must approve this amount (millionths of the site's currency)."""
    return abs(amount) > settings.BILLING_APPROVAL_ABOVE * MILLION


@transaction.atomic
def request_change(
    workspace, *, key: uuid.UUID, kind: str, amount: int, reason: str, by, ends_at: datetime | None = None
) -> CreditChange:
    """Change credit at once, or leave the change to a second operator if it needs approval.

    A second call with the same key changes nothing and returns the first change. Raises ChangeRefused, or
    InsufficientFunds if a correction would take more than there is.
    """
    values = {"kind": kind, "amount": amount, "ends_at": ends_at, "reason": reason, "asked_by": by.pk}
    try:
        with transaction.atomic():
            change = CreditChange.objects.create(id=key, workspace=workspace, **values)
    except IntegrityError:
        if existing := CreditChange.objects.filter(pk=key, workspace=workspace).first():
            return existing
        raise
    audit.record(by=by, verb="credit.requested", target=change, workspace=workspace, kind=kind, amount=amount)
    if not needs_approval(amount):
        _apply(change, by=by)
    return change


@transaction.atomic
def approve(change: CreditChange, *, by) -> CreditChange:
    """Make a waiting change as the second operator.

    Raises ChangeRefused for whoever asked for it, and what ``request_change`` raises.
    """
    if change.asked_by == by.pk:
        raise ChangeRefused(_("You asked for this yourself. Another administrator must approve it."))
    _apply(change, by=by)
    return change


@transaction.atomic
def decline(change: CreditChange, *, by) -> CreditChange:
    """Decline a waiting change; whoever asked for it may withdraw it in this way."""
    _decide(change, CreditChange.State.DECLINED, by)
    audit.record(by=by, verb="credit.declined", target=change, workspace=change.workspace)
    return change


def limit_all(*, amount: int, by) -> int:
    """Limit the wallets that have no limit, from the time before billing. Returns how many there were."""
    wallets = list(list_unlimited().select_related("workspace"))
    for wallet in wallets:
        request_change(
            wallet.workspace, key=uuid.uuid4(), kind=CreditChange.Kind.LIMIT, amount=amount, reason=LIMIT_REASON, by=by
        )
    return len(wallets)


def list_unlimited():
    """Return a query of the wallets of the site's money without a limit."""
    rows = Wallet.objects.filter(kind=Payer.SITE, currency=settings.SITE_CURRENCY, is_unlimited=True)
    return rows.exclude(workspace=None)


def _apply(change: CreditChange, *, by) -> None:
    _decide(change, CreditChange.State.DONE, by)
    if change.workspace is None:
        raise ChangeRefused(_("The workspace was deleted. Nothing was changed."))
    if change.ends_at and change.ends_at <= timezone.now():
        raise ChangeRefused(_("The day on which this credit ends is over. Nothing was given."))
    if change.kind == CreditChange.Kind.LIMIT:
        grants.set_limit(change.workspace, change.amount, by=by, reason=change.reason)
    else:
        grants.add_grant(
            change.workspace, source=change.kind, key=str(change.pk), amount=change.amount, ends_at=change.ends_at,
            by=by, reason=change.reason,
        )  # fmt: skip
    audit.record(by=by, verb="credit.changed", target=change, workspace=change.workspace, amount=change.amount)


def _decide(change: CreditChange, state: CreditChange.State, by) -> None:
    """Set the state of a waiting change. Raises ChangeRefused if it was decided before."""
    decision = {"state": state, "decided_by": by.pk, "decided_at": timezone.now()}
    if not CreditChange.objects.filter(pk=change.pk, state=CreditChange.State.WAITING).update(**decision):
        raise ChangeRefused(_("Somebody decided this already. Nothing was changed."))
    change.refresh_from_db()
