"""The test of one's own connection is nobody else's: its label, what is wrong with the key, and what the provider says.

Who works in Mika's own workspace sees her clips there, and not that.
"""

import pytest

from accounts.access import get_home
from generation.providers.connections import test_job
from jobs import access
from jobs.models import Job
from tests.factories import MembershipFactory, UserFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db
LABEL = "Echo of my agency"


@pytest.fixture
def guest_at_home(mika):
    """Another owner of Mika's own workspace."""
    ren = UserFactory(name="Ren", email="ren2@example.test")
    MembershipFactory(workspace=get_home(mika), user=ren)
    return ren


@pytest.fixture
def elsewhere(guest_at_home, sign_in):
    """The browser of the other owner."""
    return sign_in(guest_at_home)


@pytest.fixture
def tested(mika, connect, town, sign_in):
    """Mika's test of her own connection, which waits."""
    connection = connect(mika, label=LABEL, base_url=town.url)
    sign_in(mika).post(f"/settings/connections/{connection.pk}/test/")
    return Job.objects.get()


def pages(browser, job) -> str:
    """All pages that mention jobs: the queue, single jobs, and any page with its badge."""
    sent = ["/jobs/", "/jobs/?q=echo", "/jobs/?state=active", f"/jobs/live/?ids={job.pk}", "/library/"]
    return " ".join(browser.get(path).content.decode() for path in sent)


def test_workspace_members_do_not_see_anothers_connection_test(tested, elsewhere, run_tests):
    assert tested.workspace.memberships.count() == 2, "it lies where another may look"
    for _when in ("it waits", "it has ended"):
        assert elsewhere.get(f"/jobs/{tested.pk}/").status_code == 404
        assert LABEL not in pages(elsewhere, tested) and f"job-{tested.pk}" not in pages(elsewhere, tested)
        run_tests()


@pytest.mark.parametrize("deed", ["cancel", "delete", "restore"])
def test_workspace_members_cannot_act_on_anothers_connection_test(tested, elsewhere, deed):
    before = Job.objects.get()

    assert elsewhere.post(f"/jobs/{tested.pk}/{deed}/").status_code == 404

    now = Job.objects.get()
    assert (now.rev, now.state, now.deleted_at) == (before.rev, before.state, before.deleted_at)


def test_anothers_connection_test_is_not_counted(tested, mika, guest_at_home, sign_in):
    theirs, hers = sign_in(guest_at_home), sign_in(mika)

    assert access.get_viewer(theirs.session.session_key).jobs().count() == 0
    assert access.get_viewer(hers.session.session_key).jobs().count() == 1


def test_owner_sees_the_connection_test_and_its_result(tested, mika, sign_in, run_tests):
    browser = sign_in(mika)
    assert LABEL in pages(browser, tested) and f"job-{tested.pk}" in pages(browser, tested)
    run_tests()

    page = browser.get(f"/jobs/{tested.pk}/").content.decode()

    assert LABEL in page and "Echo responded: fine" in page


@pytest.mark.parametrize("role", ["owner", "editor", "viewer"])
def test_test_details_of_a_workspace_connection_are_for_the_requester_only(
    mika, connect, town, sign_in, run_tests, role
):
    """On Connections all of them see whether it works."""
    team = WorkspaceFactory(name="Team")
    MembershipFactory(workspace=team, user=mika)
    ren = UserFactory(name="Ren", email="ren3@example.test")
    MembershipFactory(workspace=team, user=ren, role=role)
    connection = connect(workspace=team, by=mika, label=LABEL, base_url=town.url)
    job = test_job.start_test(connection, by=mika, workspace=get_home(mika))
    run_tests()
    theirs, hers = sign_in(ren), sign_in(mika)

    assert theirs.get(f"/jobs/{job.pk}/").status_code == 404
    assert LABEL not in pages(theirs, job)
    assert "Echo responded: fine" in hers.get(f"/jobs/{job.pk}/").content.decode()
    assert "Works" in theirs.get(f"/settings/connections/of/{team.pk}/").content.decode()
