"""The explore page: score, filters, search and pages."""

import pytest
from django.utils import timezone

from gallery.explore.score import update_score
from gallery.models import Comment, Like, Remix, Work
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mika():
    return UserFactory(name="Mika")


def create_work(user, **fields):
    """Create a public work with nothing behind it, for what needs rows only."""
    facts = {"kind": "clip", "title": "Last train", "visibility": "public", "published_at": timezone.now()}
    return Work.objects.create(workspace=user.workspaces.get(), published_by=user, **facts | fields)


def test_score_counts_people_once_and_not_the_authors_own(mika):
    work = create_work(mika)
    ren = UserFactory()
    update_score(work)
    work.refresh_from_db()
    before = work.score

    Like.objects.create(work=work, user=UserFactory(), counts=False)  # of a new account
    for user in (mika, ren, ren):
        Comment.objects.create(work=work, user=user, text="!")
    for n, how in enumerate(("words", "scene")):
        Remix.objects.create(
            parent=work, parent_code=work.code, workspace=ren.workspaces.get(), child_kind="clip", how=how,
            child=f"{n:032}",
        )  # fmt: skip
    update_score(work)

    work.refresh_from_db()
    assert work.score - before == pytest.approx(3.1699, abs=1e-3)  # log2(1 + 6 for one remixer + 2 for one commenter)
