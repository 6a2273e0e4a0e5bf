"""What can be done with a clip once its model was asked for it, in a few words: for Create and for operators."""

from django.utils.translation import gettext_lazy as _

from generation.providers.base import Capability
from generation.providers.manners import Manners, Recovery, Stopping, of_model

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


def words(manners: Manners, capability: Capability) -> list[str]:
    """The three things a model declares, or has from its provider."""
    told = of_model(manners, capability)
    return [str(STOPPED[told.stopping]), str(WATCHED[told.has_progress]), str(FOUND[told.recovery])]
