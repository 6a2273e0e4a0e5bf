"""Comments on works, and answers to them."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.access import get_home, may_operate
from accounts.models import Workspace, get_workspace_ids
from common.text import clean_public_text
from gallery.access import DECIDE_CASES, Opening, has_blocked
from gallery.errors import HandleRefused, ReactionRefused
from gallery.models import Ban, Comment, Profile, Work
from gallery.people.services import claim_handle
from gallery.reactions.rules import NEW_AGE, check_may_react, is_younger, lock_work
from gallery.works.score import update_score
from generation.media.mezzanine import MEZZANINE_FPS

TEXT_LENGTH = 1000
MOST_LINES = 40
LINK = re.compile(r"(https?:)?//|www\.|\w\.(com|net|org|io|cn|xyz|top|ru|info|shop|site|app|me|cc)\b", re.IGNORECASE)


def add_comment(
    *,
    user,
    work: Work,
    workspace: Workspace,
    text: str,
    frame: int | None = None,
    answer_to: Comment | None = None,
    handle: str = "",
) -> Comment:
    """Add a comment, or an answer to a comment. Raises ReactionRefused, and changes nothing.

    ``frame``: the frame it speaks of. An answer to an answer becomes one to its comment. The first comment with a link
    of a new account on a public site waits for an operator. A writer without a profile chooses its ``handle``.
    """
    text = check_text(text)
    _check_may_comment(user, work, workspace, answer_to)
    if frame is not None and not 0 <= frame <= work.seconds * MEZZANINE_FPS + MEZZANINE_FPS:
        raise ReactionRefused(_("The work has no such frame."), 422)
    state = Comment.State.WAITING if _must_wait(user, text) else Comment.State.SHOWN
    with transaction.atomic():
        _ensure_profile(user, handle)
        lock_work(work)
        comment = Comment.objects.create(
            work=work,
            user=user,
            text=text,
            frame=frame,
            state=state,
            answer_to=answer_to and (answer_to.answer_to or answer_to),
        )
        _update_count(work, int(state == Comment.State.SHOWN))
    return comment


def _ensure_profile(user, handle: str) -> None:
    """Give the user the handle if they have no profile. Raises ReactionRefused if they chose none, or it is taken."""
    home = get_home(user)
    if Profile.objects.filter(workspace=home).exists():
        return
    if not handle.strip():
        raise ReactionRefused(_("Choose a handle: a comment shows who wrote it."), 422, field="handle")
    try:
        claim_handle(workspace=home, handle=handle, by=user)
    except HandleRefused as refusal:
        raise ReactionRefused(str(refusal), 422, field="handle") from refusal


def check_text(text: str) -> str:
    """Return the text of a comment as it is stored. Raises ReactionRefused."""
    try:
        text = clean_public_text(text, most_lines=MOST_LINES)
    except ValidationError as error:
        raise ReactionRefused(" ".join(error.messages), 422) from error
    if not text:
        raise ReactionRefused(_("Write something first."), 422)
    if len(text) > TEXT_LENGTH:
        raise ReactionRefused(_("The comment is too long. At most 1,000 characters are possible."), 422)
    return text


def set_comment_state(comment: Comment, state: str) -> bool:
    """Show, hide or remove a comment. Returns whether that changed something. Its answers stay."""
    with transaction.atomic():
        lock_work(comment.work)
        locked = Comment.objects.select_for_update().get(pk=comment.pk)
        if locked.state == state:
            return False
        step = int(state == Comment.State.SHOWN) - int(locked.state == Comment.State.SHOWN)
        Comment.objects.filter(pk=comment.pk).update(state=state)
        _update_count(comment.work, step)
    comment.state = state
    return True


def remove_comment(comment: Comment, *, by) -> None:
    """Remove one's own comment, or one on a work of one's workspace. Raises ReactionRefused for others."""
    if not may_remove(by, comment):
        raise ReactionRefused(_("This comment is not yours. Nothing was changed."))
    if comment.state != Comment.State.HIDDEN:  # what operators hid stays so
        set_comment_state(comment, Comment.State.REMOVED)


def may_remove(user, comment: Comment) -> bool:
    return comment.user_id == user.pk or comment.work.workspace_id in get_workspace_ids(user)


def _check_may_comment(user, work: Work, workspace: Workspace, answer_to: Comment | None) -> None:
    if not work.allows_comments:
        raise ReactionRefused(_("The author does not allow comments on this work."))
    check_may_react(user, work, workspace=workspace, scope=Ban.Scope.COMMENT)
    if answer_to is None:
        return
    thread = answer_to.answer_to or answer_to
    if thread.state != Comment.State.SHOWN:
        raise ReactionRefused(_("The comment was removed. Your answer was not sent."), 422)
    if any(has_blocked(comment.user_id, user) for comment in {answer_to, thread}):
        raise ReactionRefused(_("You cannot answer this comment. Nothing was changed."))


def _must_wait(user, text: str) -> bool:
    if settings.GALLERY != Opening.PUBLIC or not LINK.search(text) or not is_younger(user, NEW_AGE):
        return False
    if may_operate(user, DECIDE_CASES):
        return False
    shown = Comment.objects.filter(user=user, state=Comment.State.SHOWN).values_list("text", flat=True)
    return not any(LINK.search(earlier) for earlier in shown)


def _update_count(work: Work, step: int) -> None:
    """Change the number of shown comments. Call it with the work's row locked."""
    if step:
        update_score(work, comment_count=F("comment_count") + step)
