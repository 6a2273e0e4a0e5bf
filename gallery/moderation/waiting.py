"""What waits for operators: cases, appeals, first looks and comments."""

from gallery.models import Appeal, Case, Comment, Work

SHOWN = 100


def list_cases():
    """Return the open cases that somebody reported, the gravest first, then the longest waiting."""
    cases = Case.objects.filter(state=Case.State.OPEN).select_related("work__film", "comment", "profile")
    return cases.order_by("-priority", "opened_at")


def list_appeals():
    appeals = Appeal.objects.filter(state=Appeal.State.OPEN)
    return appeals.select_related("decision__case", "decision__by", "by").order_by("created_at")


def list_first_looks():
    """Return the public works that wait, the longest waiting first."""
    works = Work.objects.available().filter(state=Work.State.WAITING, visibility=Work.Visibility.PUBLIC)
    works = works.select_related("film", "workspace__profile", "workspace__home_of").prefetch_related("work_tags__tag")
    return works.order_by("published_at", "pk")


def list_comments():
    comments = Comment.objects.filter(state=Comment.State.WAITING)
    return comments.select_related("work", "user").order_by("created_at", "pk")


def count_waiting() -> int:
    """Return how much waits for an operator."""
    open_cases = Case.objects.filter(state=Case.State.OPEN)
    return sum(rows.count() for rows in (open_cases, list_appeals(), list_first_looks(), list_comments()))
