"""What a model can do for a submitted clip: cancel, report progress, find a lost response."""

from dataclasses import replace

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from generation.providers.base import Capability
from generation.providers.remote import RemoteProvider
from generation.providers.traits import ProviderTraits, Recovery, Stopping, model_traits

CANCEL_FACTS = {
    Stopping.ANY: _("can be cancelled"),
    Stopping.QUEUED: _("can be cancelled only while queued there"),
    Stopping.NONE: _("cannot be cancelled there"),
}
PROGRESS_FACTS = {True: _("reports progress"), False: _("does not report progress")}
RECOVERY_FACTS = {
    Recovery.OWN_ID: _("a lost response is found by our own ID"),
    Recovery.LIST: _("a lost response is searched for in the account’s list"),
    Recovery.WEBHOOK: _("a lost response is found only if the provider calls back"),
    Recovery.NONE: _("a lost response cannot be searched for"),
}
CANCEL_HINTS = {
    Stopping.ANY: _("Can be cancelled during generation"),
    Stopping.QUEUED: _("Can be cancelled only while queued"),
    Stopping.NONE: _("Cannot be cancelled once started"),
}
PROGRESS_HINTS = {
    True: _("Shows progress."),
    False: _("Doesn’t show progress, only that it is running."),
}
RECOVERY_HINTS = {
    Recovery.OWN_ID: _("If the provider’s response is lost, we find the clip by our own ID."),
    Recovery.LIST: _("If the provider’s response is lost, we search for the clip in the account’s list."),
    Recovery.WEBHOOK: _("If the provider’s response is lost, we find the clip only if the provider calls back."),
    Recovery.NONE: _(
        "If the provider’s response is lost, we cannot search for the clip; its page then asks what you want to do."
    ),
}


def get_new_clip_traits(engine: RemoteProvider, capability: Capability) -> ProviderTraits:
    """Return the model's traits for a new clip. Without HTTPS no provider can call this site, so callbacks do not count
    as recovery."""
    traits = model_traits(engine.traits, capability)
    if traits.recovery == Recovery.WEBHOOK and not settings.IS_HTTPS:
        return replace(traits, recovery=Recovery.NONE)
    return traits


def describe_to_admins(traits: ProviderTraits) -> list[str]:
    """Return three sentences for the admin: on cancelling, progress and recovery."""
    return [
        str(CANCEL_FACTS[traits.stopping]),
        str(PROGRESS_FACTS[traits.has_progress]),
        str(RECOVERY_FACTS[traits.recovery]),
    ]


def describe_to_users(traits: ProviderTraits) -> dict:
    """Return hints for users: ``stopping`` on cancelling, and ``more`` on progress and recovery."""
    return {
        "stopping": CANCEL_HINTS[traits.stopping],
        "more": [PROGRESS_HINTS[traits.has_progress], RECOVERY_HINTS[traits.recovery]],
    }
