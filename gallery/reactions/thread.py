"""The comments on a work, as a viewer sees them."""

from django.db.models import Count, Exists, OuterRef, Q, Window
from django.db.models.functions import RowNumber
from django.http import Http404

from accounts.models import Membership
from common.pagination import Page, fetch_page
from gallery.models import Block, Comment, Work
from gallery.reactions.comments import may_remove

SHOWN_ANSWERS = 3  # of a comment in the list: the newest; its own page has all
OLDEST_FIRST = ("created_at", "id")
WRITER = "user__home__profile"


def fetch_comments(user, work: Work, after: str = "") -> Page:
    """Return a page of the comments on the work, newest first, with their newest answers, in two queries.

    Each comment has ``answer_count``, ``newest_answers`` (oldest of them first) and ``is_removable``. One that was
    removed or hidden stays, without its text, if it has answers.
    """
    answers = Comment.objects.filter(_is_shown(user), answer_to=OuterRef("pk"))
    rows = _without_muted(user, Comment.objects.filter(work=work, answer_to=None).select_related(WRITER))
    rows = rows.annotate(has_answers=Exists(answers)).filter(_is_shown(user) | Q(has_answers=True))
    page = fetch_page(rows, after, size=20)
    _prepare(user, work, page.rows)
    _add_answers(user, work, [comment for comment in page.rows if comment.has_answers])
    return page


def get_comment(user, work: Work, code: str) -> Comment:
    """Return a comment or an answer on the work that the viewer may see. Raises Http404."""
    rows = Comment.objects.filter(work=work, code=code).select_related(WRITER, "answer_to")
    rows = rows.filter(_is_shown(user) | Q(answers__state=Comment.State.SHOWN)).distinct()
    comment = None if "\0" in code else rows.first()
    if comment is None:
        raise Http404
    _prepare(user, work, [comment])
    return comment


def fetch_answers(user, comment: Comment, after: str = "") -> Page:
    """Return a page of the answers to a comment, oldest first."""
    rows = _without_muted(user, comment.answers.filter(_is_shown(user)).select_related(WRITER))
    page = fetch_page(rows, after, order=OLDEST_FIRST)
    _prepare(user, comment.work, page.rows)
    return page


def add_newest_answers(user, comment: Comment) -> Comment:
    """Add to one comment what ``fetch_comments`` adds to each."""
    _add_answers(user, comment.work, [comment])
    return comment


def _is_shown(user) -> Q:
    """Return the condition for comments with their text: shown ones, and one's own that wait for an operator."""
    shown = Q(state=Comment.State.SHOWN)
    return shown | Q(state=Comment.State.WAITING, user=user) if user.is_authenticated else shown


def _without_muted(user, rows):
    if not user.is_authenticated:
        return rows
    profiles = Block.objects.filter(user=user).values("profile__workspace")
    return rows.exclude(user__in=Membership.objects.filter(workspace__in=profiles).values("user"))


def _add_answers(user, work: Work, comments: list[Comment]) -> None:
    if not comments:
        return
    rows = _without_muted(user, Comment.objects.filter(_is_shown(user), answer_to__in=[row.pk for row in comments]))
    rows = rows.annotate(
        place=Window(RowNumber(), partition_by="answer_to", order_by=("-created_at", "-id")),
        answers_of_thread=Window(Count("pk"), partition_by="answer_to"),
    )
    found = list(rows.filter(place__lte=SHOWN_ANSWERS).select_related(WRITER).order_by(*OLDEST_FIRST))
    _prepare(user, work, found)
    for comment in comments:
        comment.newest_answers = [answer for answer in found if answer.answer_to_id == comment.pk]
        comment.answer_count = comment.newest_answers[0].answers_of_thread if comment.newest_answers else 0


def _prepare(user, work: Work, comments: list[Comment]) -> None:
    """Set what the template shows of each comment, without a query."""
    for comment in comments:
        comment.work = work
        comment.is_gone = comment.state in (Comment.State.REMOVED, Comment.State.HIDDEN)
        comment.is_removable = user.is_authenticated and not comment.is_gone and may_remove(user, comment)
