"""Why the studio did not do something, in words for the person. Nothing was changed when one of these is raised."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class StudioRefused(Exception):
    """``str()`` is for the person; ``status`` is the HTTP status of the answer."""

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
    def __init__(self, most: int):
        words = ngettext("A story can have at most %(n)d scene.", "A story can have at most %(n)d scenes.", most)
        super().__init__(words % {"n": most})


class TooManyCharacters(StudioRefused):
    def __init__(self, most: int):
        words = ngettext(
            "You can have at most %(n)d character here.", "You can have at most %(n)d characters here.", most
        )
        super().__init__(words % {"n": most})


class TooManyPictures(StudioRefused):
    def __init__(self, most: int):
        words = ngettext(
            "A character can have at most %(n)d image.",
            "A character can have at most %(n)d images. Remove one first.",
            most,
        )
        super().__init__(words % {"n": most})


class StillWriting(StudioRefused):
    def __init__(self):
        super().__init__(
            _("The model is still writing. Wait until it finishes, or cancel it under Jobs. Nothing was requested.")
        )


class DirectionChanged(StudioRefused):
    """A page speaks of a director's proposal that is not the newest any more."""

    def __init__(self):
        words = _("Another proposal was requested or accepted since you opened this page.")
        super().__init__(f"{words} {_('Here is the current version. Nothing was accepted, requested or created.')}")


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
    """Two people wrote different words into the same field: ``fields`` is ``{name: (theirs, mine)}``."""

    def __init__(self, fields: dict[str, tuple], by: str = ""):
        self.fields, self.by = fields, by
        super().__init__(_("This was changed elsewhere while you were editing. Choose which text to keep."))


class NoFilm(StudioRefused):
    """A film cannot be made of the story as it is; ``problems`` say why (``studio.cut.Problem``)."""

    def __init__(self, problems: list):
        self.problems = problems
        super().__init__(" ".join(problem.words for problem in problems))


class FilmChanged(StudioRefused):
    """A page showed the film as it was before somebody changed the story or how its film shall be."""

    def __init__(self):
        words = _(
            "The film has changed since you opened this page. Nothing was created. Please review and confirm again."
        )
        super().__init__(words)


class MusicRefused(StudioRefused):
    """Nothing was kept. ``code`` names why."""

    def __init__(self, code: str, words: str):
        super().__init__(words)
        self.code = code
        self.status = {"too_many_bytes": 413, "no_room": 409}.get(code, 422)
