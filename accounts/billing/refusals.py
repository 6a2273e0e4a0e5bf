"""Why money, a plan or a limit does not allow something: errors with a message for the user."""

from django.conf import settings

from common.messages import Message, build_message, join_messages


class BillingRefusal(Exception):
    """The base of these errors. Nothing was changed; ``message`` is for the user, in words.

    ``status``: the HTTP status of the answer.
    """

    status = 402

    @property
    def message(self) -> Message:
        raise NotImplementedError

    def __str__(self):
        return str(self.message)


class PriceUnknown(BillingRefusal):
    """The site would pay for something whose price it does not know, so that nobody could be charged for it."""

    @property
    def message(self) -> Message:
        return build_message("price_unknown")


class InsufficientFunds(BillingRefusal):
    """The wallet cannot pay. Nothing was changed. Amounts are in millionths of ``currency``, that of the wallet."""

    def __init__(self, needed: int, balance: int, currency: str):
        self.needed, self.balance, self.currency = needed, balance, currency
        super().__init__(needed, balance, currency)

    @property
    def message(self) -> Message:
        amounts = {"needed": {"money": [self.needed, self.currency]}, "left": {"money": [self.balance, self.currency]}}
        ways = build_message("funds_ways") if settings.BILLING else ""
        return join_messages(build_message("insufficient_funds", **amounts), ways)
