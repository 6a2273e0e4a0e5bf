"""Only the requester sees the test of a personal connection, even if others work in the same workspace."""

import pytest

from accounts.access import get_home
from accounts.sign_in.session_lifetime import find_viewer
from generation.providers.connections import test_job
from jobs import access
from jobs.models import Job
from tests.factories import MembershipFactory, UserFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db
LABEL = "Echo of my agency"


@pytest.fixture
def co_owner(mika):
    """Another owner of Mika's own workspace."""
    ren = UserFactory(name="Ren", email="ren2@example.test")
    MembershipFactory(workspace=get_home(mika), user=ren)
    return ren


@pytest.fixture
def co_owner_browser(co_owner, sign_in):
    """The browser of the other owner."""
    return sign_in(co_owner)


@pytest.fixture
def waiting_test(mika, connect, fake, sign_in):
    """Mika's waiting test of her personal connection."""
    connection = connect(mika, label=LABEL, base_url=fake.url)
    sign_in(mika).post(f"/settings/connections/{connection.pk}/test/")
    return Job.objects.get()


def read_job_pages(browser, job) -> str:
    """All pages that mention jobs: the queue, single jobs, and any page with its badge."""
    sent = ["/jobs/", "/jobs/?q=echo", "/jobs/?state=active", f"/jobs/live/?topics=job:{job.pk}", "/library/"]
    return " ".join(browser.get(path).content.decode() for path in sent)


def test_workspace_members_do_not_see_anothers_connection_test(waiting_test, co_owner_browser, run_connection_tests):
    assert waiting_test.workspace.memberships.count() == 2, "the job is in a workspace of one member"
    for _state in ("waiting", "ended"):
        assert co_owner_browser.get(f"/jobs/{waiting_test.pk}/").status_code == 404
        assert LABEL not in read_job_pages(
            co_owner_browser, waiting_test
        ) and f"job-{waiting_test.pk}" not in read_job_pages(co_owner_browser, waiting_test)
        run_connection_tests()


@pytest.mark.parametrize("action", ["cancel", "delete", "restore"])
def test_workspace_members_cannot_act_on_anothers_connection_test(waiting_test, co_owner_browser, action):
    before = Job.objects.get()

    assert co_owner_browser.post(f"/jobs/{waiting_test.pk}/{action}/").status_code == 404

    now = Job.objects.get()
    assert (now.rev, now.state, now.deleted_at) == (before.rev, before.state, before.deleted_at)


def test_anothers_connection_test_is_not_counted(waiting_test, mika, co_owner, sign_in):
    rens, mikas = sign_in(co_owner), sign_in(mika)

    assert access.visible_jobs(find_viewer(rens.session.session_key)).count() == 0
    assert access.visible_jobs(find_viewer(mikas.session.session_key)).count() == 1


def test_owner_sees_the_connection_test_and_its_result(waiting_test, mika, sign_in, run_connection_tests):
    browser = sign_in(mika)
    assert LABEL in read_job_pages(browser, waiting_test) and f"job-{waiting_test.pk}" in read_job_pages(
        browser, waiting_test
    )
    run_connection_tests()

    page = browser.get(f"/jobs/{waiting_test.pk}/").content.decode()

    assert LABEL in page and "Echo responded: fine" in page


@pytest.mark.parametrize("role", ["owner", "editor", "viewer"])
def test_test_details_of_a_workspace_connection_are_for_the_requester_only(
    mika, connect, fake, sign_in, run_connection_tests, role
):
    """All members see on the Connections page whether it works."""
    team = WorkspaceFactory(name="Team")
    MembershipFactory(workspace=team, user=mika)
    ren = UserFactory(name="Ren", email="ren3@example.test")
    MembershipFactory(workspace=team, user=ren, role=role)
    connection = connect(workspace=team, by=mika, label=LABEL, base_url=fake.url)
    job = test_job.start_test(connection, by=mika, workspace=get_home(mika))
    run_connection_tests()
    rens, mikas = sign_in(ren), sign_in(mika)

    assert rens.get(f"/jobs/{job.pk}/").status_code == 404
    assert LABEL not in read_job_pages(rens, job)
    assert "Echo responded: fine" in mikas.get(f"/jobs/{job.pk}/").content.decode()
    assert "Works" in rens.get(f"/settings/connections/of/{team.pk}/").content.decode()
