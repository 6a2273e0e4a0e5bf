"""Effects on a finished clip or an uploaded video."""

import uuid
from dataclasses import asdict

import av
import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from generation import job_kinds
from generation.animatic import laying
from generation.composer.providers_for_user import name_of
from generation.media import storage
from generation.media.frame import frame_of
from generation.models import Clip, ClipFile
from generation.privacy import collect
from generation.services import clips as clip_services
from generation.services import effects as effect_services
from generation.services import video_uploads
from generation.worker import files
from jobs import services as jobs
from jobs.models import Job
from tests.factories import UserFactory
from tests.generation.animatic.test_laying import FRAMES, HEIGHT, WIDTH, brought
from tests.generation.test_videos import file
from tests.generation.test_videos import film as moving

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return brought(tmp_path_factory.mktemp("film") / "film.mp4")


@pytest.fixture
def clip(mika, ask, film):
    """A finished clip of Mika's that Kling made: its length is no whole number of seconds, and it has no sound."""
    [made] = ask(mika, style="seinen")
    whose = {"provider": "kling", "model": "kling-v2", "title": "My train", "has_sound": False}
    shape = {"width": WIDTH, "height": HEIGHT, "frames": FRAMES}
    Clip.objects.filter(pk=made.pk).update(ready_at=timezone.now(), **whose, **shape)
    Job.objects.filter(pk=made.job_id).update(state="ready", finished_at=timezone.now())
    stored = storage.put(film, files.key_of(made, "mezzanine"))
    ClipFile.objects.create(clip=made, kind="mezzanine", **asdict(stored))
    return Clip.objects.get(pk=made.pk)


def address(clip):
    return reverse("generation:effects", args=[clip.pk])


@pytest.fixture
def lay(sign_in, mika):
    def over(clip, status=302, **sent):
        answer = sign_in(mika).post(address(clip), {"effects": ["iris_out"], **sent})
        assert answer.status_code == status, answer.content.decode()
        return Clip.objects.exclude(pk=clip.pk).order_by("-created_at").first()

    return over


def test_effects_create_a_new_clip(clip, lay, draw, tmp_path):
    new = draw(lay(clip, effects=["iris_out", "screentone"], title="  The last   train "))

    assert (new.job.state, new.job.kind, new.job.price_reserved) == ("ready", "clip", 0)
    assert new.options == {"effects": ["iris_out", "screentone"], "title": "The last train"}
    assert (new.lays_over, new.title, new.prompt, new.request == clip.request) == (clip, "My train", clip.prompt, False)
    facts = ("width", "height", "frames", "seconds", "ratio", "has_sound", "style")
    assert [getattr(new, name) for name in facts] == [getattr(clip, name) for name in facts]
    kinds_of_files = {each.kind for each in new.files.all()}
    assert {"mezzanine", "poster", "poster_large", "genga", "preview", "sprite"} <= kinds_of_files
    film = storage.copy_to(new.file("mezzanine").key, tmp_path / "film.mp4")
    assert np.asarray(frame_of(film, -1)).max() < 8, "an iris ends in black"


def test_source_clip_stays_unchanged(clip, lay, draw):
    before, file = Clip.objects.values().get(pk=clip.pk), clip.file("mezzanine").sha256
    draw(lay(clip))
    assert Clip.objects.values().get(pk=clip.pk) == before
    assert Clip.objects.get(pk=clip.pk).file("mezzanine").sha256 == file


def test_page_names_source_and_effects(clip, lay, draw, sign_in, mika):
    new = draw(lay(clip, title="Evening"))
    page = sign_in(mika).get(new.get_absolute_url()).content.decode()

    assert "made by Kling, not drawn by this studio · effects laid over by this studio" in page
    assert "<dt>Drawn by</dt><dd>Kling · Effects</dd>" in page
    assert "<dt>Effects</dt><dd>Iris out</dd>" in page
    assert "Evening" in page
    assert f'<dt>Laid over</dt><dd><a class="lk" href="{clip.get_absolute_url()}">' in page
    assert "<dt>Cost</dt><dd>free</dd>" in page
    assert "Make again" not in page
    assert f'{address(clip)}?like={new.pk}"' in page
    assert 'value="iris_out" checked' in sign_in(mika).get(f"{address(clip)}?like={new.pk}").content.decode()


def test_source_credit_survives_deletion_and_further_effects(clip, lay, draw, mika):
    second = draw(lay(draw(lay(clip)), effects=["impact"]))
    assert name_of(second) == "Kling · Effects"
    for each in (second.lays_over, clip):
        jobs.delete(each.job, by=mika)
        jobs.purge(each.job)
    second.refresh_from_db()
    assert (second.lays_over, name_of(second)) == (None, "Kling · Effects")
    with pytest.raises(jobs.JobRefused, match="not here any more"):
        clip_services.make_again(second, by=mika, idem_key="k")


def test_source_deleted_before_its_turn_fails_with_a_reason(clip, lay, draw, mika):
    new = lay(clip)
    jobs.delete(clip.job, by=mika)
    jobs.purge(clip.job)
    assert draw(new).job.state == "failed"
    assert "not here any more" in new.job.error_public
    assert not new.files.exists()


def test_invalid_effects_request_is_refused(subtests, clip, lay, sign_in, mika):
    for sent, words in [
        ({"effects": []}, "Choose an effect"),
        ({"effects": ["explosion"]}, "explosion"),
        ({"effects": [], "title": "   "}, "Choose an effect"),
        ({"title": "x" * 61}, "at most 60 characters"),
        ({"title": "a\x07b"}, "control characters"),
    ]:
        with subtests.test(sent=sent, words=words):
            lay(clip, 422, **sent)
            assert words in sign_in(mika).post(address(clip), {"effects": ["impact"], **sent}).content.decode()
            assert (Clip.objects.count(), Job.objects.count()) == (1, 1)


def test_htmx_refusal_returns_the_form_and_success_redirects(clip, sign_in, mika):
    browser, alone = sign_in(mika), {"HX-Request": "true", "HX-Target": "form#effects"}
    refused = browser.post(address(clip), {}, headers=alone)
    assert (refused.status_code, "<html" in refused.text) == (422, False)
    sent = browser.post(address(clip), {"effects": "impact"}, headers=alone)
    assert sent.headers["HX-Redirect"] == Clip.objects.get(lays_over=clip).get_absolute_url()


def test_same_request_twice_creates_one_clip(clip, lay):
    assert lay(clip, idem_key="k").pk == lay(clip, idem_key="k").pk
    lay(clip, 409, idem_key="k", effects=["impact"])
    assert Clip.objects.count() == 2


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("running", "not finished yet"),
        ("failed", "did not become a film"),
        ("ready_degraded", "can only be downloaded"),
        ("bin", "in the bin"),
    ],
)
def test_unfinished_clip_is_refused_with_a_reason(clip, lay, sign_in, mika, state, words):
    if state == "bin":
        Clip.objects.update(deleted_at=timezone.now())
    else:
        Clip.objects.update(ready_at=None)
        Job.objects.update(state=state)
    page = sign_in(mika).get(address(clip)).content.decode()
    assert words in page
    assert "disabled" in page
    lay(clip, 409)
    assert Clip.objects.count() == 1
    assert "Add effects" not in sign_in(mika).get(clip.get_absolute_url()).content.decode()


def test_stranger_gets_404_and_viewer_is_refused(clip, sign_in, ren, client):
    viewer = UserFactory(email="viewer@example.test")
    Membership.objects.create(user=viewer, workspace=clip.workspace, role="viewer")
    for browser, status in ((sign_in(ren), 404), (sign_in(viewer), 403), (client, 302)):
        assert browser.get(address(clip)).status_code == status
        assert browser.post(address(clip), {"effects": "impact"}).status_code == status
    assert "Add effects" not in sign_in(viewer).get(clip.get_absolute_url()).content.decode()
    assert Clip.objects.count() == 1


def test_similar_clip_of_another_workspace_reveals_nothing(clip, lay, sign_in, ren, ask):
    theirs = lay(clip, title="a secret")
    [mine] = ask(ren)
    for like in (theirs.pk, uuid.uuid4(), "x"):
        assert "a secret" not in sign_in(ren).get(f"{address(mine)}?like={like}").content.decode()


def test_effects_job_can_be_cancelled(clip, lay, draw, mika, monkeypatch):
    new = lay(clip)
    at = {}

    whole = laying.lay_over

    def stopped(film, out, *, progress, **asked):
        def told(done, total):
            at["frame"] = done
            if done == 3:
                jobs.cancel(new.job, by=mika)
            progress(done, total)

        return whole(film, out, progress=told, **asked)

    monkeypatch.setattr("generation.providers.adapters.local.effects.lay_over", stopped)
    monkeypatch.setattr("jobs.lifecycle.lease.LOOK_EVERY", 0)
    assert draw(new).job.state == "cancelled"
    assert at["frame"] <= 4
    assert not new.files.exists()


def test_remix_of_an_effects_clip_uses_its_source_settings(clip, lay, sign_in, mika):
    new = lay(clip)
    form = sign_in(mika).get("/create/", {"from": new.pk}).context["form"]
    assert (form.initial["provider"], form.initial["model"]) == ("kling", "kling-v2")
    form = sign_in(mika).get("/create/", {"continues": new.pk}).context["form"]
    assert (form.initial["provider"], form.initial["continues"]) == ("kling", new.pk)


def test_create_does_not_offer_the_effects_engine(sign_in, mika):
    answer = sign_in(mika).post("/create/", {"prompt": "a cat", "provider": "effects"})
    assert answer.status_code == 422
    assert "no such provider" in answer.content.decode()


def test_card_title_is_passed_on_with_the_effects(clip, lay, mika):
    lay(clip, title="Evening")
    assert {"effects": ["iris_out"], "title": "Evening"} in [each["options"] for each in collect(mika)["clips"]]


# --- a video that was brought ---------------------------------------------------------------------------------------


@pytest.fixture
def video(mika, draw):
    kept = video_uploads.keep(file(moving(1.25, size=(162, 90))), workspace=mika.workspaces.get(), by=mika)
    return draw(kept)


def test_effects_work_on_an_uploaded_video(video, sign_in, mika, draw):
    there = reverse("generation:video_effects", args=[video.pk])
    assert "my cat" in sign_in(mika).get(there).content.decode()
    answer = sign_in(mika).post(there, {"effects": "screentone"})
    new = draw(Clip.objects.get())
    assert answer.url == new.get_absolute_url()
    assert (new.job.state, new.title, new.video, new.frames) == ("ready", "my cat.mp4", video, 30)
    assert (new.width, new.height, new.ratio, new.has_sound) == (162, 90, "16:9", False)
    page = sign_in(mika).get(new.get_absolute_url()).content.decode()
    assert "an uploaded video, not drawn by this studio · effects laid over by this studio" in page
    job_kinds.drop_stray_videos()
    again = draw(clip_services.make_again(new, by=mika, idem_key="k"))
    assert (again.job.state, again.take, again.frames) == ("ready", 2, 30)


def test_unchecked_or_foreign_video_is_refused(mika, sign_in, ren):
    kept = video_uploads.keep(file(moving(1)), workspace=mika.workspaces.get(), by=mika)
    there = reverse("generation:video_effects", args=[kept.pk])
    assert "not finished yet" in sign_in(mika).get(there).content.decode()
    assert sign_in(mika).post(there, {"effects": "impact"}).status_code == 409
    assert sign_in(ren).get(there).status_code == sign_in(ren).post(there).status_code == 404
    assert not Clip.objects.exists()


def test_video_of_odd_length_keeps_its_frames(mika, draw, clip, tmp_path):
    """What others deliver is seldom a whole number of seconds."""
    kept = video_uploads.keep(file(moving(2.04, fps=24)), workspace=mika.workspaces.get(), by=mika)
    video = draw(kept)
    asked = effect_services.asked_over(video, effects=["iris_in"], title="")
    [new] = clip_services.request_clips(workspace=video.workspace, by=mika, asked=asked, idem_key="odd")
    assert draw(new).frames == 49
    with av.open(str(storage.copy_to(new.file("mezzanine").key, tmp_path / "film.mp4"))) as film:
        assert sum(1 for _frame in film.decode(video=0)) == 49


def test_effects_share_the_create_rate_limit(clip, sign_in, mika):
    window = sign_in(mika)
    asked = Clip.objects.count()
    answers = [window.post(address(clip), {"effects": ["iris_out"], "idem_key": "k" * 20}) for _ in range(31)]
    assert answers[-1].status_code == 429
    assert "at most 30 requests a minute" in answers[-1].content.decode()
    assert Clip.objects.count() - asked == 1
