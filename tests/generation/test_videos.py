"""Uploaded videos: storage, the check by a worker, redrawing, and privacy."""

import uuid
from datetime import timedelta

import av
import pytest
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
from tests.generation.uploads import make_video, video_file

UPLOAD = "generation:video_upload"
MODEL = "wan21-video-to-anime-1.3b"


@pytest.fixture(scope="module")
def video_bytes():
    return make_video()


@pytest.fixture
def comfyui(mika):
    """Mika's connection to a ComfyUI, which redraws videos."""
    return Connection.objects.create(
        provider="comfyui", label="Desk", owner=mika, base_url="http://127.0.0.1:9", allows_private=True
    )


@pytest.fixture
def upload_video(mika):
    def upload(content, name="my cat.mp4"):
        return video_uploads.save_video(video_file(content, name), workspace=mika.workspaces.get(), by=mika)

    return upload


@pytest.fixture
def checked_video(upload_video, video_bytes):
    video = upload_video(video_bytes)
    engine.advance(video.job_id)
    video.refresh_from_db()
    return video


def test_upload_is_accepted_at_once_and_checked_by_a_worker(mika, sign_in, video_bytes):
    answer = sign_in(mika).post(reverse(UPLOAD), {"video_file": video_file(video_bytes)})
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
    assert storage.get_size(video.file_key("original")) is None, "the original file was kept"


def test_full_disk_makes_the_check_wait(upload_video, video_bytes, ffmpeg_without_room):
    video = upload_video(video_bytes)
    with ffmpeg_without_room():
        engine.advance(video.job_id)
    video.job.refresh_from_db()
    assert (video.job.state, video.job.progress_note) == (State.RUNNING, "The disk is full. Waiting for free space.")
    assert storage.get_size(video.file_key("original"))

    Job.objects.update(next_run_at="2020-01-01T00:00Z")
    engine.advance(video.job_id)

    video.refresh_from_db()
    assert video.is_ready


def test_missing_ffmpeg_does_not_mark_the_video_damaged(upload_video, video_bytes, no_ffmpeg):
    video = upload_video(video_bytes)
    with no_ffmpeg():
        engine.advance(video.job_id)
    video.job.refresh_from_db()
    assert (video.job.state, video.job.error_code) == (State.FAILED, "broken")
    assert video.job.error_public.startswith("This job failed because of an error on our side")

    second_video = upload_video(video_bytes)
    engine.advance(second_video.job_id)

    second_video.refresh_from_db()
    assert second_video.is_ready


def test_still_video_is_accepted(upload_video):
    video = upload_video(make_video(fps=1))
    engine.advance(video.job_id)

    video.refresh_from_db()
    assert video.is_ready, video.job.error_public


def test_uploads_are_rate_limited(mika, sign_in, video_bytes, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"submit": "2/m/user"}
    browser = sign_in(mika)

    codes = [
        browser.post(reverse(UPLOAD), {"video_file": video_file(video_bytes + b"-" * n)}).status_code for n in range(4)
    ]

    assert codes == [302, 302, 429, 429] and Video.objects.count() == 2


def test_same_file_twice_is_one_video_and_one_job(upload_video, video_bytes):
    assert upload_video(video_bytes).pk == upload_video(video_bytes, "again.mp4").pk
    assert Job.objects.count() == 1


def test_same_file_in_another_workspace_is_a_separate_video(checked_video, video_bytes, ren):
    rens = video_uploads.save_video(video_file(video_bytes), workspace=ren.workspaces.get(), by=ren)

    assert (rens.workspace, rens.is_ready) == (ren.workspaces.get(), False)
    assert Video.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "status", "message"),
    [
        (b"", 422, "Choose a video first"),
        (b"not a video at all", 415, "not an MP4"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", 415, "not an MP4"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", 415, "not an MP4"),
    ],
)
def test_invalid_video_is_refused_and_nothing_is_kept(mika, sign_in, content, status, message):
    form = {"video_file": video_file(content)} if content else {}
    answer = sign_in(mika).post(reverse(UPLOAD), form)
    assert answer.status_code == status
    assert message in answer.content.decode()
    assert not Video.objects.exists()
    assert not Job.objects.exists()
    assert not list(storage.list_objects("videos"))


def test_oversized_file_is_refused(upload_video, video_bytes, settings):
    assert limit_of(None, "video_bytes") == 200_000_000
    settings.VIDEO_BYTES = 100
    with pytest.raises(video_uploads.VideoRefused, match="too_many_bytes"):
        upload_video(video_bytes)


def test_workspace_storage_is_limited(upload_video, video_bytes, ren, settings):
    settings.VIDEO_BYTES_PER_WORKSPACE = len(video_bytes) + 100
    upload_video(video_bytes)
    with pytest.raises(video_uploads.VideoRefused, match="no_room"):
        upload_video(make_video(0.5))
    assert Video.objects.count() == 1
    assert video_uploads.save_video(video_file(video_bytes), workspace=ren.workspaces.get(), by=ren), (
        "the limit of one workspace applies to another"
    )


@pytest.mark.usefixtures("commits")
def test_damaged_file_fails_with_a_reason_and_leaves_nothing(upload_video, video_bytes):
    video = upload_video(video_bytes[:200] + b"\0" * 400)
    engine.advance(video.job_id)
    video.refresh_from_db()
    assert video.job.state == State.FAILED
    assert "damaged" in video.job.error_public or "incomplete" in video.job.error_public
    assert not list(storage.list_objects("videos"))
    assert (video.is_ready, video.bytes) == (False, 0), "a failed video counts towards the limit"


def test_long_video_is_rejected_with_a_reason(upload_video, monkeypatch):
    video = upload_video(make_video(62, size=(32, 32), fps=2))
    engine.advance(video.job_id)
    video.job.refresh_from_db()
    assert video.job.error_public.startswith("The video is longer than 60 seconds")


def test_rejected_video_may_be_uploaded_again(upload_video, video_bytes):
    video = upload_video(video_bytes[:200] + b"\0" * 400)
    engine.advance(video.job_id)
    second_video = upload_video(video_bytes[:200] + b"\0" * 400)
    assert second_video.pk != video.pk
    assert second_video.job.is_active


@pytest.mark.usefixtures("commits")
def test_cancelled_check_leaves_nothing_stored(upload_video, video_bytes, mika):
    video = upload_video(video_bytes)
    jobs.cancel(video.job, by=mika)
    assert not list(storage.list_objects("videos"))


def test_stored_objects_belong_to_the_video_until_it_is_deleted(checked_video, monkeypatch):
    monkeypatch.setattr("generation.maintenance.MIN_AGE", timedelta(days=-1))
    assert list(objects_have_an_owner()) == []
    privacy.delete_workspace_work(checked_video.workspace)
    assert not list(storage.list_objects("videos"))
    assert not Video.objects.exists()


def test_unused_videos_expire_after_two_days(checked_video):
    maintenance.delete_unused_videos()
    assert Video.objects.exists()
    Video.objects.update(created_at="2026-01-01T00:00:00Z")
    maintenance.delete_unused_videos()
    assert not Video.objects.exists()
    assert not list(storage.list_objects("videos"))


def test_old_video_stays_while_checked_or_used(upload_video, checked_video):
    Clip.objects.create(
        workspace=checked_video.workspace,
        provider="comfyui",
        model=MODEL,
        seed=1,
        prompt="x",
        seconds=1,
        video=checked_video,
    )
    waiting = upload_video(make_video(0.5))
    Video.objects.update(created_at="2026-01-01T00:00:00Z")

    maintenance.delete_unused_videos()

    assert set(Video.objects.all()) == {checked_video, waiting}
    assert storage.get_size(checked_video.key) and storage.get_size(waiting.file_key("original"))


def test_stranger_cannot_see_a_video(checked_video, ren, sign_in, client):
    for browser in (sign_in(ren), client):
        assert browser.get(reverse("generation:video", args=[checked_video.pk])).status_code in (302, 404)
        page = browser.get(reverse("generation:create"), {"tab": "video", "video": checked_video.pk})
        assert 'name="video"' not in page.content.decode()
        assert "my cat" not in page.content.decode()
    Connection.objects.create(provider="comfyui", label="Ren's", owner=ren, base_url="http://127.0.0.1:9")
    answer = sign_in(ren).post(reverse("generation:create"), FORM | {"video": str(checked_video.pk)})
    assert answer.status_code == 422
    assert "This no longer exists" in answer.content.decode()
    assert not Clip.objects.exists()


def test_video_tab_offers_only_effects_without_a_video_engine(mika, sign_in, video_bytes):
    browser = sign_in(mika)
    page = browser.get(reverse("generation:create"), {"tab": "video"}).content.decode()
    assert "No provider that supports video to video is connected." in page and "Apply effects to a video" in page
    assert 'name="video_file"' in page and "Video to video" not in page and 'name="prompt"' not in page

    url = browser.post(reverse(UPLOAD), {"video_file": video_file(video_bytes)}).url
    assert "Checking" in (page := browser.get(url).content.decode()) and "write the prompt" not in page
    video = Video.objects.get()
    engine.advance(video.job_id)

    page = browser.get(url).content.decode()
    assert reverse("generation:video_effects", args=[video.pk]) in page and "Add effects" in page
    assert 'name="prompt"' not in page


def test_video_tab_offers_engines_that_take_videos(mika, sign_in, comfyui):
    page = sign_in(mika).get(reverse("generation:create"), {"tab": "video"}).content.decode()
    assert 'name="video_file"' in page
    assert "uses the first 5 seconds at most" in page
    assert 'placeholder="Hand-drawn anime' in page
    assert f'value="{MODEL}" selected' in page


def test_unchecked_video_is_shown_but_not_usable(mika, sign_in, comfyui, upload_video, video_bytes):
    video, browser = upload_video(video_bytes), sign_in(mika)
    assert "Checking" in browser.get(reverse("generation:video", args=[video.pk])).content.decode()
    answer = browser.post(reverse("generation:create"), FORM | {"video": str(video.pk)})
    assert answer.status_code == 422
    assert "still being checked" in answer.content.decode()


FORM = {"prompt": "as anime", "provider": "comfyui", "model": MODEL, "seconds": 2, "resolution": 480, "tab": "video"}


def test_clip_is_created_from_a_checked_video(mika, sign_in, comfyui, checked_video, tmp_path):
    page = sign_in(mika).get(reverse("generation:create"), {"tab": "video", "video": checked_video.pk}).content.decode()
    assert f'name="video" value="{checked_video.pk}"' in page
    answer = sign_in(mika).post(reverse("generation:create"), FORM | {"video": str(checked_video.pk)})
    assert answer.status_code == 302, answer.content.decode()
    clip = Clip.objects.get()
    assert clip.title == "as anime"
    assert (clip.video, clip.connection, clip.job.kind) == (checked_video, comfyui, "clip_elsewhere")
    request = build_request_with_files(clip, tmp_path)
    assert (str(request.mode), check_mezzanine(request.video).frames) == ("video", 24)


def test_video_model_without_a_video_is_refused(mika, sign_in, comfyui):
    answer = sign_in(mika).post(reverse("generation:create"), FORM)
    assert answer.status_code == 422
    assert "Choose a video first" in answer.content.decode()


def test_video_is_trimmed_to_the_model_limit(upload_video, mika, queue_clips, comfyui, tmp_path):
    video = upload_video(make_video(7, size=(64, 64)))
    engine.advance(video.job_id)
    clip = Clip(workspace=mika.workspaces.get(), provider="comfyui", model=MODEL, seed=1, prompt="x", seconds=5)
    clip.video = Video.objects.get(pk=video.pk)
    clip.save()
    with av.open(str(build_request_with_files(clip, tmp_path).video)) as trimmed:
        assert 119 <= sum(1 for _frame in trimmed.decode(video=0)) <= 121
        assert trimmed.streams.audio


def test_trimming_does_not_decode(checked_video, tmp_path):
    whole = storage.download(checked_video.key, tmp_path / "whole.mp4")
    part = trim(whole, tmp_path / "part.mp4", seconds=0.5, workdir=tmp_path)
    with av.open(str(whole)) as first_file, av.open(str(part)) as second_file:
        packets = [bytes(packet) for packet in first_file.demux(video=0) if packet.size]
        trimmed_packets = [bytes(packet) for packet in second_file.demux(video=0) if packet.size]
    assert trimmed_packets == packets[: len(trimmed_packets)]
    assert 10 <= len(trimmed_packets) <= 14


def test_engines_without_video_support_are_disabled(mika, sign_in, comfyui, checked_video):
    browser = sign_in(mika)
    engines = dict(browser.get("/create/?tab=video").context["engines"])
    rows = {row.offer.engine.slug: row for found in engines.values() for row in found}
    assert (rows["comfyui"].is_chosen, rows["comfyui"].reason) == (True, "")
    assert rows["animatic"].reason == "Doesn’t support video to video"
    page = browser.get(f"/create/?tab=video&video={checked_video.pk}").content.decode()
    assert 'name="provider" value="animatic" disabled' in page
    for url in ("/create/", f"/create/?video={uuid.uuid4()}", "/create/?video=x"):
        assert "Doesn’t support video to video" not in browser.get(url).content.decode()
    comfyui.delete()
    assert "Doesn’t support video to video" not in browser.get("/create/?tab=video").content.decode()
