"""Sentences of payments, by code."""

from django.utils.translation import gettext_lazy as _

REFUSALS = {
    "purchase_not_refundable": _("No payment provider took money for this purchase, so none can be paid back here."),
    "has_subscription": _("This workspace has a plan already. Change or cancel it under “Cards and invoices”."),
    "has_prepaid_plan": _("This workspace has prepaid another plan. It can be changed when that ends."),
    "transfer_not_open": _("No transfer is awaited for this purchase. Nothing was changed."),
    "voucher_unknown": _("This is not a code of this studio. Check its 16 letters and digits; nothing was changed."),
    "voucher_used": _("This code was used before. Nothing was changed."),
    "voucher_ended": _("This code is too old. Nothing was changed."),
}
# why an event or a purchase waits for an operator
PROBLEMS = {
    "unmatched": _("The payment provider knows it, but no purchase of this site does."),
    "other_account": _("It belongs to another account of the payment provider."),
    "other_mode": _("Test and real money do not mix: it is of the other mode."),
    "other_purchase": _("It names another purchase."),
    "other_kind": _("It pays once where a subscription was bought, or the other way round."),
    "other_currency": _("It was paid in another currency than agreed."),
    "other_amount": _("Another amount was paid than agreed."),
    "other_customer": _("Another customer paid it than the one of the workspace."),
    "no_workspace": _("It was paid, but the workspace is gone. Pay it back."),
    "unknown_price": _("It has a price that no plan of this site names. Add the price to a plan."),
    "second_subscription": _("The workspace has another subscription. Cancel this one there and pay it back."),
    "partly_refunded": _("It was paid back in part. Correct the credit by hand."),
    "refunded_there": _("It was paid back in the provider’s own pages. Correct the credit by hand."),
    "refund_failed": _("The bank sent the refund back. Pay it back in another way, or give the credit back by hand."),
    "dispute_won": _("The bank decided for the site. Give the credit back by hand."),
    "provider_unavailable": _("The payment provider did not answer; it is asked again."),
    "provider_refused": _("The payment provider refused to say; it is asked again. Check the key’s permissions."),
    "error": _("Something went wrong here; the log says what. It is tried again."),
}
AUDIT = {
    "purchase.begun": _("%(who)s began %(target)s"),
    "purchase.cancelled": _("%(who)s cancelled %(target)s"),
    "purchase.paid": _("%(target)s was paid"),
    "purchase.refund_asked": _("%(who)s paid %(target)s back"),
    "purchase.refunded": _("%(target)s was paid back"),
    "purchase.transfer_confirmed": _("%(who)s confirmed the transfer of %(target)s"),
    "payment_event.settled": _("%(who)s settled %(target)s"),
    "pack.changed": _("%(who)s set %(target)s"),
    "voucher.created": _("%(who)s created %(target)s"),
    "voucher.cancelled": _("%(who)s cancelled %(target)s"),
    "voucher.used": _("%(who)s used %(target)s"),
    "purchase.disputed": _("A bank disputes %(target)s"),
}
