"""What can be done with a clip once its model was asked for it: in one line for operators; on Create whether it can be
stopped, and behind that what else there is to know."""

from dataclasses import replace

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from generation.providers.base import Capability
from generation.providers.remote import RemoteProvider
from generation.providers.traits import ProviderTraits, Recovery, Stopping, model_traits

STOPPED = {
    Stopping.ANY: _("can be cancelled"),
    Stopping.QUEUED: _("can be cancelled only while queued there"),
    Stopping.NONE: _("cannot be cancelled there"),
}
WATCHED = {True: _("reports progress"), False: _("does not report progress")}
FOUND = {
    Recovery.OWN_ID: _("a lost response is found by our own ID"),
    Recovery.LIST: _("a lost response is searched for in the account’s list"),
    Recovery.WEBHOOK: _("a lost response is found only if the provider calls back"),
    Recovery.NONE: _("a lost response cannot be searched for"),
}
STOPPED_HERE = {
    Stopping.ANY: _("Can be cancelled during generation"),
    Stopping.QUEUED: _("Can be cancelled only while queued"),
    Stopping.NONE: _("Cannot be cancelled once started"),
}
WATCHED_HERE = {
    True: _("Shows progress."),
    False: _("Doesn’t show progress, only that it is running."),
}
FOUND_HERE = {
    Recovery.OWN_ID: _("If the provider’s response is lost, we find the clip by our own ID."),
    Recovery.LIST: _("If the provider’s response is lost, we search for the clip in the account’s list."),
    Recovery.WEBHOOK: _("If the provider’s response is lost, we find the clip only if the provider calls back."),
    Recovery.NONE: _(
        "If the provider’s response is lost, we cannot search for the clip; its page then asks what you want to do."
    ),
}


def new_clip_traits(engine: RemoteProvider, capability: Capability) -> ProviderTraits:
    """Return the traits of the model for a new clip: without recovery by callback where no provider can call us."""
    told = model_traits(engine.traits, capability)
    if told.recovery == Recovery.WEBHOOK and not settings.IS_HTTPS:
        return replace(told, recovery=Recovery.NONE)
    return told


def words(told: ProviderTraits) -> list[str]:
    """The three things that can be done, or not."""
    return [str(STOPPED[told.stopping]), str(WATCHED[told.has_progress]), str(FOUND[told.recovery])]


def for_creators(told: ProviderTraits) -> dict:
    """What whoever chooses a model wants to know, and ``more`` for those who ask."""
    return {
        "stopping": STOPPED_HERE[told.stopping],
        "more": [WATCHED_HERE[told.has_progress], FOUND_HERE[told.recovery]],
    }
