"""The hooks of accounts."""

from accounts import audit, privacy
from common.hooks import AppHooks, PersonalData

HOOKS = AppHooks(
    app="accounts",
    audit_sentences=audit.SENTENCES,
    privacy_parts={"account": PersonalData(privacy.collect, privacy.erase)},
)
