"""One clip: from the queue to a playable video, and the actions on it."""

import errno
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.billing.ledger import InsufficientFunds
from generation.media import storage
from generation.media.frame import read_frame
from generation.models import Clip
from generation.worker import files
from jobs import maintenance as job_maintenance
from jobs import services as jobs
from jobs.models import Job, State
from jobs.views import health
from tests.generation.uploads import read_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(mika, queue_clips, draw):
    """A finished clip of Mika's."""
    return draw(queue_clips(mika)[0])


def download(url, **headers):
    parts = urlsplit(url)
    answer = Client(headers={"host": parts.netloc, **headers}).get(parts.path)
    answer.body = b"".join(answer)
    answer.close()
    return answer


def test_clip_is_drawn_checked_and_stored_with_all_files(clip):
    assert clip.job.state == "ready"
    assert (clip.width, clip.height, clip.frames) == (854, 480, 48)
    kinds = {file.kind for file in clip.files.all()}
    assert {"mezzanine", "poster", "poster_large", "genga", "preview", "sprite"} <= kinds
    assert all(storages["clips"].exists(file.key) for file in clip.files.all())
    assert clip.colour.startswith("#")


def test_later_clips_give_way_to_those_requested_just_before(
    mika, ren, queue_clips, draw, monkeypatch, shared_drawings
):
    drawn = []

    class Watched:
        def draw(self, request, out, watch):
            drawn.append(watch.niceness)
            shared_drawings.draw(request, out, watch)

    monkeypatch.setattr("generation.worker.render.provider", lambda slug: Watched())
    clips = [queue_clips(mika, prompt=str(n))[0] for n in range(3)]
    Job.objects.filter(pk=clips[0].job_id).update(created_at=timezone.now() - timedelta(minutes=2))
    for clip in (*clips, queue_clips(ren)[0]):
        draw(clip)

    assert drawn == [0, 0, 6, 0]


def test_page_names_the_animatic_and_no_ai_model(sign_in, mika, clip):
    page = sign_in(mika).get(clip.get_absolute_url()).content.decode()

    assert "animatic, drawn by this studio" in page
    assert str(clip.seed) in page
    assert clip.prompt in page
    assert not re.search(r"\bmodel|\bAI\b|\bartificial|\bgenerated", read_text(page), re.IGNORECASE)
    assert re.search(r"<dt>Generation time</dt><dd[^>]*>[\d.]+ s</dd>", page)
    assert "<dt>Cost</dt><dd>free</dd>" in page


def test_takes_are_listed_on_each_others_page(sign_in, mika, queue_clips):
    clips = queue_clips(mika, takes=3)

    page = sign_in(mika).get(clips[1].get_absolute_url()).content.decode()

    takes = page.partition('class="takes')[2].partition("</section>")[0]
    assert [f'href="{clip.get_absolute_url()}"' in takes for clip in clips] == [True] * 3
    assert takes.count('aria-current="true"') == 1


def test_page_shows_where_the_clip_came_from_and_its_steps(
    sign_in, mika, ren, queue_clips, draw, django_assert_max_num_queries
):
    first, take = queue_clips(mika, takes=2)
    draw(first)
    [made], [foreign] = queue_clips(mika, prompt="a dog"), queue_clips(ren, prompt="a secret cat")
    Clip.objects.filter(pk=made.pk).update(continues=first)
    Clip.objects.filter(pk=foreign.pk).update(variation_of=first)
    browser = sign_in(mika)

    source, result = browser.get(made.get_absolute_url()), browser.get(first.get_absolute_url())
    with django_assert_max_num_queries(12):
        browser.get(first.get_absolute_url())

    texts = [(relative.clip.pk, str(relative.text)) for relative in result.context["relatives"]]
    assert texts == [(first.pk, ""), (made.pk, "continues from this clip")]
    assert "continued by this clip" in source.text and first.get_absolute_url() in source.text
    assert "a secret cat" not in result.text
    assert [str(step.label) for step in result.context["steps"] if step.at] == ["Sent", "Drawn", "Checked", "Ready"]
    assert [str(step.label) for step in source.context["steps"] if step.at] == ["Sent"]
    draw(take)
    both = browser.get(f"{first.get_absolute_url()}?with={take.pk}").text
    assert both.count("<cel-player") == 2 and "data-sync" in both
    for other in (foreign.pk, made.pk, "x"):
        assert browser.get(f"{first.get_absolute_url()}?with={other}").text.count("<cel-player") == 1


def test_takes_in_progress_appear_on_the_page(sign_in, mika, queue_clips, draw):
    first, second = queue_clips(mika, takes=2)
    draw(first)
    browser, fragment = sign_in(mika), {"HX-Request": "true", "HX-Target": "section#clip-takes"}
    page = browser.get(first.get_absolute_url(), headers=fragment)

    assert "<html" not in page.text
    assert f'data-topics="{second.job.topic}"' in page.text
    assert page.text.count("<img") == 1

    draw(second)
    page = browser.get(first.get_absolute_url(), headers=fragment)
    assert page.text.count("<img") == 2
    assert "data-topics" not in page.text


def test_clip_without_its_files_says_so_until_they_are_back(sign_in, mika, clip):
    browser, path = sign_in(mika), Path(storages["clips"].path(clip.file("mezzanine").key))
    kept = path.read_bytes()
    path.unlink()

    assert browser.get(f"{clip.get_absolute_url()}download/").url == clip.get_absolute_url()
    assert browser.get(f"{clip.get_absolute_url()}play/").status_code == 404
    page = browser.get(clip.get_absolute_url()).content.decode()
    assert "missing in storage" in page and "<video" not in page and "Make another take" in page
    assert any("files of 1 clip are missing" in sentence for sentence in health.find_warnings())

    path.write_bytes(kept)
    page = browser.get(clip.get_absolute_url()).content.decode()
    assert "missing in storage" not in page and "<video" in page


def test_video_is_served_by_signed_link_with_byte_ranges(sign_in, mika, clip):
    link = sign_in(mika).get(f"{clip.get_absolute_url()}play/").url

    whole, part = download(link), download(link, range="bytes=100-199")

    assert whole.status_code == 200
    assert part.status_code == 206
    assert part.body == whole.body[100:200]
    assert part.headers["Content-Range"] == f"bytes 100-199/{whole.headers['Content-Length']}"
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    assert not whole.cookies


def test_byte_range_requests_have_the_right_status(subtests, clip):
    link = storage.create_link(clip.file("mezzanine").key)
    for byte_range, status in [("bytes=-10", 206), ("bytes=0-", 200), ("bytes=9999999999-", 416), ("pages=1", 200)]:
        with subtests.test(byte_range=byte_range, status=status):
            assert download(link, range=byte_range).status_code == status


def test_changed_or_expired_link_opens_nothing(clip, monkeypatch):
    link = storage.create_link(clip.file("mezzanine").key, seconds=60)
    changed = link[:-4] + ("A" if link[-4] != "A" else "B") + link[-3:]

    assert download(changed).status_code == 404
    now = storage.time.time()
    monkeypatch.setattr(storage.time, "time", lambda: now + 121)
    assert download(link).status_code == 404


def test_site_host_serves_no_media_and_media_host_no_pages(clip):
    link = urlsplit(storage.create_link(clip.file("poster").key))

    assert Client(headers={"host": urlsplit(settings.SITE_URL).netloc}).get(link.path).status_code in (302, 404)
    answer = Client(headers={"host": settings.MEDIA_HOST}).get("/create/?prompt=a+cat")
    assert answer.url == f"{settings.SITE_URL}/create/?prompt=a+cat"


def test_download_is_named_after_the_title(sign_in, mika, clip):
    link = sign_in(mika).get(f"{clip.get_absolute_url()}download/").url

    assert "attachment" in download(link).headers["Content-Disposition"]
    assert "a girl on a hill" in download(link).headers["Content-Disposition"]


def test_make_again_adds_a_take_with_another_seed(sign_in, mika, clip):
    sign_in(mika).post(f"{clip.get_absolute_url()}retry/", {"idem_key": "k"})

    new = Clip.objects.exclude(pk=clip.pk).get()
    assert (new.request, new.take) == (clip.request, 2)
    assert new.seed != clip.seed


def test_variations_are_a_request_of_their_own(sign_in, mika, clip):
    sign_in(mika).post(f"{clip.get_absolute_url()}vary/", {"idem_key": "k"})

    new = Clip.objects.exclude(pk=clip.pk)
    assert new.count() == 3
    assert {variation.variation_of_id for variation in new} == {clip.pk}
    assert {variation.request for variation in new} != {clip.request}


def test_too_many_unfinished_jobs_are_refused_on_the_clip_page(subtests, sign_in, mika, queue_clips, settings):
    [clip] = queue_clips(mika)
    settings.JOBS_PER_WORKSPACE = 1

    for action, takes, way in [("retry/", 1, "Wait until one"), ("vary/", 3, "Ask for fewer")]:
        with subtests.test(action=action):
            answer = sign_in(mika).post(clip.get_absolute_url() + action)

            assert answer.status_code == 429
            assert f"Unfinished jobs: 1 of 1. This needs {takes} more. {way}" in answer.content.decode()
            assert clip.prompt in answer.content.decode()
            assert Clip.objects.count() == 1


def test_unaffordable_request_is_refused_on_the_clip_page(subtests, sign_in, mika, queue_clips, monkeypatch, settings):
    [clip] = queue_clips(mika)
    settings.BILLING = True

    def refuse_payment(*args, **more):
        raise InsufficientFunds(5_000_000, 1_000_000, "USD")

    monkeypatch.setattr(jobs, "submit", refuse_payment)
    for action in ["retry/", "vary/"]:
        with subtests.test(action=action):
            answer = sign_in(mika).post(clip.get_absolute_url() + action)

            assert answer.status_code == 402
            assert "This costs $5.00, but only $1.00 is left. Nothing was started" in answer.content.decode()
            assert '<a class="button" href="/payments/"' in answer.text
            assert Clip.objects.count() == 1


def test_clip_can_continue_from_the_last_frame_of_another(sign_in, mika, clip, draw, tmp_path):
    def frame_pixels(owner, number):
        film = storage.download(owner.file("mezzanine").key, tmp_path / f"{owner.pk}.mp4")
        return np.asarray(read_frame(film, number)).astype(int)

    sent = {"prompt": "the sea at night", "continues": clip.pk, "seconds": 2, "resolution": 480}
    sign_in(mika).post("/create/", sent)

    new = draw(Clip.objects.exclude(pk=clip.pk).get())
    assert new.continues_id == clip.pk
    assert new.job.state == "ready"
    assert np.abs(frame_pixels(clip, -1) - frame_pixels(new, 0)).mean() < 3, "the clips do not join"
    assert np.abs(frame_pixels(clip, -1) - frame_pixels(new, -1)).mean() > 20, (
        "the new clip does not follow its own prompt"
    )


def test_deleted_clip_can_be_restored_from_the_trash(sign_in, mika, clip):
    browser = sign_in(mika)
    browser.post(f"{clip.get_absolute_url()}delete/")

    assert browser.get("/clips/").context["page"].rows == []
    page = browser.get(clip.get_absolute_url()).content.decode()
    clip.refresh_from_db()
    day = date_format(clip.deleted_at + timedelta(days=30), "DATE_FORMAT")
    assert "in the trash" in page
    assert f"deleted permanently on {day}" in page
    assert browser.get(f"{clip.get_absolute_url()}play/").status_code == 404

    browser.post(f"{clip.get_absolute_url()}restore/")
    assert [tile.pk for tile in browser.get("/clips/").context["page"].rows] == [clip.pk]


@pytest.mark.usefixtures("commits")
def test_emptying_the_trash_removes_files(mika, clip):
    keys = [file.key for file in clip.files.all()] + [files.build_file_key(clip, "original")]
    jobs.delete(clip.job, by=mika)

    jobs.purge(clip.job)

    assert not Clip.objects.filter(pk=clip.pk).exists()
    assert not any(storages["clips"].exists(key) for key in keys)


@pytest.mark.usefixtures("commits")
@pytest.mark.rows
def test_clip_restored_during_a_purge_keeps_its_files(mika, queue_clips, draw, monkeypatch):
    clips = [draw(clip) for clip in queue_clips(mika, takes=2)]
    jobs.delete_many([clip.job for clip in clips], by=mika)
    Job.objects.update(deleted_at=timezone.now() - timedelta(days=31))

    def list_file_keys(clip):
        for other in Job.objects.exclude(pk=clip.job_id):
            jobs.restore(other, by=mika)
        return files.list_file_keys(clip)

    monkeypatch.setattr("generation.job_kinds.list_file_keys", list_file_keys)
    job_maintenance.purge_trash()

    kept = Clip.objects.get()
    assert kept.deleted_at is None and kept.job.deleted_at is None
    assert kept.files.exists() and all(storage.get_size(file.key) == file.bytes for file in kept.files.all())


@pytest.mark.rows
@pytest.mark.parametrize("url_pattern", ["/jobs/{0.job_id}/restore/", "/clips/{0.pk}/restore/"])
def test_restoring_a_clip_under_purge_does_not_claim_success(sign_in, mika, clip, monkeypatch, url_pattern):
    jobs.delete(clip.job, by=mika)
    # the clip is purged while the restore waits for the lock
    monkeypatch.setattr(jobs, "lock_workspace", lambda workspace: jobs.purge(clip.job))

    answer = sign_in(mika).post(url_pattern.format(clip), follow=True)

    assert answer.status_code == 404 and "was restored" not in answer.text


def test_renaming_changes_only_the_title(sign_in, mika, clip):
    sign_in(mika).post(f"{clip.get_absolute_url()}rename/", {"title": "Petals"})
    clip.refresh_from_db()
    assert clip.title == "Petals"

    sign_in(mika).post(f"{clip.get_absolute_url()}rename/", {"title": ""})
    clip.refresh_from_db()
    assert clip.title == "Petals"


def test_failed_drawing_is_a_failed_job_with_a_reason(mika, queue_clips, draw, draw_every_clip, monkeypatch, caplog):
    """The path of the file is only in the log."""
    from generation.animatic import render as animatic

    def crash(*args, **more):
        raise animatic.DrawingFailed("the clouds: OSError: /a/folder/drawn.mp4")

    monkeypatch.setattr(animatic, "render", crash)
    clip = draw(queue_clips(mika)[0])

    assert clip.job.state == "failed"
    assert "the clouds" in clip.job.error_public and "/a/folder" not in clip.job.error_public
    assert "/a/folder/drawn.mp4" in caplog.text


def test_failed_clip_is_retried_in_place(mika, queue_clips, draw, draw_every_clip, monkeypatch):
    from generation.animatic import render as animatic

    with monkeypatch.context() as patch:
        patch.setattr(animatic, "render", lambda *a, **k: (_ for _ in ()).throw(animatic.DrawingFailed("x")))
        clip = draw(queue_clips(mika)[0])

    again = jobs.retry(clip.job, by=mika)
    clip.refresh_from_db()
    assert clip.job_id == again.pk
    assert draw(clip).job.state == "ready"


def test_stuck_clip_does_not_claim_to_be_drawing(mika, queue_clips, sign_in):
    clip, browser = queue_clips(mika)[0], sign_in(mika)
    Job.objects.filter(pk=clip.job_id).update(state=State.STUCK, price_reserved=280_000, currency="USD")

    page = browser.get(clip.get_absolute_url()).text
    job_page = browser.get(reverse("jobs:job", args=[clip.job_id])).text

    for text in (page, job_page):
        assert "An administrator needs to resume or cancel it" in text and "$0.28 is on hold until then." in text
    assert "the job continues" not in page and "Cancel" in page
    assert "Stalled after five attempts" in browser.get(reverse("generation:create")).text


def test_full_disk_makes_the_job_wait(mika, queue_clips, draw, monkeypatch):
    def raise_disk_full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    [clip] = queue_clips(mika)
    with monkeypatch.context() as patch:
        patch.setattr(storage, "store_file", raise_disk_full)
        draw(clip)
    assert clip.job.state == "running"
    assert "disk is full" in clip.job.progress_note
    assert not list(settings.WORK_DIR.iterdir())

    Job.objects.update(next_run_at=Now())
    assert draw(clip).job.state == "ready"


@pytest.mark.parametrize("kind", ["black", "frozen"])
def test_blank_or_frozen_clip_is_rejected_with_a_reason(mika, queue_clips, draw, monkeypatch, kind):
    from generation.media.errors import MediaRefused

    def refuse(*args, **more):
        raise MediaRefused(kind, "seen")

    monkeypatch.setattr("generation.media.ingest.ingest", refuse)
    clip = draw(queue_clips(mika)[0])

    assert clip.job.state == "failed"
    assert "Nothing was charged" in clip.job.error_public
    assert not clip.files.exists()


def test_page_shows_a_frame_while_it_is_drawn_until_the_clip_is_ready(
    sign_in, mika, queue_clips, draw, shared_drawings, monkeypatch, django_capture_on_commit_callbacks
):
    clip, browser, seen = queue_clips(mika)[0], sign_in(mika), []

    class ShowsAFrame:
        def draw(self, request, out, watch):
            watch.show_frame(np.full((480, 854, 3), 90, np.uint8))
            seen.append(browser.get(clip.get_absolute_url()).content.decode())
            seen.extend(clip.files.filter(kind__startswith="sketch"))
            shared_drawings.draw(request, out, watch)

    monkeypatch.setattr("generation.worker.render.provider", lambda slug: ShowsAFrame())
    with django_capture_on_commit_callbacks(execute=True):
        draw(clip)
    page, *sketches = seen

    assert re.search(r'class="frame ratio-16-9 line" data-progress="0".+<img class="wipe"', page, re.DOTALL)
    assert [file.kind for file in sketches] == ["sketch", "sketch_lines"]
    assert not clip.files.filter(kind__startswith="sketch").exists()
    assert not any(storages["clips"].exists(file.key) for file in sketches)


def test_finishing_poll_also_updates_the_buttons(sign_in, mika, queue_clips, draw):
    clip, browser = queue_clips(mika)[0], sign_in(mika)
    poll = {"HX-Request": "true", "HX-Target": f"div#job-{clip.job_id}"}

    before = browser.get(clip.get_absolute_url(), headers=poll).content.decode()
    after = browser.get(draw(clip).get_absolute_url(), headers=poll).content.decode()

    assert "hx-partial" not in before
    assert 'hx-target="#clip-head"' in after
    assert f"{clip.get_absolute_url()}download/" in after
    assert "854×480" in after
