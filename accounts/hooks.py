"""The hooks of accounts."""

from django.utils.translation import gettext_lazy as _

from accounts import audit, privacy
from accounts.billing.money import money
from common.hooks import AppHooks, PersonalData

HOOKS = AppHooks(
    app="accounts",
    sentences={
        "insufficient_funds": _(
            "This costs %(needed)s, but only %(left)s is left. Nothing was started and nothing was charged."
        )
    },
    message_values={"money": lambda amount: money(*amount)},
    audit_sentences=audit.SENTENCES,
    privacy_parts={"account": PersonalData(privacy.collect, privacy.erase)},
)
