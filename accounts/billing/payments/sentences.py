"""Sentences of payments, by code."""

from django.utils.translation import gettext_lazy as _

REFUSALS = {
    "purchase_not_refundable": _("No payment provider took money for this purchase, so none can be paid back here."),
    "unlimited": _("This workspace spends without a limit, so there is nothing to buy. Nothing was bought."),
    "has_subscription": _("This workspace has a plan already. Change or cancel it on the page “Billing”."),
    "has_prepaid_plan": _(
        "This workspace has prepaid another plan. The plan can be changed when the prepaid time ends."
    ),
    "transfer_not_open": _("No transfer is awaited for this purchase. Nothing was changed."),
    "voucher_unknown": _("This is not a code of this studio. Check its 16 letters and digits; nothing was changed."),
    "voucher_used": _("This code was used before. Nothing was changed."),
    "voucher_ended": _("This code is too old. Nothing was changed."),
}
# why an event or a purchase waits for an operator
PROBLEMS = {
    "unmatched": _("The payment provider knows this payment, but no purchase of this site does."),
    "other_account": _("The event belongs to another account of the payment provider."),
    "other_mode": _("Test and real money do not mix: this payment is of the other mode."),
    "other_purchase": _("The payment names another purchase."),
    "other_kind": _("A single payment came where a subscription was bought, or the other way round."),
    "other_currency": _("The payment came in another currency than agreed."),
    "other_amount": _("Another amount was paid than agreed."),
    "other_customer": _("The payment belongs to a different customer."),
    "no_workspace": _("The payment arrived, but its workspace is gone. Pay the money back."),
    "other_plan": _("The payment arrived, but the workspace has another plan by now. Pay the money back."),
    "unknown_price": _("No plan of this site names the price of this subscription. Add the price to a plan."),
    "second_subscription": _(
        "The workspace has another subscription. Cancel this one at the payment provider and pay its invoice back."
    ),
    "refunded_there": _(
        "The payment was paid back in the provider’s own pages, which do not say how much. Correct the credit by hand."
    ),
    "refund_failed": _(
        "The bank sent the refund back. Pay the money back in another way, or give the credit back by hand."
    ),
    "dispute_won": _(
        "The bank decided for the site, but the workspace has another plan by now. Give the prepaid months back by "
        "hand."
    ),
    "provider_unavailable": _("The payment provider did not answer and is asked again."),
    "provider_refused": _("The payment provider refused to answer and is asked again. Check the key’s permissions."),
    "error": _("Something went wrong here; the log says what. The event is tried again."),
}
# why a payment page was not opened, by the code of the payment provider
OPEN_FAILURES = {
    "": _("%(provider)s did not open the payment page."),
    "amount_too_small": _("%(provider)s did not open the payment page: the price is below the least it charges."),
    "amount_too_large": _("%(provider)s did not open the payment page: the price is above the most it charges."),
    "resource_missing": _(
        "%(provider)s did not open the payment page: the price or the customer does not exist there any more."
    ),
}
OPEN_FAILED = _("%(provider)s did not open the payment page. Its reason: %(code)s.")
# why a payment failed that the buyer had agreed to
PAY_FAILURES = {
    "insufficient_funds": _("The bank declined the payment: the account does not hold enough money."),
    "card_declined": _("The bank declined the card and named no reason."),
    "generic_decline": _("The bank declined the card and named no reason."),
    "do_not_honor": _("The bank declined the card and named no reason."),
    "expired_card": _("The bank declined the payment: the card has expired."),
    "payment_method_provider_decline": _("The wallet or bank declined the payment."),
    "payment_method_provider_timeout": _("The wallet or bank did not confirm the payment in time."),
    "processing_error": _("An error at the bank stopped the payment."),
}
PAY_FAILED = _("The bank or wallet did not carry out the payment.")
AUDIT = {
    "subscription.cancelled": _("%(who)s cancelled %(target)s"),
    "subscription.resumed": _("%(who)s resumed %(target)s"),
    "purchase.begun": _("%(who)s began %(target)s"),
    "purchase.cancelled": _("%(who)s cancelled %(target)s"),
    "purchase.paid": _("%(target)s was paid"),
    "purchase.refund_asked": _("%(who)s paid %(target)s back"),
    "purchase.refunded": _("%(target)s was paid back"),
    "purchase.transfer_confirmed": _("%(who)s confirmed the transfer of %(target)s"),
    "purchase.settled": _("%(who)s settled %(target)s"),
    "payment_event.settled": _("%(who)s settled %(target)s"),
    "pack.changed": _("%(who)s set %(target)s"),
    "voucher.created": _("%(who)s created %(target)s"),
    "voucher.cancelled": _("%(who)s cancelled %(target)s"),
    "voucher.used": _("%(who)s used %(target)s"),
    "purchase.disputed": _("A bank disputes %(target)s"),
    "purchase.dispute_won": _("A bank decided for the site about %(target)s"),
    "purchase.partly_refunded": _("A part of %(target)s was paid back"),
    "workspace.paid_work_stopped": _("Paid work of %(target)s was stopped, since a bank disputes a payment"),
    "workspace.paid_work_allowed": _("%(who)s allowed paid work of %(target)s again"),
}
