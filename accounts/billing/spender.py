"""What somebody may still spend of the site's money, for the words beside a price."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.billing import caps, exchange, ledger
from accounts.billing.caps import CapUse
from accounts.billing.models import Cap
from accounts.billing.money import money

AFTER = {
    None: _("leaves %(left)s"),
    Cap.Period.DAY: _("leaves %(left)s for today"),
    Cap.Period.MONTH: _("leaves %(left)s for this month"),
    Cap.Period.TOTAL: _("leaves %(left)s of the cap"),
}
TOO_LITTLE = {
    None: _("only %(left)s left"),
    Cap.Period.DAY: _("only %(left)s left for today"),
    Cap.Period.MONTH: _("only %(left)s left for this month"),
    Cap.Period.TOTAL: _("only %(left)s left of the cap"),
}


@dataclass(frozen=True)
class Spendable:
    """What is left, in millionths of the site's currency; ``use``: of the cap that leaves least, None for the
    balance."""

    left: int
    use: CapUse | None = None

    @property
    def period(self) -> Cap.Period | None:
        return Cap.Period(self.use.cap.period) if self.use else None


class Spender:
    """A member of a workspace, who may be about to spend money on a story. Reads what is left once, on first need."""

    def __init__(self, workspace, user, *, story_id=None):
        self.workspace, self.story_id = workspace, story_id
        self.member_id = user.pk if user is not None and user.is_authenticated else None

    @cached_property
    def spendable(self) -> Spendable | None:
        """Return the least of what the balance and the caps leave; None where nothing limits them. There are no caps
        without billing."""
        if self.workspace is None:
            return None
        wallet, uses = ledger.get_wallet(self.workspace), []
        balance = ledger.read_balance(wallet)
        if settings.BILLING:
            uses = caps.read_uses(wallet, member_id=self.member_id, story_id=self.story_id)
        limits = [Spendable(use.left, use) for use in uses]
        limits += [] if balance is None else [Spendable(balance)]
        return min(limits, key=lambda limit: limit.left, default=None)

    def describe_after(self, price: int, currency: str) -> str:
        """Return what a price, paid by the site, leaves: "leaves $4.20"; "" for a free one, where nothing limits it,
        and without billing."""
        return self.describe_after_sum({currency: price})

    def describe_after_sum(self, prices: Mapping[str, int]) -> str:
        """Return the same for prices by currency, together."""
        if not any(prices.values()) or not settings.BILLING or self.spendable is None:
            return ""
        try:
            left = self.spendable.left - sum(exchange.convert(price, name).amount for name, price in prices.items())
        except exchange.RateUnknown:  # submitting is refused, with the reason
            return ""
        sentences, shown = (AFTER, left) if left >= 0 else (TOO_LITTLE, self.spendable.left)
        return str(sentences[self.spendable.period]) % {"left": money(shown, settings.SITE_CURRENCY)}
