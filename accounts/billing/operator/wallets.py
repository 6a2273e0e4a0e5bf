"""Wallets, grants and changes of credit, as the operators' pages show them."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from accounts.billing import exchange, ledger
from accounts.billing.amounts import MILLION
from accounts.billing.hooks import BillingHooks
from accounts.billing.models import CreditChange, Grant, Payer, Wallet
from accounts.models import User, Workspace
from accounts.models.user import display_name

SHOWN_CHANGES, SHOWN_GRANTS, SHOWN_WAITING = 20, 50, 50


@dataclass(frozen=True)
class ChangeRow:
    """A change of credit with the names of the operators. ``is_own``: the reader asked for it."""

    change: CreditChange
    asked_by: str
    decided_by: str
    is_own: bool


def find(text: str):
    """Return a query of the workspaces of users, by a part of their name or email."""
    rows = Workspace.objects.exclude(kind=Workspace.Kind.GUEST).select_related("home_of")
    return rows.filter(Q(name__icontains=text) | Q(users__email__icontains=text)).distinct() if text else rows


@dataclass(frozen=True)
class WalletRow:
    """A workspace with its wallet, None if it has spent and got nothing yet."""

    workspace: Workspace
    wallet: Wallet | None


def build_rows(workspaces: list[Workspace]) -> list[WalletRow]:
    rows = Wallet.objects.filter(workspace__in=workspaces, kind=Payer.SITE, currency=settings.SITE_CURRENCY)
    wallets = {wallet.workspace_id: wallet for wallet in rows}
    return [WalletRow(workspace, wallets.get(workspace.pk)) for workspace in workspaces]


def read(workspace: Workspace) -> dict:
    """Return the wallet of a workspace and its newest grants."""
    wallet = ledger.get_wallet(workspace)
    return {"wallet": wallet, "grants": Grant.objects.filter(wallet=wallet).order_by("-created_at")[:SHOWN_GRANTS]}


def list_built_in_rates() -> list[tuple[str, str]]:
    """Return (currency, rate as text) of the built-in exchange rates by which the site's prices are converted."""
    currencies = {currency for list_all in BillingHooks.values_of("price_currencies") for currency in list_all()}
    return [(currency, f"{rate / MILLION:.6f}") for currency, rate in exchange.list_built_in_rates(currencies)]


def describe_changes(rows, reader: User, limit: int = SHOWN_CHANGES) -> list[ChangeRow]:
    """Return the newest changes with the names of whoever asked and decided."""
    changes = list(rows.select_related("workspace")[:limit])
    ids = {pk for change in changes for pk in (change.asked_by, change.decided_by) if pk}
    names = {user.pk: display_name(user) for user in User.objects.filter(pk__in=ids)}
    return [
        ChangeRow(
            change, names.get(change.asked_by, "–"), names.get(change.decided_by, ""), change.asked_by == reader.pk
        )
        for change in changes
    ]
