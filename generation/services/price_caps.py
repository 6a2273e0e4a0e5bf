"""Spending caps for models without a known price: agree to one, and hold requests to it."""

from accounts.billing import ledger
from accounts.models import Workspace
from generation.clip_spec import build_clip_request
from generation.composer.providers_for_user import find_repeat_offer
from generation.forms import get_cap
from generation.models import Clip, PriceCap


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


def agree_to_cap_of_repeat(clip: Clip, *, by, sent: int | None) -> None:
    """Hold more takes or variations of a clip to the cap. Raises CapRequired, InsufficientFunds."""
    if offer := find_repeat_offer(clip, by):
        names = {"provider": clip.provider, "model": clip.model}
        is_known = offer.engine.estimate(build_clip_request(clip)).is_known
        agree_to_cap(clip.workspace, **names, amount=get_cap(clip.workspace, **names, is_known=is_known, sent=sent))
