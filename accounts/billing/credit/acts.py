"""What a change of credit does to a wallet or a plan, inside the transaction that decides it."""

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.billing import grants, held_plans
from accounts.billing.models import CreditChange, Payer, Plan, Subscription, Wallet
from accounts.billing.refusals import ChangeRefused

INVOICE = "invoice"  # the provider of subscriptions that are paid outside this site


def add_credit(change: CreditChange, by) -> None:
    """Give credit, or take some for a negative amount. Raises ChangeRefused, InsufficientFunds."""
    _check(change)
    grants.add_grant(
        change.workspace,
        source=change.kind,
        key=str(change.pk),
        amount=change.amount,
        ends_at=change.ends_at,
        by=by,
        reason=change.reason,
    )
    _record(change, by)


def set_limit(change: CreditChange, by) -> None:
    """Let the workspace spend the amount from now on. Raises ChangeRefused."""
    _check(change)
    grants.set_limit(change.workspace, change.amount, by=by, reason=change.reason)
    _record(change, by)


def set_paid_until(change: CreditChange, by) -> None:
    """Give the workspace the plan of an invoice. Raises ChangeRefused if Stripe renews another one."""
    _check(change)
    workspace, plan = change.workspace, Plan.objects.get(pk=change.details["plan"])
    held = held_plans.get_subscription(workspace)
    if held and held.provider == "stripe":
        raise ChangeRefused(_("Stripe renews a plan of this workspace. Its owner must cancel that first."))
    row = held_plans.apply_subscription(
        workspace,
        plan=plan,
        provider=INVOICE,
        ref=f"{INVOICE}:{workspace.pk}",
        status=Subscription.Status.ACTIVE,
        paid_until=change.ends_at,
    )
    held_plans.grant_month(row, f"{INVOICE}:{change.pk}")
    _record(change, by)


def _check(change: CreditChange) -> None:
    if change.workspace is None:
        raise ChangeRefused(_("The workspace was deleted. Nothing was changed."))
    if change.ends_at and change.ends_at <= timezone.now():
        raise ChangeRefused(_("This credit’s end date has passed. Nothing was given."))


def _record(change: CreditChange, by) -> None:
    audit.record(by=by, verb="credit.changed", target=change, workspace=change.workspace, amount=change.amount)


def list_unlimited():
    """Return a query of the wallets of the site's money without a limit, and without one that waits for approval."""
    rows = Wallet.objects.filter(kind=Payer.SITE, currency=settings.SITE_CURRENCY, is_unlimited=True)
    waiting = CreditChange.objects.filter(kind=CreditChange.Kind.LIMIT, state=CreditChange.State.WAITING)
    return rows.exclude(workspace=None).exclude(workspace__in=waiting.values("workspace"))
