"""The hooks of accounts."""

from collections.abc import Iterator

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from accounts import audit, privacy
from accounts.billing import grants
from accounts.billing.money import money
from common.hooks import AppHooks, PersonalData


def check_grants() -> Iterator[str]:
    for wallet in grants.find_unbalanced_wallets():
        facts = {"id": wallet.pk, "granted": wallet.granted, "amount": wallet.available + wallet.reserved}
        yield gettext("wallet %(id)s has %(amount)s, but its grants add up to %(granted)s") % facts


HOOKS = AppHooks(
    app="accounts",
    sentences={
        "insufficient_funds": _(
            "This costs %(needed)s, but only %(left)s is left. Nothing was started and nothing was charged."
        ),
        "rate_unknown": _(
            "This price is in %(currency)s, and this studio has no exchange rate for it into %(site)s yet. Nothing was "
            "started and nothing was charged. An administrator can add the rate."
        ),
    },
    message_values={"money": lambda amount: money(*amount)},
    audit_sentences=audit.SENTENCES,
    periodic_tasks={"expire grants": grants.expire_grants},
    invariants={gettext_noop("I10 grants match their wallets"): check_grants},
    privacy_parts={"account": PersonalData(privacy.collect, privacy.erase)},
)
