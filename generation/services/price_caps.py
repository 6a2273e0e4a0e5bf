"""Spending caps for models without a known price: agree to one, and hold requests to it."""

from accounts.billing import ledger
from accounts.billing.models import Payer
from accounts.models import Workspace
from generation.clip_spec import build_clip_request
from generation.forms import get_cap
from generation.models import Clip, PriceCap
from generation.offers.offer import find_repeat_offer
from generation.providers.models import Connection
from generation.worker.charging import get_payer


def agree_to_cap(
    workspace: Workspace, *, provider: str, model: str, amount: int | None, connection: Connection | None = None
) -> None:
    """Remember the most that one request to the model may cost (millionths), for all later requests. None changes
    nothing: the price is known.

    ``connection``: the one that the request goes through, if it is known. Raises InsufficientFunds, and remembers
    nothing, if the site pays and less is left in a limited wallet.
    """
    if amount is None:
        return
    if get_payer(connection) == Payer.SITE:
        ledger.check_balance(workspace, amount, PriceCap(amount=amount).currency)
    PriceCap.objects.update_or_create(workspace=workspace, provider=provider, model=model, defaults={"amount": amount})


def agree_to_cap_of_repeat(clip: Clip, *, by, sent: int | None) -> None:
    """Hold more takes or variations of a clip to the cap. Raises CapRequired, InsufficientFunds."""
    if offer := find_repeat_offer(clip, by):
        names = {"provider": clip.provider, "model": clip.model}
        is_known = offer.engine.estimate(build_clip_request(clip)).is_known
        amount = get_cap(clip.workspace, **names, is_known=is_known, sent=sent)
        agree_to_cap(clip.workspace, **names, amount=amount, connection=offer.connection)
