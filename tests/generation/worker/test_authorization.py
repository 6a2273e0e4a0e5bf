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
from tests.generation.uploads import picture_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants")]


@pytest.fixture
def team(mika, ren):
    """A workspace of Mika's with Ren as viewer."""
    made = WorkspaceFactory(name="Team")
    MembershipFactory(workspace=made, user=mika)
    MembershipFactory(workspace=made, user=ren, role=Role.VIEWER)
    return made


@pytest.fixture
def team_clip(team, mika, queue_clips):
    """A clip of the team that is not drawn yet."""
    spec = ClipSpec.from_clip(queue_clips(mika)[0])
    return create_clips(spec, workspace=team, by=mika, idem_key=uuid.uuid4().hex)[0]


@pytest.fixture
def create_clip(ren, queue_clips, team_clip):
    """``create_clip(picture=…)`` creates a clip in Ren's own workspace; by default it continues the team's clip."""

    def create(**inputs):
        spec = replace(ClipSpec.from_clip(queue_clips(ren)[0]), **inputs or {"continues": team_clip})
        home = ren.workspaces.get(home_of=ren)
        return create_clips(spec, workspace=home, by=ren, idem_key=uuid.uuid4().hex)[0]

    return create


@pytest.fixture
def queue_clips(queue_clips):
    """``ask(user)`` requests a clip in the user's own workspace."""

    def request(user, **fields):
        form = ClipForm({"prompt": "a girl on a hill at sunset", "seconds": 2, "resolution": 480, **fields})
        assert form.is_valid(), form.errors
        spec = ClipSpec.from_form(form.cleaned_data)
        home = user.workspaces.get(home_of=user)
        return create_clips(spec, workspace=home, by=user, idem_key=uuid.uuid4().hex)

    return request


@pytest.fixture(autouse=True)
def draw_from_the_prompt(shared_drawings, share_drawings, monkeypatch):
    """Draw clips without their inputs: these tests are about permissions only."""
    draw = shared_drawings.draw
    monkeypatch.setattr(
        shared_drawings,
        "draw",
        lambda request, out, watch: draw(replace(request, picture=None, first_frame=None), out, watch),
    )


@pytest.fixture
def leave_team(team, ren):
    return lambda: Membership.objects.filter(workspace=team, user=ren).delete()


def create_picture(workspace) -> Picture:
    return uploads.save_picture(SimpleUploadedFile("a.png", picture_file().read()), workspace=workspace, by=None)


def test_clip_that_continues_an_inaccessible_clip_cannot_be_remade(
    create_clip, team_clip, leave_team, draw, sign_in, ren
):
    clip = create_clip()
    leave_team()
    draw(team_clip)
    assert sign_in(ren).get(team_clip.get_absolute_url()).status_code == 404

    answer = sign_in(ren).post(f"{clip.get_absolute_url()}retry/", follow=True)

    assert "can no longer view. Nothing was started." in answer.content.decode()
    assert list(Clip.objects.filter(continues=team_clip)) == [clip]


@pytest.mark.parametrize("action", [retry_clip, vary_clip])
def test_inaccessible_inputs_block_retakes_and_variations(create_clip, leave_team, ren, action):
    clip, before = create_clip(), Job.objects.count()
    leave_team()

    with pytest.raises(jobs.JobRefused, match="Nothing was started"):
        action(clip, by=ren, idem_key="again")

    assert Job.objects.count() == before


def test_inaccessible_inputs_block_a_retry(create_clip, leave_team, ren):
    clip = create_clip()
    jobs.cancel(clip.job, by=ren)
    leave_team()
    before = Job.objects.count()

    with pytest.raises(jobs.JobRefused, match="Nothing was started"):
        jobs.retry(clip.job, by=ren)

    clip.refresh_from_db()
    assert (Job.objects.count(), clip.job.state) == (before, "cancelled")


@pytest.mark.parametrize("field", ["picture", "last_picture", "references"])
def test_pictures_of_a_former_workspace_are_refused(create_clip, team, leave_team, ren, field):
    picture = create_picture(team)
    leave_team()

    with pytest.raises(jobs.JobRefused, match="Nothing was started"):
        create_clip(**{field: [picture] if field == "references" else picture})


def test_waiting_clip_is_not_drawn_after_its_user_was_removed(create_clip, team_clip, leave_team, draw):
    clip = create_clip()
    leave_team()
    draw(team_clip)

    draw(clip)

    assert (clip.job.state, clip.job.error_code, clip.job.price_charged) == ("failed", "not_allowed", 0)
    assert "can no longer view. Nothing was charged." in clip.job.error_public
    assert not clip.files.exists()


def test_waiting_clip_is_not_sent_after_its_user_was_removed(fake, connect, create_job, run_job, team, leave_team, ren):
    job = create_job(connect(ren), by=ren, workspace=ren.workspaces.get(home_of=ren))
    ClipReference.objects.create(clip=job.clip, picture=create_picture(team))
    leave_team()

    run_job(job)

    assert (job.state, job.error_code, job.price_charged) == ("failed", "not_allowed", 0)
    assert "can no longer view. Nothing was charged." in job.error_public
    assert not fake.created and not job.attempts.exists()


def test_viewer_can_remake_and_draw_the_clip(create_clip, team_clip, draw, ren):
    clip = create_clip()
    draw(team_clip)

    assert draw(clip).job.state == "ready"
    assert draw(retry_clip(clip, by=ren, idem_key="again")).job.state == "ready"


def test_clip_within_one_workspace_needs_no_user(team_clip, draw, mika, team):
    """The requesting user is gone, but the inputs are in the clip's own workspace."""
    spec = replace(ClipSpec.from_clip(team_clip), continues=team_clip)
    clip = create_clips(spec, workspace=team, by=None, idem_key="by-nobody")[0]
    draw(team_clip)

    assert draw(clip).job.state == "ready"
