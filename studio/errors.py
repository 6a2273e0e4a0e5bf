"""Why the studio did not do something, in words for the person. Nothing was changed when one of these is raised."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class StudioRefused(Exception):
    """``str()`` is for the person; ``status`` is the HTTP status of the answer."""

    status = 409


class SceneLocked(StudioRefused):
    def __init__(self):
        super().__init__(_("This scene is locked. Unlock it first; nothing was changed."))


class SceneChanged(StudioRefused):
    def __init__(self):
        super().__init__(_("Somebody else changed this scene meanwhile. Here is how it stands now; change it again."))


class OrderChanged(StudioRefused):
    def __init__(self):
        super().__init__(_("Scenes were moved or added elsewhere meanwhile. This is the new order: move it again."))


class TooManyScenes(StudioRefused):
    def __init__(self, most: int):
        words = ngettext("A story has at most %(n)d scene.", "A story has at most %(n)d scenes.", most)
        super().__init__(words % {"n": most})


class TooManyCharacters(StudioRefused):
    def __init__(self, most: int):
        words = ngettext(
            "There can be at most %(n)d character here.", "There can be at most %(n)d characters here.", most
        )
        super().__init__(words % {"n": most})


class TooManyPictures(StudioRefused):
    def __init__(self, most: int):
        words = ngettext("It has at most %(n)d picture.", "It has at most %(n)d pictures. Take one away first.", most)
        super().__init__(words % {"n": most})


class StillWriting(StudioRefused):
    def __init__(self):
        super().__init__(_("The model is still writing. Wait for it, or stop it under Jobs; nothing was asked."))


class DirectionChanged(StudioRefused):
    """A page speaks of a director's proposal that is not the newest any more."""

    def __init__(self):
        words = _("Another proposal was asked for, or one was kept, since this page was opened.")
        super().__init__(f"{words} {_('Here is how it stands now; nothing was kept, asked or made.')}")


class NothingToDirect(StudioRefused):
    status = 422

    def __init__(self):
        super().__init__(_("Keep the step before this one first. Nothing was asked and nothing was charged."))


class CannotSplit(StudioRefused):
    status = 422

    def __init__(self):
        super().__init__(_("There is nothing to split here: write at least two words first."))


class TakeNotReady(StudioRefused):
    def __init__(self):
        super().__init__(_("This take is not ready, or it is in the bin. Choose another one."))


class NothingToDraw(StudioRefused):
    def __init__(self):
        super().__init__(_("There is nothing to draw here now. Nothing was started and nothing was charged."))


class NothingTaken(StudioRefused):
    status = 422

    def __init__(self):
        super().__init__(_("No scene is ticked. Tick those you want; nothing was made."))


class PriceChanged(StudioRefused):
    def __init__(self):
        words = _("The price or the scenes have changed since you looked. Nothing was started; look again and confirm.")
        super().__init__(words)


class DrawnMeanwhile(StudioRefused):
    def __init__(self):
        words = _("Something was drawn here meanwhile, or taken away. Nothing was started; look again and confirm.")
        super().__init__(words)


class Collision(StudioRefused):
    """Two people wrote different words into the same field: ``fields`` is ``{name: (theirs, mine)}``."""

    def __init__(self, fields: dict[str, tuple], by: str = ""):
        self.fields, self.by = fields, by
        super().__init__(_("This was changed elsewhere while you were writing. Choose which words to keep."))


class NoFilm(StudioRefused):
    """A film cannot be made of the story as it is; ``problems`` say why (``studio.cut.Problem``)."""

    def __init__(self, problems: list):
        self.problems = problems
        super().__init__(" ".join(problem.words for problem in problems))


class FilmChanged(StudioRefused):
    """A page showed the film as it was before somebody changed the story or how its film shall be."""

    def __init__(self):
        words = _("The film is not what your page showed any more. Nothing was made; look at it again and confirm.")
        super().__init__(words)


class MusicRefused(StudioRefused):
    """Nothing was kept. ``code`` names why."""

    def __init__(self, code: str, words: str):
        super().__init__(words)
        self.code = code
        self.status = {"too_many_bytes": 413, "no_room": 409}.get(code, 422)
