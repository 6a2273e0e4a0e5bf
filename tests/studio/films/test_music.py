"""Music is brought, read by a worker, put under the film, and removed: bad files are refused in words."""

import subprocess

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from generation import storage
from jobs import engine, invariants
from jobs import services as jobs
from jobs.models import Job, State
from studio import cut, services
from studio.errors import MusicRefused, NoFilm
from studio.models import FilmSettings, Music
from tests.factories import UserFactory
from tests.studio.film.clips import pcm_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def bring(mika, work):
    def brought(story, upload):
        music = services.bring_music(upload=upload, story=story, by=mika)
        work(music.job)
        return Music.objects.get(pk=music.pk)

    return brought


def test_a_piece_is_read_and_lies_under_the_film(mika, board, bring, tune, ask, work, tmp_path):
    story = board(2)
    story.scenes.update(sound="muted")

    music = bring(story, tune(3.0))
    film = ask(story)
    work(film.job)

    film.refresh_from_db()
    assert (music.title, round(music.seconds, 1), music.is_ready) == ("harbour", 3.0, True)
    heard = pcm_of(storage.copy_to(film.key, tmp_path / "film.mp4"))
    assert np.sqrt(np.mean(heard[20_000:80_000] ** 2)) > 0.02
    assert film.plan["music"]["title"] == "harbour"
    assert [key for key, _at in storage.listing("music") if str(music.pk) in key] == [music.place("bed")]
    assert invariants.broken() == []


def test_louder_music_is_louder_in_the_film(mika, board, bring, tune, ask, work, tmp_path):
    story = board(1)
    story.scenes.update(sound="muted")
    bring(story, tune(3.0))
    loud = []
    for gain in (-20, 0):
        services.change_film_settings(story=story, by=mika, changes={"music_gain": gain})
        film = ask(story)
        work(film.job)
        film.refresh_from_db()
        heard = pcm_of(storage.copy_to(film.key, tmp_path / f"{gain}.mp4"))
        loud.append(float(np.sqrt(np.mean(heard[20_000:40_000] ** 2))))

    assert loud[1] > 5 * loud[0]


def test_the_same_file_brought_twice_is_kept_once(mika, board, bring, tune):
    story = board(1)

    assert bring(story, tune()) == services.bring_music(upload=tune(), story=story, by=mika)
    assert Job.objects.filter(kind="music").count() == 1


def test_a_film_waits_for_music_that_is_being_read(mika, board, tune, ask):
    story = board(1)
    services.bring_music(upload=tune(), story=story, by=mika)

    with pytest.raises(NoFilm, match="The music is being read"):
        ask(story)


TRICKS = {
    "A901 an HLS list": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "A902 an HLS list of a neighbour": b"#EXTM3U\n#EXTINF:10,\n../bed.s16\n",
    "A903 an HLS list of an address": b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/latest/meta-data\n",
    "A904 a concat list": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "A905 a concat list of a neighbour": b"ffconcat version 1.0\nfile original\n",
    "A906 a DASH manifest": b"<?xml version='1.0'?><MPD><Period><BaseURL>/etc/passwd</BaseURL></Period></MPD>",
    "words": b"only words, no sound at all, but rather many of them " * 9,
    "noise with the mark of an MP3": b"ID3" + bytes(range(256)) * 40,
    "noise with the mark of a WAV": b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(64),
}


@pytest.mark.parametrize("name", TRICKS)
def test_what_is_no_sound_is_refused_in_words_and_leaves_nothing(board, bring, ask, name):
    story = board(1)

    music = bring(story, SimpleUploadedFile("song.mp3", TRICKS[name], "audio/mpeg"))

    assert (music.is_ready, music.job.state) == (False, State.FAILED)
    assert "no sound in this file" in music.job.error_public
    assert not [key for key, _at in storage.listing("music") if str(music.pk) in key]
    with pytest.raises(NoFilm, match="The music could not be read"):
        ask(story)


def test_a_full_disk_makes_the_reading_wait_and_the_music_is_kept(mika, board, tune, work, ffmpeg_without_room):
    music = services.bring_music(upload=tune(), story=board(1), by=mika)
    with ffmpeg_without_room():
        engine.advance(music.job_id)
    music.job.refresh_from_db()
    assert (music.job.state, music.job.progress_note) == (State.RUNNING, "The disk is full. Waiting for room.")
    assert storage.size(music.place("original"))

    work(music.job)

    music.refresh_from_db()
    assert music.is_ready


def test_a_piece_too_large_or_empty_is_not_even_kept(mika, board, settings, monkeypatch):
    story = board(1)
    monkeypatch.setattr("studio.services.films.MUSIC_BYTES", 10)
    for content, status in ((b"x" * 11, 413), (b"", 422)):
        upload = SimpleUploadedFile("song.mp3", content, "audio/mpeg")
        with pytest.raises(MusicRefused) as refusal:
            services.bring_music(upload=upload, story=story, by=mika)
        assert refusal.value.status == status
    assert not Music.objects.exists() and not FilmSettings.objects.exists()


def test_names_and_places_inside_a_file_do_not_reach_the_film(board, bring, ask, work, tmp_path, tune):
    """A911: what a file says about its maker stays out."""
    source, tagged = tmp_path / "in.wav", tmp_path / "out.m4a"
    source.write_bytes(tune().read())
    tags = ["-metadata", "title=SECRET TITLE", "-metadata", "location=+35.0+139.0/"]
    subprocess.run(["ffmpeg", "-v", "error", "-i", source, *tags, tagged], check=True)
    story = board(1)

    bring(story, SimpleUploadedFile("song.m4a", tagged.read_bytes(), "audio/mp4"))
    film = ask(story)
    work(film.job)

    film.refresh_from_db()
    content = b"".join(storage.chunks(film.key))
    assert b"SECRET" not in content and b"+35.0" not in content


def test_removed_music_takes_its_files_along_and_films_stay(mika, board, bring, tune, ask, work):
    story = board(1)
    music = bring(story, tune())
    film = ask(story)
    work(film.job)

    services.remove_music(music=music, by=mika)

    assert storage.size(film.place) and not [key for key, _at in storage.listing("music") if str(music.pk) in key]
    assert cut.settings_of(story).music is None


def test_music_removed_while_a_film_waits_ends_the_film_in_words(mika, board, bring, tune, ask, work):
    story = board(1)
    music = bring(story, tune())
    film = ask(story)
    services.remove_music(music=music, by=mika)

    work(film.job)

    film.job.refresh_from_db()
    assert (film.job.state, film.job.error_code) == (State.FAILED, "music")


def test_music_that_belongs_to_another_workspace_by_now_ends_the_film_in_words(mika, board, bring, tune, ask, work):
    story = board(1)
    music = bring(story, tune())
    film = ask(story)
    stranger = UserFactory(email="stranger@example.test")
    Music.objects.filter(pk=music.pk).update(workspace=stranger.workspaces.get())

    work(film.job)

    film.job.refresh_from_db()
    assert (film.job.state, film.job.error_code) == (State.FAILED, "music")


MOMENTS = {
    "before it is read": "",
    "when it is read": "studio.film_steps.failpoint music_read",
    "when it is kept": "studio.film_steps.failpoint music_kept",
    "at its last step": "jobs.engine.failpoint before_stored",
}


@pytest.fixture
def at_the_moment(monkeypatch):
    """``at_the_moment(when, deed)``: it is done there, once, while a worker goes on with what it was at."""

    def planned(when, deed):
        if not MOMENTS[when]:
            return deed()
        place, where = MOMENTS[when].split()
        return monkeypatch.setattr(place, lambda name, key: name == where and deed())

    return planned


@pytest.mark.parametrize("when", MOMENTS)
def test_music_whose_job_is_deleted_before_its_end_is_hidden_leaves_nothing_and_can_be_brought_again(
    mika, board, tune, work, ask, bring, at_the_moment, monkeypatch, when
):
    story, seen = board(1), []
    music = services.bring_music(upload=tune(), story=story, by=mika)

    def delete():
        jobs.delete(music.job, by=mika)
        seen.append(Job.objects.shown().filter(kind="music").exists())

    at_the_moment(when, delete)
    work(music.job)

    music = Music.objects.get(pk=music.pk)
    assert seen == [False], "hidden at once"
    assert (music.job.state, music.is_ready) == (State.CANCELLED, False)
    assert list(storage.listing("music")) == []
    assert invariants.broken() == []
    with pytest.raises(NoFilm, match="The music could not be read"):
        ask(story)

    monkeypatch.undo()
    assert bring(story, tune()).is_ready and invariants.broken() == []


@pytest.mark.parametrize("when", MOMENTS)
def test_music_removed_while_it_is_read_leaves_nothing(mika, board, tune, work, at_the_moment, when):
    story = board(1)
    music = services.bring_music(upload=tune(), story=story, by=mika)
    at_the_moment(when, lambda: services.remove_music(music=Music.objects.get(pk=music.pk), by=mika))

    work(music.job)

    assert not Music.objects.exists() and Job.objects.get(kind="music").state == State.CANCELLED
    assert list(storage.listing("music")) == []
    assert invariants.broken() == []
