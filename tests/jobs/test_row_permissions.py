"""Job rows offer only what the viewer's role allows, on pages and in live updates."""

import pytest
from django.urls import reverse

from accounts.access import get_home
from accounts.models import Role
from jobs import access
from jobs.hooks import JobHooks
from jobs.models import Job
from tests.factories import MembershipFactory
from tests.hooks import use_only
from tests.jobs.live import poll

ROLES = [(Role.VIEWER, False), (Role.EDITOR, True)]


@pytest.fixture
def join_workspace(ren, workspace):
    """``join_workspace(role)`` adds Ren to Mika's workspace."""
    return lambda role: MembershipFactory(user=ren, workspace=workspace, role=role).user


def list_actions(html: str, job) -> list[str]:
    """Return the actions of the buttons on the page, and "tick" if the row has a checkbox."""
    urls = {act: reverse(f"jobs:{act}", args=[job.pk]) for act in ("cancel", "retry", "delete")}
    return [act for act, url in urls.items() if f'"{url}"' in html] + ["tick"] * (f'value="{job.pk}"' in html)


@pytest.mark.parametrize(("role", "may_edit"), ROLES)
def test_list_and_job_page_offer_what_the_role_allows(sign_in, submit, join_workspace, role, may_edit):
    job = submit(title="A lantern")
    browser = sign_in(join_workspace(role), at=job.workspace)

    listed = browser.get(reverse("jobs:queue")).text
    alone = browser.get(reverse("jobs:job", args=[job.pk])).text

    assert "A lantern" in listed
    assert list_actions(listed, job) == list_actions(alone, job) == (["cancel", "delete", "tick"] if may_edit else [])
    assert ('name="act"' in listed) == may_edit


@pytest.mark.parametrize(("role", "may_edit"), ROLES)
def test_polled_rows_offer_what_the_role_allows(sign_in, submit, join_workspace, role, may_edit, monkeypatch):
    use_only(monkeypatch, JobHooks, cards={"test": lambda job: f"[{job.title}: {job.can_change}]"})
    job, browser = submit(title="A lantern"), sign_in(join_workspace(role))

    html = poll(browser, job)

    assert f'"li.job-row#job-{job.pk}"' in html and f"[A lantern: {may_edit}]" in html
    assert bool(list_actions(html, job)) == may_edit


def test_mixed_workspaces_need_no_extra_query(sign_in, submit, join_workspace, ren, django_assert_num_queries):
    join_workspace(Role.VIEWER)
    theirs, mine = submit(), submit(workspace=get_home(ren))
    with django_assert_num_queries(2):
        rows = {job.pk: job.can_change for job in access.with_permissions(Job.objects.visible_to(ren), ren)}
    assert rows == {theirs.pk: False, mine.pk: True}


def test_guest_may_act_on_their_own_jobs(guest_browser, submit):
    job = submit(workspace=guest_browser.guest, by=None)

    assert list_actions(guest_browser.get(reverse("jobs:queue")).text, job) == ["cancel", "delete", "tick"]
