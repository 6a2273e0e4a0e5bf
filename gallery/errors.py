"""Why something was refused. ``str()`` says it to the user; nothing was changed."""

from django.utils.translation import gettext as _

from accounts.models.user import display_name
from gallery.models import Decision


class PeopleRefused(Exception):
    """Something about people was refused. ``field``: the field of the form that is wrong, or ""."""

    def __init__(self, message: str, field: str = "", status: int = 422) -> None:
        super().__init__(message)
        self.field = field
        self.status = status


class HandleRefused(PeopleRefused):
    def __init__(self, message: str) -> None:
        super().__init__(message, "handle")


class ReactionRefused(Exception):
    """A reaction to a work was refused. ``status``: of the response. ``field``: the field of the form that is to blame,
    "" for the main one."""

    def __init__(self, message: str, status: int = 403, *, field: str = "") -> None:
        super().__init__(message)
        self.status, self.field = status, field


class ModerationRefused(Exception):
    """A report, a decision or an appeal was refused."""

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
