"""Inputs must still be accessible to the user when a clip is requested and when it starts."""

import uuid
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Membership, Role
from generation.clip_spec import ClipSpec
from generation.forms import ClipForm
from generation.models import Clip, ClipReference, Picture
from generation.services import uploads
from generation.services.clips import create_clips, retry_clip, vary_clip
from jobs import services as jobs
from jobs.models import Job
from tests.factories import MembershipFactory, WorkspaceFactory
from tests.generation.test_create import picture_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants")]


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
    spec = ClipSpec.from_clip(ask(mika)[0])
    return create_clips(spec, workspace=team, by=mika, idem_key=uuid.uuid4().hex)[0]


@pytest.fixture
def his(ren, ask, theirs):
    """``his(**rows)``: Ren asks in his own workspace for a clip that starts from them; without any it goes on from the
    team's."""

    def made(**rows):
        spec = replace(ClipSpec.from_clip(ask(ren)[0]), **rows or {"continues": theirs})
        home = ren.workspaces.get(home_of=ren)
        return create_clips(spec, workspace=home, by=ren, idem_key=uuid.uuid4().hex)[0]

    return made


@pytest.fixture
def ask(ask):
    """Each in their home: of several workspaces that is their own."""

    def request(user, **fields):
        form = ClipForm({"prompt": "a girl on a hill at sunset", "seconds": 2, "resolution": 480, **fields})
        assert form.is_valid(), form.errors
        spec = ClipSpec.from_form(form.cleaned_data)
        home = user.workspaces.get(home_of=user)
        return create_clips(spec, workspace=home, by=user, idem_key=uuid.uuid4().hex)

    return request


@pytest.fixture(autouse=True)
def draw_from_the_prompt(shared_drawings, one_drawing_for_all, monkeypatch):
    """These tests are about who may draw: a clip that continues another is drawn like one that does not."""
    draw = shared_drawings.draw
    monkeypatch.setattr(
        shared_drawings,
        "draw",
        lambda request, out, watch: draw(replace(request, picture=None, first_frame=None), out, watch),
    )


@pytest.fixture
def leave(team, ren):
    return lambda: Membership.objects.filter(workspace=team, user=ren).delete()


def picture_of(workspace) -> Picture:
    return uploads.save_picture(SimpleUploadedFile("a.png", picture_file().read()), workspace=workspace, by=None)


def test_clip_that_continues_an_inaccessible_clip_cannot_be_remade(his, theirs, leave, draw, sign_in, ren):
    clip = his()
    leave()
    draw(theirs)
    assert sign_in(ren).get(theirs.get_absolute_url()).status_code == 404

    answer = sign_in(ren).post(f"{clip.get_absolute_url()}retry/", follow=True)

    assert "can no longer view. Nothing was started." in answer.content.decode()
    assert list(Clip.objects.filter(continues=theirs)) == [clip]


@pytest.mark.parametrize("deed", [retry_clip, vary_clip])
def test_inaccessible_inputs_block_retakes_and_variations(his, leave, ren, deed):
    clip, before = his(), Job.objects.count()
    leave()

    with pytest.raises(jobs.JobRefused, match="Nothing was started"):
        deed(clip, by=ren, idem_key="again")

    assert Job.objects.count() == before


def test_inaccessible_inputs_block_a_retry(his, leave, ren):
    clip = his()
    jobs.cancel(clip.job, by=ren)
    leave()
    before = Job.objects.count()

    with pytest.raises(jobs.JobRefused, match="Nothing was started"):
        jobs.retry(clip.job, by=ren)

    clip.refresh_from_db()
    assert (Job.objects.count(), clip.job.state) == (before, "cancelled")


@pytest.mark.parametrize("row", ["picture", "last_picture", "references"])
def test_pictures_of_a_former_workspace_are_refused(his, team, leave, ren, row):
    picture = picture_of(team)
    leave()

    with pytest.raises(jobs.JobRefused, match="Nothing was started"):
        his(**{row: [picture] if row == "references" else picture})


def test_waiting_clip_is_not_drawn_after_its_user_was_removed(his, theirs, leave, draw):
    clip = his()
    leave()
    draw(theirs)

    draw(clip)

    assert (clip.job.state, clip.job.error_code, clip.job.price_charged) == ("failed", "not_allowed", 0)
    assert "can no longer view. Nothing was charged." in clip.job.error_public
    assert not clip.files.exists()


def test_waiting_clip_is_not_sent_after_its_user_was_removed(fake, connect, create_job, run_job, team, leave, ren):
    job = create_job(connect(ren), by=ren, workspace=ren.workspaces.get(home_of=ren))
    ClipReference.objects.create(clip=job.clip, picture=picture_of(team))
    leave()

    run_job(job)

    assert (job.state, job.error_code, job.price_charged) == ("failed", "not_allowed", 0)
    assert "can no longer view. Nothing was charged." in job.error_public
    assert not fake.created and not job.attempts.exists()


def test_viewer_can_remake_and_draw_the_clip(his, theirs, draw, ren):
    clip = his()
    draw(theirs)

    assert draw(clip).job.state == "ready"
    assert draw(retry_clip(clip, by=ren, idem_key="again")).job.state == "ready"


def test_clip_within_one_workspace_needs_no_user(theirs, draw, mika, team):
    """Whoever asked for it is gone; what it starts from is where it is."""
    spec = replace(ClipSpec.from_clip(theirs), continues=theirs)
    clip = create_clips(spec, workspace=team, by=None, idem_key="by-nobody")[0]
    draw(theirs)

    assert draw(clip).job.state == "ready"
