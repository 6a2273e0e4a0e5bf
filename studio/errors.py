"""Expected errors of the studio, with messages for users. Whatever raised one of them has changed nothing."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.messages import join_messages


class StudioRefused(Exception):
    """A refused action. ``str()``: the message for the user. ``status``: the HTTP status of the response."""

    status = 409


class SceneLocked(StudioRefused):
    def __init__(self):
        super().__init__(_("This scene is locked. Unlock it first. Nothing was changed."))


class SceneChanged(StudioRefused):
    def __init__(self):
        super().__init__(
            _("Someone else changed this scene in the meantime. Review the current version and make your change again.")
        )


class OrderChanged(StudioRefused):
    def __init__(self):
        super().__init__(
            _("Scenes were moved or added elsewhere in the meantime. Review the new order and move the scene again.")
        )


class TooManyScenes(StudioRefused):
    def __init__(self, limit: int):
        message = ngettext("A story can have at most %(n)d scene.", "A story can have at most %(n)d scenes.", limit)
        super().__init__(message % {"n": limit})


class TooManyCharacters(StudioRefused):
    def __init__(self, limit: int):
        message = ngettext(
            "You can have at most %(n)d character here.", "You can have at most %(n)d characters here.", limit
        )
        super().__init__(message % {"n": limit})


class TooManyPictures(StudioRefused):
    def __init__(self, limit: int):
        message = ngettext(
            "A character can have at most %(n)d image.",
            "A character can have at most %(n)d images. Remove one first.",
            limit,
        )
        super().__init__(message % {"n": limit})


class StillWriting(StudioRefused):
    def __init__(self):
        super().__init__(
            _("The model is still writing. Wait until it finishes, or cancel it under Jobs. Nothing was requested.")
        )


class DirectionChanged(StudioRefused):
    """The page showed a state of the director that is not the newest."""

    def __init__(self):
        message = _("Another proposal was requested or accepted since you opened this page.")
        super().__init__(f"{message} {_('Here is the current version. Nothing was accepted, requested or created.')}")


class NothingToDirect(StudioRefused):
    status = 422

    def __init__(self):
        super().__init__(_("Accept the previous step first. Nothing was requested and nothing was charged."))


class CannotSplit(StudioRefused):
    status = 422

    def __init__(self):
        super().__init__(_("There is nothing to split here. Write at least two words first."))


class TakeNotReady(StudioRefused):
    def __init__(self):
        super().__init__(_("This take is not ready, or it is in the trash. Choose another."))


class NothingToDraw(StudioRefused):
    def __init__(self):
        super().__init__(_("There is nothing to draw here. Nothing was started and nothing was charged."))


class NothingTaken(StudioRefused):
    status = 422

    def __init__(self):
        super().__init__(_("No scenes are selected. Select the ones you want. Nothing was created."))


class QuoteChanged(StudioRefused):
    def __init__(self):
        super().__init__(
            _("The price or the scenes have changed. Nothing was started. Please review and confirm again.")
        )


class Collision(StudioRefused):
    """Two users changed the same fields to different values.

    ``fields``: {name: (the stored value, the refused value)}. ``by``: the name of the other user.
    """

    def __init__(self, fields: dict[str, tuple], by: str = ""):
        self.fields, self.by = fields, by
        super().__init__(_("This was changed elsewhere while you were editing. Choose which text to keep."))


class NoFilm(StudioRefused):
    """The film cannot be made now. ``problems``: why (``studio.films.plan.Problem``)."""

    def __init__(self, problems: list):
        self.problems = problems
        self.message = join_messages(*(problem.message for problem in problems))
        super().__init__(self.message)


class FilmChanged(StudioRefused):
    """The story or the film settings changed since the page was opened."""

    def __init__(self):
        message = _(
            "The film has changed since you opened this page. Nothing was created. Please review and confirm again."
        )
        super().__init__(message)


class MusicRefused(StudioRefused):
    """A music track was refused. ``code``: the reason, a key of MUSIC_MESSAGES."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code
        self.status = {"too_many_bytes": 413, "no_room": 409}.get(code, 422)
