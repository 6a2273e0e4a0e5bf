"""Freezes: what stops paid work of a workspace after a bank has disputed one of its payments.

Nothing new is started at the site's expense until an operator allows it. Running jobs continue, and work
that the site does not pay for is not touched.
"""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.billing.models import SpendingFreeze
from accounts.billing.refusals import OWN_KEY, LimitReached
from accounts.models.workspace import Workspace


def freeze(workspace: Workspace, *, ref: str, purchase_id=None, is_reopened: bool = False) -> bool:
    """Stop new paid work because of the payment ``ref``. Returns False if it did that before.

    ``is_reopened``: the site had won the dispute, so that what an operator allowed after it no longer counts.
    """
    row, is_new = SpendingFreeze.objects.get_or_create(
        ref=ref, defaults={"workspace": workspace, "purchase_id": purchase_id}
    )
    if is_new or not (is_reopened and row.ended_at):
        return is_new
    again = {"began_at": timezone.now(), "ended_at": None, "ended_by": None}
    return bool(SpendingFreeze.objects.filter(pk=row.pk).update(**again))


def list_current():
    return SpendingFreeze.objects.filter(ended_at=None)


def is_frozen(workspace: Workspace) -> bool:
    return bool(settings.BILLING) and list_current().filter(workspace=workspace.pk).exists()


def check_freeze(workspace: Workspace) -> None:
    """Raise LimitReached if nothing new may be started at the site's expense."""
    if is_frozen(workspace):
        raise LimitReached("dispute", used=None, limit=None, ways=(OWN_KEY,))


@transaction.atomic
def allow_again(workspace: Workspace, *, by) -> bool:
    """End the freezes of a workspace. Returns False if there were none."""
    rows = list_current().filter(workspace=workspace.pk)
    return bool(rows.update(ended_at=timezone.now(), ended_by=by.pk))
