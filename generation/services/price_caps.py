"""Spending caps for models without a known price: agree to one, and hold requests to it."""

from accounts.billing import ledger
from accounts.models import Workspace
from generation.clip_spec import build_clip_request
from generation.composer.providers_for_user import find_repeat_offer
from generation.errors import CapRequired
from generation.models import Clip, PriceCap


def find_price_cap(workspace, provider: str, model: str) -> PriceCap | None:
    return PriceCap.objects.filter(workspace=workspace, provider=provider, model=model).first()


def get_cap(
    workspace: Workspace | None, *, provider: str, model: str, is_known: bool, sent: int | None = None
) -> int | None:
    """Return the most that one request may cost (millionths): ``sent`` with the click, else what was agreed to earlier.

    ``is_known``: whether the price is. None if so, since the price itself is then agreed to. Raises CapRequired. Every
    click that starts work at a provider is held to this.
    """
    if is_known:
        return None
    if sent is not None:
        return sent
    if (remembered := find_price_cap(workspace, provider, model)) is None:
        raise CapRequired
    return remembered.amount


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
