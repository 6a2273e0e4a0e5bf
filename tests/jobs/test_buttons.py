"""Whoever may only look at a workspace's jobs is offered nothing to do to them, there and in what pages hear later."""

import pytest
from django.urls import reverse

from accounts.access import home_of
from accounts.models import Role
from jobs import access
from jobs.models import Job
from jobs.views import cards
from tests.factories import MembershipFactory

ROLES = [(Role.VIEWER, False), (Role.EDITOR, True)]


@pytest.fixture
def colleague(ren, desk):
    """Ren comes to Mika's workspace with a role."""
    return lambda role: MembershipFactory(user=ren, workspace=desk, role=role).user


def offered(html: str, job) -> list[str]:
    """The deeds that buttons in these words name, and the box that ticks the row."""
    urls = {act: reverse(f"jobs:{act}", args=[job.pk]) for act in ("cancel", "retry", "delete")}
    return [act for act, url in urls.items() if f'"{url}"' in html] + ["tick"] * (f'value="{job.pk}"' in html)


@pytest.mark.parametrize(("role", "may"), ROLES)
def test_the_list_and_the_jobs_own_page_offer_what_the_role_may_do(sign_in, submit, colleague, role, may):
    job, browser = submit(title="A lantern"), sign_in(colleague(role))

    listed = browser.get(reverse("jobs:queue")).text
    alone = browser.get(reverse("jobs:job", args=[job.pk])).text

    assert "A lantern" in listed
    assert offered(listed, job) == offered(alone, job) == (["cancel", "delete", "tick"] if may else [])
    assert ('name="act"' in listed) == may


@pytest.mark.parametrize(("role", "may"), ROLES)
def test_a_page_without_a_socket_hears_the_same(sign_in, submit, colleague, role, may, monkeypatch):
    monkeypatch.setattr(cards, "_cards", {"test": lambda job: f"[{job.title}: {job.may_change}]"})
    job, browser = submit(title="A lantern"), sign_in(colleague(role))

    heard = browser.get(reverse("jobs:live"), {"ids": str(job.pk)}).text

    assert f'"li.jr#job-{job.pk}"' in heard and f"[A lantern: {may}]" in heard
    assert bool(offered(heard, job)) == may


def test_jobs_of_two_workspaces_are_told_apart_with_no_question_more(
    sign_in, submit, colleague, ren, django_assert_num_queries
):
    colleague(Role.VIEWER)
    theirs, mine = submit(), submit(workspace=home_of(ren))
    with django_assert_num_queries(1):
        rows = {job.pk: job.may_change for job in access.with_rights(Job.objects.visible_to(ren), ren)}
    assert rows == {theirs.pk: False, mine.pk: True}


def test_a_visitor_may_do_everything_to_what_is_theirs(visitor, submit):
    job = submit(workspace=visitor.guest, by=None)

    assert offered(visitor.get(reverse("jobs:queue")).text, job) == ["cancel", "delete", "tick"]
