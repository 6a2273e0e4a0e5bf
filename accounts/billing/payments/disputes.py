"""Disputed payments: they stop paid work of their workspace until an operator allows it again."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from accounts import audit
from accounts.billing import freezes
from accounts.billing.payments.models import Purchase
from accounts.models import Workspace


@dataclass
class FrozenWorkspace:
    """A workspace whose paid work is stopped. ``invoices``: ids of the disputed invoices at the payment provider."""

    workspace: Workspace
    purchases: list[Purchase] = field(default_factory=list)
    invoices: list[str] = field(default_factory=list)


def stop_paid_work(
    workspace: Workspace, *, ref: str, purchase: Purchase | None = None, is_reopened: bool = False
) -> None:
    """Start nothing new at the site's expense because of the payment ``ref``. A second call changes nothing, unless the
    dispute ``is_reopened`` after the site had won it."""
    purchase_id = purchase.pk if purchase else None
    if freezes.freeze(workspace, ref=ref, purchase_id=purchase_id, is_reopened=is_reopened):
        audit.record(by=None, verb="workspace.paid_work_stopped", target=workspace, workspace=workspace, payment=ref)


@transaction.atomic
def allow_paid_work(workspace: Workspace, *, by) -> bool:
    """Let a workspace use the site's money again. Returns False if it may already."""
    if not freezes.allow_again(workspace, by=by):
        return False
    audit.record(by=by, verb="workspace.paid_work_allowed", target=workspace, workspace=workspace)
    return True


def list_frozen(limit: int) -> Iterable[FrozenWorkspace]:
    """Return the workspaces whose paid work is stopped, with the payments that are the reason, the oldest first."""
    rows = list(freezes.list_current().select_related("workspace")[:limit])
    purchases = Purchase.objects.in_bulk([row.purchase_id for row in rows if row.purchase_id])
    found: dict[Workspace, FrozenWorkspace] = {}
    for row in rows:
        frozen = found.setdefault(row.workspace, FrozenWorkspace(row.workspace))
        if purchase := purchases.get(row.purchase_id):
            frozen.purchases.append(purchase)
        else:
            frozen.invoices.append(row.ref)
    return found.values()
