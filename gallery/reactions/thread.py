"""The comments on a work, as a viewer sees them."""

from django.db.models import Count, Exists, OuterRef, Q, Window
from django.db.models.functions import RowNumber
from django.http import Http404

from accounts.models import Membership
from accounts.viewer import Viewer
from common.pagination import Page, fetch_page
from gallery.models import Block, Comment, Work
from gallery.reactions.comments import may_remove

SHOWN_ANSWERS = 3  # of a comment in the list: the newest; its own page has all
OLDEST_FIRST = ("created_at", "id")
WRITER = "user__home__profile"


def fetch_comments(viewer: Viewer, work: Work, after: str = "") -> Page:
    """Return a page of the comments on the work, newest first, with their newest answers, in two queries.

    Each comment has ``answer_count``, ``newest_answers`` (oldest of them first) and ``is_removable``. One that was
    removed or hidden stays, without its text, if it has answers.
    """
    answers = Comment.objects.filter(_is_shown(viewer), answer_to=OuterRef("pk"))
    rows = _without_muted(viewer, Comment.objects.filter(work=work, answer_to=None).select_related(WRITER))
    rows = rows.annotate(has_answers=Exists(answers)).filter(_is_shown(viewer) | Q(has_answers=True))
    page = fetch_page(rows, after, size=20)
    _prepare(viewer, work, page.rows)
    _add_answers(viewer, work, [comment for comment in page.rows if comment.has_answers])
    return page


def get_comment(viewer: Viewer, work: Work, code: str) -> Comment:
    """Return a comment or an answer on the work that the viewer may see. Raises Http404."""
    rows = Comment.objects.filter(work=work, code=code).select_related(WRITER, "answer_to")
    rows = rows.filter(_is_shown(viewer) | Q(answers__state=Comment.State.SHOWN)).distinct()
    comment = None if "\0" in code else rows.first()
    if comment is None:
        raise Http404
    _prepare(viewer, work, [comment])
    return comment


def fetch_answers(viewer: Viewer, comment: Comment, after: str = "") -> Page:
    """Return a page of the answers to a comment, oldest first."""
    rows = _without_muted(viewer, comment.answers.filter(_is_shown(viewer)).select_related(WRITER))
    page = fetch_page(rows, after, order=OLDEST_FIRST)
    _prepare(viewer, comment.work, page.rows)
    return page


def add_newest_answers(viewer: Viewer, comment: Comment) -> Comment:
    """Add to one comment what ``fetch_comments`` adds to each."""
    _add_answers(viewer, comment.work, [comment])
    return comment


def _is_shown(viewer: Viewer) -> Q:
    """Return the condition for comments with their text: shown ones, and one's own that wait for an operator."""
    shown = Q(state=Comment.State.SHOWN)
    return shown | Q(state=Comment.State.WAITING, user=viewer.pk) if viewer.is_authenticated else shown


def _without_muted(viewer: Viewer, rows):
    if not viewer.is_authenticated:
        return rows
    profiles = Block.objects.filter(user=viewer.pk).values("profile__workspace")
    return rows.exclude(user__in=Membership.objects.filter(workspace__in=profiles).values("user"))


def _add_answers(viewer: Viewer, work: Work, comments: list[Comment]) -> None:
    if not comments:
        return
    rows = _without_muted(viewer, Comment.objects.filter(_is_shown(viewer), answer_to__in=[row.pk for row in comments]))
    rows = rows.annotate(
        place=Window(RowNumber(), partition_by="answer_to", order_by=("-created_at", "-id")),
        answers_of_thread=Window(Count("pk"), partition_by="answer_to"),
    )
    found = list(rows.filter(place__lte=SHOWN_ANSWERS).select_related(WRITER).order_by(*OLDEST_FIRST))
    _prepare(viewer, work, found)
    for comment in comments:
        comment.newest_answers = [answer for answer in found if answer.answer_to_id == comment.pk]
        comment.answer_count = comment.newest_answers[0].answers_of_thread if comment.newest_answers else 0


def _prepare(viewer: Viewer, work: Work, comments: list[Comment]) -> None:
    """Set what the template shows of each comment, without a query."""
    for comment in comments:
        comment.work = work
        comment.is_gone = comment.state in (Comment.State.REMOVED, Comment.State.HIDDEN)
        comment.is_removable = viewer.is_authenticated and not comment.is_gone and may_remove(viewer, comment)
