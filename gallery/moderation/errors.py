"""Why a report, a decision or an appeal was refused. ``str()`` says it in words; nothing was changed."""

from django.utils.translation import gettext as _

from accounts.models.user import display_name
from gallery.models import Decision


class ModerationRefused(Exception):
    status = 422


class AlreadyDecided(ModerationRefused):
    """Somebody decided the case, or answered the appeal, before."""

    status = 409

    def __init__(self, act: str, by) -> None:
        who = display_name(by) if by else _("somebody else")
        super().__init__(_("%(who)s has already decided: %(act)s. Nothing was changed.") % {"who": who, "act": act})


class ActImpossible(ModerationRefused):
    """The decision does not apply to this kind of target."""

    def __init__(self, act: str) -> None:
        label = Decision.Act(act).label
        super().__init__(_("“%(act)s” is not possible here. Nothing was changed.") % {"act": label})


class UndoImpossible(ModerationRefused):
    """The decision changed nothing, or was undone before."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("This decision was undone before, or it changed nothing. Nothing was changed."))


class AppealRefused(ModerationRefused):
    status = 409
