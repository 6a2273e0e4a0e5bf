"""Music of films: upload, processing, use and removal. Bad files are refused with a reason."""

import os
import subprocess
from contextlib import contextmanager

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from generation.media import ffmpeg, storage
from jobs import maintenance
from jobs import services as jobs
from jobs.lifecycle import engine
from jobs.models import Job, State
from studio.errors import MusicRefused, NoFilm
from studio.films import music as film_music
from studio.models import FilmSettings, Music
from studio.render import music as render_music
from studio.timeline.film_settings import get_film_settings
from tests.factories import UserFactory
from tests.studio.render.clips import read_sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def upload_music(mika, run_jobs):
    def create(story, upload):
        music = film_music.upload_music(upload=upload, story=story, by=mika)
        run_jobs(music.job)
        return Music.objects.get(pk=music.pk)

    return create


def test_uploaded_music_plays_under_the_film(
    mika, create_storyboard, upload_music, music_upload, request_film, run_jobs, tmp_path
):
    story = create_storyboard(2)
    story.scenes.update(sound="muted")

    music = upload_music(story, music_upload(3.0))
    film = request_film(story)
    run_jobs(film.job)

    film.refresh_from_db()
    assert (music.title, round(music.seconds, 1), music.is_ready) == ("harbour", 3.0, True)
    sound = read_sound(storage.download(film.key, tmp_path / "film.mp4"))
    assert np.sqrt(np.mean(sound[20_000:80_000] ** 2)) > 0.02
    assert film.plan["music"]["title"] == "harbour"
    assert [key for key, *_ in storage.list_objects("music") if str(music.pk) in key] == [music.get_storage_key("bed")]
    assert maintenance.find_violations() == []


def test_the_same_music_uploaded_twice_is_stored_once(mika, create_storyboard, upload_music, music_upload):
    story = create_storyboard(1)

    assert upload_music(story, music_upload()) == film_music.upload_music(upload=music_upload(), story=story, by=mika)
    assert Job.objects.filter(kind="music").count() == 1


def test_a_film_waits_until_its_music_is_processed(mika, create_storyboard, music_upload, request_film):
    story = create_storyboard(1)
    film_music.upload_music(upload=music_upload(), story=story, by=mika)

    with pytest.raises(NoFilm, match="The music is still being read"):
        request_film(story)


HLS = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n%s\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile %s\n"
EMPTY_TAG = b"ID3\x04\x00\x00\x00\x00\x00\x00"  # readers skip it
ADDRESS = b"http://DOOR/latest/meta-data"
HOSTILE_FILES = {
    "A901 an HLS list": HLS % b"file:///etc/passwd",
    "A902 an HLS list of a neighbour": HLS % b"neighbour.wav",
    "A902 an HLS list of a neighbour in the parent folder": HLS % b"../neighbour.wav",
    "A902 an HLS list of a neighbour behind an MP3 header": EMPTY_TAG + HLS % b"neighbour.wav",
    "A903 an HLS list of an address": HLS % ADDRESS,
    "A903 an HLS list of an address behind an MP3 header": EMPTY_TAG + HLS % ADDRESS,
    "A904 a concat list": CONCAT % b"/etc/passwd",
    "A905 a concat list of a neighbour": CONCAT % b"neighbour.wav",
    "A905 a concat list of a neighbour behind an MP3 header": EMPTY_TAG + CONCAT % b"neighbour.wav",
    "A906 a DASH manifest": b"<?xml version='1.0'?><MPD><Period><BaseURL>/etc/passwd</BaseURL></Period></MPD>",
    "text": b"only text, no sound at all, but rather a lot of it " * 9,
    "noise with an MP3 header": b"ID3" + bytes(range(256)) * 40,
    "noise with a WAV header": b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(64),
}


@pytest.fixture
def opened_neighbours(monkeypatch, tmp_path, music_upload):
    """Put a readable neighbour.wav beside every upload. Returns those that were opened."""
    read, content = [], music_upload().read()

    @contextmanager
    def neighbour(folder):
        path = folder / "neighbour.wav"
        path.write_bytes(content)
        os.utime(path, (1, 2))  # older than its modification, so that relatime records the next read
        try:
            yield path
        finally:
            read.extend([path] * (path.stat().st_atime != 1))

    def with_neighbour(call, folder_argument):
        def call_with_neighbour(*arguments, **keywords):
            with neighbour(keywords[folder_argument]):
                return call(*arguments, **keywords)

        return call_with_neighbour

    with neighbour(tmp_path) as path:
        path.read_bytes()
    if not read:
        pytest.skip("this disk does not record when a file was read")
    read.clear()
    monkeypatch.setattr(render_music, "import_music", with_neighbour(render_music.import_music, "workdir"))
    monkeypatch.setattr(ffmpeg, "run", with_neighbour(ffmpeg.run, "directory"))
    return read


@pytest.mark.usefixtures("commits")
@pytest.mark.parametrize("name", HOSTILE_FILES)
def test_hostile_music_is_refused_and_opens_no_other_file(
    create_storyboard, upload_music, request_film, listening_address, opened_neighbours, name
):
    story, content = create_storyboard(1), HOSTILE_FILES[name].replace(b"DOOR", listening_address.address.encode())

    music = upload_music(story, SimpleUploadedFile("song.mp3", content, "audio/mpeg"))

    assert opened_neighbours == [] and not listening_address.was_contacted()
    assert (music.is_ready, music.job.state) == (False, State.FAILED)
    assert "no readable sound" in music.job.error_public
    assert not [key for key, *_ in storage.list_objects("music") if str(music.pk) in key]
    with pytest.raises(NoFilm, match="The music could not be read"):
        request_film(story)


def test_the_planted_neighbour_file_is_valid_music(create_storyboard, upload_music, music_upload, opened_neighbours):
    assert upload_music(create_storyboard(1), music_upload()).is_ready
    assert opened_neighbours == []


def test_a_full_disk_postpones_music_processing(mika, create_storyboard, music_upload, run_jobs, ffmpeg_without_room):
    music = film_music.upload_music(upload=music_upload(), story=create_storyboard(1), by=mika)
    with ffmpeg_without_room():
        engine.advance(music.job_id)
    music.job.refresh_from_db()
    assert (music.job.state, music.job.progress_note) == (State.RUNNING, "The disk is full. Waiting for free space.")
    assert storage.get_size(music.get_storage_key("original"))

    run_jobs(music.job)

    music.refresh_from_db()
    assert music.is_ready


def test_oversized_and_empty_music_is_not_stored(mika, create_storyboard, settings):
    story = create_storyboard(1)
    settings.MUSIC_BYTES = 10
    for content, status in ((b"x" * 11, 413), (b"", 422)):
        upload = SimpleUploadedFile("song.mp3", content, "audio/mpeg")
        with pytest.raises(MusicRefused) as refusal:
            film_music.upload_music(upload=upload, story=story, by=mika)
        assert refusal.value.status == status
    assert not Music.objects.exists() and not FilmSettings.objects.exists()


def test_music_metadata_does_not_reach_the_film(
    create_storyboard, upload_music, request_film, run_jobs, tmp_path, music_upload
):

    source, tagged = tmp_path / "in.wav", tmp_path / "out.m4a"
    source.write_bytes(music_upload().read())
    tags = ["-metadata", "title=SECRET TITLE", "-metadata", "location=+35.0+139.0/"]
    subprocess.run([ffmpeg.find_binary(), "-v", "error", "-i", source, *tags, tagged], check=True)
    story = create_storyboard(1)

    upload_music(story, SimpleUploadedFile("song.m4a", tagged.read_bytes(), "audio/mp4"))
    film = request_film(story)
    run_jobs(film.job)

    film.refresh_from_db()
    content = b"".join(storage.read_chunks(film.key))
    assert b"SECRET" not in content and b"+35.0" not in content


def test_removing_music_deletes_its_files_and_keeps_films(
    mika, create_storyboard, upload_music, music_upload, request_film, run_jobs
):
    story = create_storyboard(1)
    music = upload_music(story, music_upload())
    film = request_film(story)
    run_jobs(film.job)

    film_music.remove_music(music=music, by=mika)

    assert storage.get_size(film.storage_key) and not [
        key for key, *_ in storage.list_objects("music") if str(music.pk) in key
    ]
    assert get_film_settings(story).music is None


def test_music_removed_before_rendering_fails_the_film_with_a_reason(
    mika, create_storyboard, upload_music, music_upload, request_film, run_jobs
):
    story = create_storyboard(1)
    music = upload_music(story, music_upload())
    film = request_film(story)
    film_music.remove_music(music=music, by=mika)

    run_jobs(film.job)

    film.job.refresh_from_db()
    assert (film.job.state, film.job.error_code) == (State.FAILED, "music")


def test_music_of_another_workspace_fails_the_film_with_a_reason(
    mika, create_storyboard, upload_music, music_upload, request_film, run_jobs
):
    story = create_storyboard(1)
    music = upload_music(story, music_upload())
    film = request_film(story)
    stranger = UserFactory(email="stranger@example.test")
    Music.objects.filter(pk=music.pk).update(workspace=stranger.workspaces.get())

    run_jobs(film.job)

    film.job.refresh_from_db()
    assert (film.job.state, film.job.error_code) == (State.FAILED, "music")


WORKER_POINTS = {
    "before processing": "",
    "while read": "studio.films.music.failpoint music_read",
    "while stored": "studio.films.music.failpoint music_kept",
    "at the last step": "jobs.lifecycle.engine.failpoint before_stored",
}


@pytest.fixture
def run_at(monkeypatch):
    """``run_at(point, action)`` runs the action when the worker reaches that point."""

    def plan(point, action):
        if not WORKER_POINTS[point]:
            return action()
        target, failpoint_name = WORKER_POINTS[point].split()
        return monkeypatch.setattr(target, lambda name, key: name == failpoint_name and action())

    return plan


@pytest.mark.usefixtures("commits")
@pytest.mark.parametrize("point", WORKER_POINTS)
def test_deleting_a_music_job_leaves_nothing_and_allows_a_new_upload(
    mika, create_storyboard, music_upload, run_jobs, request_film, upload_music, run_at, monkeypatch, point
):
    story, seen = create_storyboard(1), []
    music = film_music.upload_music(upload=music_upload(), story=story, by=mika)

    def delete():
        jobs.delete(music.job, by=mika)
        seen.append(Job.objects.shown().filter(kind="music").exists())

    run_at(point, delete)
    run_jobs(music.job)

    music = Music.objects.get(pk=music.pk)
    assert seen == [False], "not hidden at once"
    assert (music.job.state, music.is_ready) == (State.CANCELLED, False)
    assert list(storage.list_objects("music")) == []
    assert maintenance.find_violations() == []
    with pytest.raises(NoFilm, match="The music could not be read"):
        request_film(story)

    monkeypatch.undo()
    assert upload_music(story, music_upload()).is_ready and maintenance.find_violations() == []


@pytest.mark.usefixtures("commits")
@pytest.mark.parametrize("point", ["while read", "at the last step"])
def test_music_removed_while_processing_leaves_nothing(mika, create_storyboard, music_upload, run_jobs, run_at, point):
    story = create_storyboard(1)
    music = film_music.upload_music(upload=music_upload(), story=story, by=mika)
    run_at(point, lambda: film_music.remove_music(music=Music.objects.get(pk=music.pk), by=mika))

    run_jobs(music.job)

    assert not Music.objects.exists() and Job.objects.get(kind="music").state == State.CANCELLED
    assert list(storage.list_objects("music")) == []
    assert maintenance.find_violations() == []
