"""Changes of credit that a second operator must approve above a set amount."""

import uuid

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.billing.models import CreditChange

MILLION = 1_000_000
State = CreditChange.State


class ChangeRefused(Exception):
    """Nothing was changed; ``str()`` is for the operator."""


def needs_approval(amount: int) -> bool:
    """Return whether a second operator must approve this amount (millionths of the site's currency)."""
    return abs(amount) > settings.BILLING_APPROVAL_ABOVE * MILLION


def create_change(key: uuid.UUID, *, workspace, by, **values) -> tuple[CreditChange, bool]:
    """Return the change with this id, and whether this call created it. ``values``: the columns of a new one."""
    try:
        with transaction.atomic():
            return CreditChange.objects.create(id=key, workspace=workspace, asked_by=by.pk, **values), True
    except IntegrityError:
        if existing := CreditChange.objects.filter(pk=key, workspace=workspace, kind=values["kind"]).first():
            return existing, False
        raise


def check_second_operator(change: CreditChange, by) -> None:
    """Raise ChangeRefused unless the change waits, and somebody else than ``by`` asked for it."""
    if change.state != State.WAITING:
        raise ChangeRefused(_("Somebody decided this already. Nothing was changed."))
    if change.asked_by == by.pk:
        raise ChangeRefused(_("You asked for this yourself. Another administrator must approve it."))


def decide(change: CreditChange, state: CreditChange.State, *, by) -> None:
    """Set the state of a waiting change. Raises ChangeRefused if it was decided before."""
    decision = {"state": state, "decided_by": by.pk, "decided_at": timezone.now()}
    if not CreditChange.objects.filter(pk=change.pk, state=State.WAITING).update(**decision):
        raise ChangeRefused(_("Somebody decided this already. Nothing was changed."))
    change.refresh_from_db()
