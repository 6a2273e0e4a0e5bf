"""What can be done with a clip once its model was asked for it: in one line for operators; on Create whether it can be
stopped, and behind that what else there is to know."""

from dataclasses import replace

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from generation.providers.base import Capability
from generation.providers.remote import RemoteProvider
from generation.providers.traits import Manners, Recovery, Stopping, of_model

STOPPED = {
    Stopping.ANY: _("can be stopped"),
    Stopping.QUEUED: _("can be stopped only while it waits there"),
    Stopping.NONE: _("cannot be stopped there"),
}
WATCHED = {True: _("says how far it is"), False: _("does not say how far it is")}
FOUND = {
    Recovery.OWN_ID: _("a lost answer is found again by our own id"),
    Recovery.LIST: _("a lost answer is looked for in the account's list"),
    Recovery.WEBHOOK: _("a lost answer is found only if it calls back"),
    Recovery.NONE: _("a lost answer cannot be looked for"),
}
STOPPED_HERE = {
    Stopping.ANY: _("Can be stopped while it draws"),
    Stopping.QUEUED: _("Can be stopped only while it waits in line"),
    Stopping.NONE: _("Cannot be stopped once it has begun"),
}
WATCHED_HERE = {
    True: _("You see how far it is."),
    False: _("It does not say how far it is; you see only that it works."),
}
FOUND_HERE = {
    Recovery.OWN_ID: _("If its answer gets lost, we find the clip again by a number of our own."),
    Recovery.LIST: _("If its answer gets lost, we look for the clip in the account’s list."),
    Recovery.WEBHOOK: _("If its answer gets lost, we find the clip only if the provider calls back."),
    Recovery.NONE: _("If its answer gets lost, we cannot look for the clip; its page then asks what you want."),
}


def of_new(engine: RemoteProvider, capability: Capability) -> Manners:
    """What a model declares, or has from its provider, less what a clip that is asked for now loses: by the forms that
    operators chose, and where nobody can call us. What was sent before is not asked about here."""
    told = of_model(engine.manners, capability)
    for way in engine.ways:
        told = replace(told, **way.loses.get(engine.way(way.name), {}))
    if told.recovery == Recovery.WEBHOOK and not settings.IS_HTTPS:
        return replace(told, recovery=Recovery.NONE)
    return told


def words(told: Manners) -> list[str]:
    """The three things that can be done, or not."""
    return [str(STOPPED[told.stopping]), str(WATCHED[told.has_progress]), str(FOUND[told.recovery])]


def for_creators(told: Manners) -> dict:
    """What whoever chooses a model wants to know, and ``more`` for those who ask."""
    return {
        "stopping": STOPPED_HERE[told.stopping],
        "more": [WATCHED_HERE[told.has_progress], FOUND_HERE[told.recovery]],
    }
