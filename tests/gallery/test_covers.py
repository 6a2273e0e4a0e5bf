"""The cover of a work, which its author chooses while publishing."""

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.urls import reverse
from PIL import Image

from gallery.models import Work
from gallery.works.media import get_media_urls
from generation.media.frame import read_frame
from generation.models import Clip, ClipFile
from jobs.lifecycle import engine
from jobs.models import Job
from tests.studio.render.clips import make_mezzanine, numbered_frames

FORM = {"visibility": "public", "title": "The train", "description": "", "tags": "", "licence": "reserved"}


@pytest.fixture
def browser(public_gallery, mika, sign_in):
    return sign_in(mika)


def list_values(page) -> list[str]:
    return [frame.value for frame in page.context["form"].covers]


def test_cover_of_a_film_is_one_of_its_stills(browser, mika, create_film):
    film = create_film(mika)
    page = reverse("gallery:publish_film", args=[film.pk])
    assert list_values(browser.get(page)) == ["0", "1"]

    assert browser.post(page, FORM | {"cover": "2"}).status_code == 422 and not Work.objects.exists()
    browser.post(page, FORM | {"cover": "1"})
    film.refresh_from_db()
    work = Work.objects.get()
    assert film.poster == 1 and get_media_urls(work).small_poster in browser.get(page).content.decode()

    browser.post(page, FORM | {"cover": "0"})
    film.refresh_from_db()
    assert (film.poster, Work.objects.get().revision) == (0, work.revision + 1)
    browser.post(page, FORM)
    assert Work.objects.get().revision == work.revision + 1, "without a choice the cover stays"


@pytest.fixture
def clip(mika, create_clip, tmp_path):
    """A clip of 48 numbered frames."""
    shot = make_mezzanine(tmp_path / "clip.mp4", numbered_frames(3), 48)
    clip = create_clip(mika, frames=48)
    storages["clips"].save(clip.files.get(kind="mezzanine").key, ContentFile(shot.path.read_bytes()))
    return clip


def find_number(key: str, path) -> int:
    """Return which frame of the clip the stored picture shows."""
    with storages["clips"].open(key) as file, Image.open(file) as image:
        picture = np.asarray(image.convert("L").resize((256, 144)), int)
    frames = [np.asarray(read_frame(path, n).convert("L").resize((256, 144)), int) for n in range(48)]
    differences = [abs(picture - frame).mean() for frame in frames]
    return differences.index(min(differences))


def test_cover_of_a_clip_is_drawn_from_the_chosen_frame_by_a_job(browser, clip, tmp_path):
    page = reverse("gallery:publish_clip", args=[clip.pk])
    assert list_values(browser.get(page)) == ["", "2", "7", "12", "16", "21", "26", "31", "36", "40", "45"]

    browser.post(page, FORM | {"cover": "36"})
    assert "The new cover is being drawn." in browser.get(page).content.decode()
    job = Job.objects.get(kind="cover")
    engine.advance(job.pk)

    part = browser.get(page, headers={"HX-Request": "true", "HX-Target": "div#cover-now"}).content.decode()
    work = Work.objects.get()
    assert "being drawn" not in part and get_media_urls(work).small_poster in part and "<form" not in part
    files = {file.kind: file for file in ClipFile.objects.filter(clip=clip)}
    assert {find_number(files[kind].key, tmp_path / "clip.mp4") for kind in ("poster", "poster_large")} == {36}
    assert files["poster"].bytes == storages["clips"].size(files["poster"].key)
    assert work.revision == 2 and work.colour == Clip.objects.get().colour


def test_cover_stays_if_the_video_of_the_clip_is_gone(browser, clip):
    page = reverse("gallery:publish_clip", args=[clip.pk])
    browser.post(page, FORM | {"cover": "36"})
    clip.files.filter(kind="mezzanine").delete()

    engine.advance(Job.objects.get(kind="cover").pk)

    assert "The cover is the same as before." in browser.get(page).content.decode()
    assert Work.objects.get().revision == 1
