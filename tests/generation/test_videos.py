"""Uploaded videos: stored, checked by a worker, offered for redrawing, hidden from strangers."""

import io
import uuid
from datetime import timedelta

import av
import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.billing.limits import limit_of
from generation import maintenance, privacy
from generation.maintenance import objects_have_an_owner
from generation.media import storage
from generation.media.mezzanine_check import check_mezzanine
from generation.media.trim import trim
from generation.models import Clip, Video
from generation.providers.models import Connection
from generation.services import video_uploads
from generation.worker.files import build_request_with_files
from jobs import services as jobs
from jobs.lifecycle import engine
from jobs.models import Job, State

UPLOAD = "generation:video_upload"
MODEL = "wan21-video-to-anime-1.3b"


def film(seconds=1.0, size=(160, 90), fps=12) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as box:
        stream = box.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for n in range(round(seconds * fps)):
            picture = np.full((size[1], size[0], 3), 20 + 5 * (n % 40), np.uint8)
            box.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        box.mux(stream.encode())
    return out.getvalue()


@pytest.fixture(scope="module")
def second():
    return film()


def file(content, name="my cat.mp4"):
    return SimpleUploadedFile(name, content, "video/mp4")


@pytest.fixture
def comfy(mika):
    """Mika has a ComfyUI, which draws videos anew."""
    return Connection.objects.create(
        provider="comfyui", label="Desk", owner=mika, base_url="http://127.0.0.1:9", allows_private=True
    )


@pytest.fixture
def bring(mika):
    def keep(content, name="my cat.mp4"):
        return video_uploads.save_video(file(content, name), workspace=mika.workspaces.get(), by=mika)

    return keep


@pytest.fixture
def checked(bring, second):
    video = bring(second)
    engine.advance(video.job_id)
    video.refresh_from_db()
    return video


def test_upload_is_accepted_at_once_and_checked_by_a_worker(mika, sign_in, second):
    answer = sign_in(mika).post(reverse(UPLOAD), {"video_file": file(second)})
    video = Video.objects.get()
    assert answer.status_code == 302
    assert answer.url == f"/create/?tab=video&video={video.pk}"
    assert (video.is_ready, video.job.state, video.job.kind) == (False, State.QUEUED, "video")
    engine.advance(video.job_id)
    video.refresh_from_db()
    assert video.job.state == State.READY
    assert (video.is_ready, video.width, video.height, round(video.seconds)) == (True, 160, 90, 1)
    assert storage.get_size(video.key) == video.bytes
    assert storage.get_size(video.poster_key)
    assert storage.get_size(video.file_key("original")) is None, "only the copy that was encoded anew is kept"


def test_full_disk_makes_the_check_wait(bring, second, ffmpeg_without_room):
    video = bring(second)
    with ffmpeg_without_room():
        engine.advance(video.job_id)
    video.job.refresh_from_db()
    assert (video.job.state, video.job.progress_note) == (State.RUNNING, "The disk is full. Waiting for free space.")
    assert storage.get_size(video.file_key("original"))

    Job.objects.update(next_run_at="2020-01-01T00:00Z")
    engine.advance(video.job_id)

    video.refresh_from_db()
    assert video.is_ready


def test_missing_ffmpeg_does_not_mark_the_video_damaged(bring, second, no_ffmpeg):
    video = bring(second)
    with no_ffmpeg():
        engine.advance(video.job_id)
    video.job.refresh_from_db()
    assert (video.job.state, video.job.error_code) == (State.FAILED, "broken")
    assert video.job.error_public.startswith("This job failed because of an error on our side")

    again = bring(second)
    engine.advance(again.job_id)

    again.refresh_from_db()
    assert again.is_ready


def test_still_video_is_accepted(bring):
    video = bring(film(fps=1))
    engine.advance(video.job_id)

    video.refresh_from_db()
    assert video.is_ready, video.job.error_public


def test_uploads_are_rate_limited(mika, sign_in, second, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"submit": "2/m/user"}
    browser = sign_in(mika)

    codes = [browser.post(reverse(UPLOAD), {"video_file": file(second + b"-" * n)}).status_code for n in range(4)]

    assert codes == [302, 302, 429, 429] and Video.objects.count() == 2


def test_same_file_twice_is_one_video_and_one_job(bring, second):
    assert bring(second).pk == bring(second, "again.mp4").pk
    assert Job.objects.count() == 1


def test_same_file_in_another_workspace_is_a_separate_video(checked, second, ren):
    theirs = video_uploads.save_video(file(second), workspace=ren.workspaces.get(), by=ren)

    assert (theirs.workspace, theirs.is_ready) == (ren.workspaces.get(), False)
    assert Video.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 422, "Choose a video first"),
        (b"not a video at all", 415, "not an MP4"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", 415, "not an MP4"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", 415, "not an MP4"),
    ],
)
def test_invalid_video_is_refused_and_nothing_is_kept(mika, sign_in, content, status, words):
    sent = {"video_file": file(content)} if content else {}
    answer = sign_in(mika).post(reverse(UPLOAD), sent)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert not Video.objects.exists()
    assert not Job.objects.exists()
    assert not list(storage.list_objects("videos"))


def test_oversized_file_is_refused(bring, second, settings):
    assert limit_of(None, "video_bytes") == 200_000_000
    settings.VIDEO_BYTES = 100
    with pytest.raises(video_uploads.VideoRefused, match="too_many_bytes"):
        bring(second)


def test_workspace_storage_is_limited(bring, second, ren, settings):
    settings.VIDEO_BYTES_PER_WORKSPACE = len(second) + 100
    bring(second)
    with pytest.raises(video_uploads.VideoRefused, match="no_room"):
        bring(film(0.5))
    assert Video.objects.count() == 1
    assert video_uploads.save_video(file(second), workspace=ren.workspaces.get(), by=ren), (
        "the room of others is their own"
    )


def test_damaged_file_fails_with_a_reason_and_leaves_nothing(bring, second):
    video = bring(second[:200] + b"\0" * 400)
    engine.advance(video.job_id)
    video.refresh_from_db()
    assert video.job.state == State.FAILED
    assert "damaged" in video.job.error_public or "incomplete" in video.job.error_public
    assert not list(storage.list_objects("videos"))
    assert (video.is_ready, video.bytes) == (False, 0), "it takes no room"


def test_long_video_is_rejected_with_a_reason(bring, monkeypatch):
    video = bring(film(62, size=(32, 32), fps=2))
    engine.advance(video.job_id)
    video.job.refresh_from_db()
    assert video.job.error_public.startswith("The video is longer than 60 seconds")


def test_rejected_video_may_be_uploaded_again(bring, second):
    video = bring(second[:200] + b"\0" * 400)
    engine.advance(video.job_id)
    again = bring(second[:200] + b"\0" * 400)
    assert again.pk != video.pk
    assert again.job.is_active


def test_cancelled_check_leaves_nothing_stored(bring, second, mika):
    video = bring(second)
    jobs.cancel(video.job, by=mika)
    assert not list(storage.list_objects("videos"))


def test_stored_objects_belong_to_the_video_until_it_is_deleted(checked, monkeypatch):
    monkeypatch.setattr("generation.maintenance.MIN_AGE", timedelta(days=-1))
    assert list(objects_have_an_owner()) == []
    privacy.delete_workspace_work(checked.workspace)
    assert not list(storage.list_objects("videos"))
    assert not Video.objects.exists()


def test_unused_videos_expire_after_two_days(checked):
    maintenance.delete_unused_videos()
    assert Video.objects.exists()
    Video.objects.update(created_at="2026-01-01T00:00:00Z")
    maintenance.delete_unused_videos()
    assert not Video.objects.exists()
    assert not list(storage.list_objects("videos"))


def test_old_video_stays_while_checked_or_used(bring, checked):
    Clip.objects.create(
        workspace=checked.workspace, provider="comfyui", model=MODEL, seed=1, prompt="x", seconds=1, video=checked
    )
    waiting = bring(film(0.5))
    Video.objects.update(created_at="2026-01-01T00:00:00Z")

    maintenance.delete_unused_videos()

    assert set(Video.objects.all()) == {checked, waiting}
    assert storage.get_size(checked.key) and storage.get_size(waiting.file_key("original"))


def test_stranger_cannot_see_a_video(checked, ren, sign_in, client):
    for browser in (sign_in(ren), client):
        assert browser.get(reverse("generation:video", args=[checked.pk])).status_code in (302, 404)
        page = browser.get(reverse("generation:create"), {"tab": "video", "video": checked.pk})
        assert 'name="video"' not in page.content.decode()
        assert "my cat" not in page.content.decode()
    Connection.objects.create(provider="comfyui", label="Ren's", owner=ren, base_url="http://127.0.0.1:9")
    answer = sign_in(ren).post(reverse("generation:create"), ASKED | {"video": str(checked.pk)})
    assert answer.status_code == 422
    assert "This no longer exists" in answer.content.decode()
    assert not Clip.objects.exists()


# --- the page -------------------------------------------------------------------------------------------------------


def test_video_tab_offers_only_effects_without_a_video_engine(mika, sign_in, second):
    browser = sign_in(mika)
    page = browser.get(reverse("generation:create"), {"tab": "video"}).content.decode()
    assert "No provider that supports video to video is connected." in page and "Apply effects to a video" in page
    assert 'name="video_file"' in page and "Video to video" not in page and 'name="prompt"' not in page

    there = browser.post(reverse(UPLOAD), {"video_file": file(second)}).url
    assert "Checking" in (page := browser.get(there).content.decode()) and "write the prompt" not in page
    video = Video.objects.get()
    engine.advance(video.job_id)

    page = browser.get(there).content.decode()
    assert reverse("generation:video_effects", args=[video.pk]) in page and "Add effects" in page
    assert 'name="prompt"' not in page


def test_video_tab_offers_engines_that_take_videos(mika, sign_in, comfy):
    page = sign_in(mika).get(reverse("generation:create"), {"tab": "video"}).content.decode()
    assert 'name="video_file"' in page
    assert "uses the first 5 seconds at most" in page
    assert 'placeholder="Hand-drawn anime' in page
    assert f'value="{MODEL}" selected' in page


def test_unchecked_video_is_shown_but_not_usable(mika, sign_in, comfy, bring, second):
    video, browser = bring(second), sign_in(mika)
    assert "Checking" in browser.get(reverse("generation:video", args=[video.pk])).content.decode()
    answer = browser.post(reverse("generation:create"), ASKED | {"video": str(video.pk)})
    assert answer.status_code == 422
    assert "still being checked" in answer.content.decode()


ASKED = {"prompt": "as anime", "provider": "comfyui", "model": MODEL, "seconds": 2, "resolution": 480, "tab": "video"}


def test_clip_is_created_from_a_checked_video(mika, sign_in, comfy, checked, tmp_path):
    page = sign_in(mika).get(reverse("generation:create"), {"tab": "video", "video": checked.pk}).content.decode()
    assert f'name="video" value="{checked.pk}"' in page
    answer = sign_in(mika).post(reverse("generation:create"), ASKED | {"video": str(checked.pk)})
    assert answer.status_code == 302, answer.content.decode()
    clip = Clip.objects.get()
    assert clip.title == "as anime"
    assert (clip.video, clip.connection, clip.job.kind) == (checked, comfy, "clip_elsewhere")
    asked = build_request_with_files(clip, tmp_path)
    assert (str(asked.mode), check_mezzanine(asked.video).frames) == ("video", 24)


def test_video_model_without_a_video_is_refused(mika, sign_in, comfy):
    answer = sign_in(mika).post(reverse("generation:create"), ASKED)
    assert answer.status_code == 422
    assert "Choose a video first" in answer.content.decode()


def test_video_is_trimmed_to_the_model_limit(bring, mika, ask, comfy, tmp_path):
    video = bring(film(7, size=(64, 64)))
    engine.advance(video.job_id)
    clip = Clip(workspace=mika.workspaces.get(), provider="comfyui", model=MODEL, seed=1, prompt="x", seconds=5)
    clip.video = Video.objects.get(pk=video.pk)
    clip.save()
    with av.open(str(build_request_with_files(clip, tmp_path).video)) as cut:
        assert 119 <= sum(1 for _frame in cut.decode(video=0)) <= 121
        assert cut.streams.audio


def test_trimming_does_not_decode(checked, tmp_path):
    whole = storage.download(checked.key, tmp_path / "whole.mp4")
    part = trim(whole, tmp_path / "part.mp4", seconds=0.5, workdir=tmp_path)
    with av.open(str(whole)) as one, av.open(str(part)) as two:
        first = [bytes(packet) for packet in one.demux(video=0) if packet.size]
        second = [bytes(packet) for packet in two.demux(video=0) if packet.size]
    assert second == first[: len(second)]
    assert 10 <= len(second) <= 14


def test_engines_without_video_support_are_disabled(mika, sign_in, comfy, checked):
    browser = sign_in(mika)
    engines = dict(browser.get("/create/?tab=video").context["engines"])
    rows = {row["offer"].engine.slug: row for found in engines.values() for row in found}
    assert (rows["comfyui"]["is_chosen"], rows["comfyui"]["reason"]) == (True, "")
    assert rows["animatic"]["reason"] == "Doesn’t support video to video"
    page = browser.get(f"/create/?tab=video&video={checked.pk}").content.decode()
    assert 'name="provider" value="animatic" disabled' in page
    for words in ("/create/", f"/create/?video={uuid.uuid4()}", "/create/?video=x"):
        assert "Doesn’t support video to video" not in browser.get(words).content.decode()
    comfy.delete()
    assert "Doesn’t support video to video" not in browser.get("/create/?tab=video").content.decode()
