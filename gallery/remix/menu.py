"""What a reader may do with a work, and why something is not offered."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import get_workspace_ids
from accounts.viewer import Viewer
from gallery.access import is_blocked
from gallery.models import Remix, Work
from gallery.works.licences import describe_limits

How = Remix.How


@dataclass(frozen=True)
class RemixChoice:
    """One way to build on a work. ``reason``: why it is not offered, or ""."""

    how: str
    label: str
    icon: str
    reason: str = ""


@dataclass(frozen=True)
class RemixMenu:
    """``problem``: why nothing at all is offered, or "". ``limits``: the licences of what is made from the work."""

    choices: list[RemixChoice]
    problem: str
    limits: str

    def find(self, how: str) -> RemixChoice | None:
        """Return the choice, unless it is refused."""
        return next((choice for choice in self.choices if choice.how == how and not choice.reason), None)


def build_menu(viewer: Viewer, work: Work, *, blocked: bool | None = None) -> RemixMenu:
    """Return what the user, or a visitor, may do with the work. Work must be loaded with its clip or film.

    ``blocked``: whether the author blocked the user, if that was read already.
    """
    problem = _find_problem(viewer, work, blocked)
    choices = [] if work.kind == Work.Kind.TEMPLATE else _list_choices(work)
    if problem:
        choices = [RemixChoice(choice.how, choice.label, choice.icon, problem) for choice in choices]
    return RemixMenu(choices, problem, describe_limits(work.licence))


def _find_problem(viewer: Viewer, work: Work, blocked: bool | None) -> str:
    is_own = viewer.is_authenticated and work.workspace_id in get_workspace_ids(viewer)
    if is_own:
        return ""
    if not (work.allows_remix or work.kind == Work.Kind.TEMPLATE):
        return _("The author does not allow remixes of this work.")
    if is_blocked(viewer, work.workspace_id) if blocked is None else blocked:
        return _("The author does not accept remixes from you.")
    return ""


def _list_choices(work: Work) -> list[RemixChoice]:
    hidden = "" if work.shows_prompt else _("The author does not show the prompt.")
    choices = [
        RemixChoice(How.WORDS, _("Reuse the prompt"), "pencil", hidden or _find_missing_words(work)),
        RemixChoice(How.FIRST_FRAME, _("Animate from this frame"), "image", _find_missing_file(work)),
        RemixChoice(How.LAST_FRAME, _("Continue from the last frame"), "step-forward", _find_missing_file(work)),
    ]
    if work.kind == Work.Kind.FILM:
        choices += [
            RemixChoice(How.SCENE, _("Take a scene"), "clapperboard"),
            RemixChoice(How.TEMPLATE, _("Take the whole story as a template"), "copy", hidden),
        ]
    return choices


def _find_missing_words(work: Work) -> str:
    if work.prompt:
        return ""
    if work.kind == Work.Kind.FILM:
        return _("The words of a film are in its scenes: take one, or the whole story.")
    return _("This work was made without a prompt.")


def _find_missing_file(work: Work) -> str:
    """Return why no frame can be read: a clip that exists only as its provider delivered it."""
    is_missing = work.clip is not None and not work.clip.frames
    return _("The file of this clip can only be downloaded; no frame can be read.") if is_missing else ""
