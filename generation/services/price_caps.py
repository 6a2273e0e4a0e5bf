"""Spending caps for models without a known price: agree to one, and hold requests to it."""

from accounts.billing import ledger
from accounts.models import Workspace
from generation.models import PriceCap


def agree_to_cap(workspace: Workspace, *, provider: str, model: str, amount: int | None) -> None:
    """Remember the most that one request to the model may cost (millionths), for all later requests. None changes
    nothing: the price is known.

    Raises InsufficientFunds, and remembers nothing, if less is left in a limited wallet.
    """
    if amount is None:
        return
    cap = PriceCap(amount=amount)
    balance = ledger.get_balance(workspace, cap.currency)
    if balance is not None and balance < amount:
        raise ledger.InsufficientFunds(amount, balance, cap.currency)
    PriceCap.objects.update_or_create(workspace=workspace, provider=provider, model=model, defaults={"amount": amount})
