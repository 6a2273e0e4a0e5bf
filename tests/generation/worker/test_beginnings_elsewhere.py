"""Who left a workspace makes nothing any more from what lies there, even what they chose while they could see it."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Membership, Role
from generation.clip_spec import asked_of
from generation.forms import ClipForm
from generation.models import Clip, ClipReference, Picture
from generation.services import uploads
from generation.services.clips import make_again, make_variations, request_clips
from jobs import services as jobs
from jobs.models import Job
from tests.factories import MembershipFactory, WorkspaceFactory
from tests.generation.test_create import picture_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("all_is_well")]


@pytest.fixture
def team(mika, ren):
    """Mika's; Ren may look."""
    made = WorkspaceFactory(name="Team")
    MembershipFactory(workspace=made, user=mika)
    MembershipFactory(workspace=made, user=ren, role=Role.VIEWER)
    return made


@pytest.fixture
def theirs(team, mika, ask):
    """A clip of the team's that is not drawn yet."""
    wish = asked_of(ask(mika)[0])
    return request_clips(workspace=team, by=mika, asked=wish, idem_key=uuid.uuid4().hex)[0]


@pytest.fixture
def his(ren, ask, theirs):
    """``his(**rows)``: Ren asks in his own workspace for a clip that starts from them; without any it goes on from the
    team's."""

    def made(**rows):
        wish = asked_of(ask(ren)[0]) | (rows or {"continues": theirs})
        return request_clips(workspace=ren.workspaces.get(home_of=ren), by=ren, asked=wish, idem_key=uuid.uuid4().hex)[
            0
        ]

    return made


@pytest.fixture
def ask(ask):
    """Each in their home: of several workspaces that is their own."""

    def request(user, **fields):
        form = ClipForm({"prompt": "a girl on a hill at sunset", "seconds": 2, "resolution": 480, **fields})
        assert form.is_valid(), form.errors
        wish = form.cleaned_data | {"picture": None, "continues": None}
        home = user.workspaces.get(home_of=user)
        return request_clips(workspace=home, by=user, asked=wish, idem_key=uuid.uuid4().hex)

    return request


@pytest.fixture
def leave(team, ren):
    return lambda: Membership.objects.filter(workspace=team, user=ren).delete()


def picture_of(workspace) -> Picture:
    return uploads.keep(SimpleUploadedFile("a.png", picture_file().read()), workspace=workspace, by=None)


def test_nobody_makes_again_what_goes_on_from_a_clip_that_they_may_not_see_any_more(
    his, theirs, leave, draw, sign_in, ren
):
    clip = his()
    leave()
    draw(theirs)
    assert sign_in(ren).get(theirs.get_absolute_url()).status_code == 404

    answer = sign_in(ren).post(f"{clip.get_absolute_url()}again/", follow=True)

    assert "may not see any more. Nothing was started." in answer.content.decode()
    assert list(Clip.objects.filter(continues=theirs)) == [clip]


@pytest.mark.parametrize("deed", [make_again, make_variations])
def test_that_holds_for_every_way_to_ask_for_more(his, leave, ren, deed):
    clip, before = his(), Job.objects.count()
    leave()

    with pytest.raises(jobs.JobRefused, match="Nothing was started"):
        deed(clip, by=ren, idem_key="again")

    assert Job.objects.count() == before


def test_a_retry_is_refused_as_well(his, leave, ren):
    clip = his()
    jobs.cancel(clip.job, by=ren)
    leave()
    before = Job.objects.count()

    with pytest.raises(jobs.JobRefused, match="Nothing was started"):
        jobs.retry(clip.job, by=ren)

    clip.refresh_from_db()
    assert (Job.objects.count(), clip.job.state) == (before, "cancelled")


@pytest.mark.parametrize("row", ["picture", "last_picture", "references"])
def test_pictures_of_a_workspace_that_one_left_are_refused_too(his, team, leave, ren, row):
    picture = picture_of(team)
    leave()

    with pytest.raises(jobs.JobRefused, match="Nothing was started"):
        his(**{row: [picture] if row == "references" else picture})


def test_what_waits_when_its_person_is_removed_is_not_drawn(his, theirs, leave, draw):
    clip = his()
    leave()
    draw(theirs)

    draw(clip)

    assert (clip.job.state, clip.job.error_code, clip.job.price_charged) == ("failed", "not_allowed", 0)
    assert "may not see any more. Nothing was charged." in clip.job.error_public
    assert not clip.files.exists()


def test_what_waits_when_its_person_is_removed_is_not_sent(fake, connect, order, go, team, leave, ren):
    job = order(connect(ren), by=ren, workspace=ren.workspaces.get(home_of=ren))
    ClipReference.objects.create(clip=job.clip, picture=picture_of(team))
    leave()

    go(job)

    assert (job.state, job.error_code, job.price_charged) == ("failed", "not_allowed", 0)
    assert "may not see any more. Nothing was charged." in job.error_public
    assert not fake.created and not job.attempts.exists()


def test_who_may_still_look_makes_again_and_has_it_drawn(his, theirs, draw, ren):
    clip = his()
    draw(theirs)

    assert draw(clip).job.state == "ready"
    assert draw(make_again(clip, by=ren, idem_key="again")).job.state == "ready"


def test_in_its_own_workspace_nothing_is_asked(theirs, draw, mika, team):
    """Whoever asked for it is gone; what it starts from is where it is."""
    wish = asked_of(theirs) | {"continues": theirs}
    clip = request_clips(workspace=team, by=None, asked=wish, idem_key="by-nobody")[0]
    draw(theirs)

    assert draw(clip).job.state == "ready"
