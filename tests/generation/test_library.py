"""The clip library."""

import io
import re
from datetime import timedelta

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from generation import maintenance, privacy
from generation.library.pages import PAGE_SIZE
from generation.media import storage
from generation.models import Clip, ClipFile, Collection, Picture
from generation.providers.models import Connection
from tests.generation.uploads import picture_file, read_archive

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


FACTS = {"content_type": "image/webp", "sha256": "-", "bytes": 1}


def list_tiles(page) -> list:
    """Return the ids of the clips whose tiles the page shows."""
    return [tile.pk for tile in page.context["page"].rows]


@pytest.fixture
def clips(mika, queue_clips, settings):
    """Thirty clips, oldest first."""
    settings.JOBS_PER_WORKSPACE = 100
    return [queue_clips(mika, prompt=f"scene number {n}")[0] for n in range(30)]


@pytest.fixture
def store_video(tmp_path):
    """``store_video(clip, data)`` gives the clip a finished video of these bytes. Returns the clip."""

    def store(clip, data):
        path = tmp_path / "video.mp4"
        path.write_bytes(data)
        stored = storage.store_file(path, f"clips/{clip.pk}/mezzanine.mp4")
        values = {"key": stored.key, "content_type": stored.content_type, "sha256": stored.sha256, "bytes": len(data)}
        ClipFile.objects.create(clip=clip, kind=ClipFile.Kind.MEZZANINE, **values)
        Clip.objects.filter(pk=clip.pk).update(ready_at=timezone.now())
        return Clip.objects.with_files().get(pk=clip.pk)

    return store


def read_grid(answer):
    return answer.content.decode().split('id="grid"')[1]


def test_newest_clips_come_first_across_pages(sign_in, mika, clips):
    browser = sign_in(mika)
    first = browser.get("/clips/")
    second = browser.get("/clips/" + first.context["next"])

    seen = [clip.pk for clip in first.context["page"].rows + second.context["page"].rows]
    assert seen == [clip.pk for clip in reversed(clips)]
    assert second.context["next"] == ""
    ClipFile.objects.bulk_create(ClipFile(clip=clip, kind="poster", key="a.webp", **FACTS) for clip in clips)
    Clip.objects.update(ready_at=timezone.now())
    lazy = [browser.get(url).text.count('loading="lazy"') for url in ("/clips/", "/clips/" + first.context["next"])]
    assert lazy == [PAGE_SIZE - 5, 30 - PAGE_SIZE - 5]  # the first row is seen at once


def test_search_and_filters_narrow_the_grid(sign_in, mika, clips):
    browser = sign_in(mika)
    Clip.objects.filter(pk=clips[3].pk).update(prompt="a lighthouse", title="Light")

    assert "Light" in read_grid(browser.get("/clips/", {"q": "lighthouse"}))
    found = browser.get("/clips/", {"q": "number 27"}).context["page"].rows
    assert [clip.pk for clip in found] == [clips[27].pk]
    assert browser.get("/clips/", {"state": "finished"}).context["page"].rows == []
    assert browser.get("/clips/", {"kind": "picture"}).context["page"].rows == []


def test_invalid_filters_count_as_none_and_edited_places_are_refused(subtests, sign_in, mika, clips):
    browser = sign_in(mika)
    for query in [{"state": "x"}, {"source": "x"}, {"q": "\0"}]:
        with subtests.test(query=query):
            assert browser.get("/clips/", query).status_code == 200
    for place in ("%%%", "YQ"):
        assert browser.get("/clips/", {"after": place}).status_code == 400, place


def test_empty_library_links_to_create(sign_in, mika):
    assert "Create your first clip" in sign_in(mika).get("/clips/").content.decode()


def test_query_count_is_independent_of_clip_count(sign_in, mika, clips, django_assert_max_num_queries):
    browser = sign_in(mika)
    browser.get("/clips/")

    with django_assert_max_num_queries(11):
        browser.get("/clips/")


def test_deleted_clips_appear_only_in_the_trash(sign_in, mika, ren, queue_clips):
    [kept], [trashed] = queue_clips(mika, prompt="a lighthouse"), queue_clips(mika, prompt="an old boat")
    browser = sign_in(mika)
    browser.post(f"/clips/{trashed.pk}/delete/")

    assert list_tiles(browser.get("/clips/", {"state": "trashed"})) == [trashed.pk]
    assert list_tiles(browser.get("/clips/")) == [kept.pk]
    assert "until" in read_grid(browser.get("/clips/", {"state": "trashed"}))
    assert "an old boat" in read_grid(browser.get("/clips/", {"state": "trashed", "q": "boat"}))
    assert sign_in(ren).get("/clips/", {"state": "trashed"}).context["page"].rows == []

    browser.post(f"/clips/{trashed.pk}/restore/")
    assert "The trash is empty." in read_grid(browser.get("/clips/", {"state": "trashed"}))


def select(browser, act, clips):
    return browser.post("/clips/selected/", {"act": act, "clip": [clip.pk for clip in clips]})


def test_selected_clips_are_downloaded_as_a_zip_file(sign_in, mika, ren, queue_clips, store_video):
    clips = [store_video(queue_clips(mika, prompt=title)[0], title.encode()) for title in ("灯台 / 夜", "Rain", "rain")]
    private = store_video(queue_clips(ren, prompt="private")[0], b"private")

    answer = select(sign_in(mika), "download", [*clips, private])

    assert "attachment" in answer["Content-Disposition"]
    archive = read_archive(answer)
    assert archive.testzip() is None
    names = {name: archive.read(name).decode() for name in archive.namelist()}
    assert names == {"rain.mp4": "rain", "Rain 2.mp4": "Rain", "灯台 - 夜.mp4": "灯台 / 夜"}


def test_a_zip_file_without_one_of_its_clips_is_refused(sign_in, mika, queue_clips, store_video):
    kept, lost = (store_video(queue_clips(mika, prompt=title)[0], b"film") for title in ("kept", "lost"))
    storage.delete(lost.file("mezzanine").key)

    answer = sign_in(mika).post("/clips/selected/", {"act": "download", "clip": [kept.pk, lost.pk]}, follow=True)

    assert "the files of “lost” are missing" in answer.content.decode()


def test_selected_clips_are_deleted_and_one_click_restores_them(sign_in, mika, ren, queue_clips):
    clips = [queue_clips(mika, prompt=f"number {n}")[0] for n in range(3)]
    [foreign] = queue_clips(ren, prompt="foreign")
    browser = sign_in(mika)

    page = select(browser, "delete", [*clips[:2], foreign]).url
    answer = browser.get(page)

    assert list_tiles(answer) == [clips[2].pk]
    assert Clip.objects.shown().filter(pk=foreign.pk).exists()
    [undo] = re.findall(r'action="(/clips/selected/undo/[^"]+)"', answer.content.decode())
    browser.post(undo)
    assert len(browser.get("/clips/").context["page"].rows) == 3


def test_invalid_selections_change_nothing(subtests, sign_in, mika, clips, settings):
    settings.JOBS_PER_SELECTION = 5
    browser = sign_in(mika)
    for act, ids, status in [("burn", [clips[0].pk], 400), ("delete", ["x"], 400), ("delete", [], 302),
                             ("delete", [clip.pk for clip in clips[:6]], 302)]:  # fmt: skip
        with subtests.test(act=act, ids=ids):
            assert browser.post("/clips/selected/", {"act": act, "clip": ids}).status_code == status
            assert not Clip.objects.trashed().exists()


def test_clips_are_put_into_a_collection_and_taken_out(sign_in, mika, ren, queue_clips):
    clips = [queue_clips(mika, prompt=f"number {n}")[0] for n in range(3)]
    [foreign] = queue_clips(ren, prompt="foreign")
    browser = sign_in(mika)
    chosen = {"clip": [clips[0].pk, clips[1].pk, foreign.pk]}

    for _ in range(2):  # the second has the same name and is refused
        browser.post("/clips/selected/collect/", chosen | {"collection_name": "Trailer"})
    [collection] = Collection.objects.all()
    browser.post("/clips/selected/collect/", {"clip": clips[2].pk, "collection": collection.pk})
    browser.post("/clips/selected/", {"act": "remove", "from": collection.pk, "clip": clips[0].pk})

    kept = {clips[1].pk, clips[2].pk}
    assert {row["clips"] for row in privacy.collect(mika)["collections"]} == kept
    url = collection.get_absolute_url()
    assert list_tiles(browser.get(url)) == [clips[2].pk, clips[1].pk]
    assert sign_in(ren).get(url).status_code == 404
    browser = sign_in(mika)
    browser.post(f"{url}rename/", {"name": "  Teaser  "})
    assert "Teaser" in browser.get("/clips/").content.decode()
    browser.post(f"{url}delete/")
    assert browser.get(url).status_code == 404
    assert Clip.objects.shown().filter(workspace=clips[0].workspace_id).count() == 3


def test_selected_clips_become_favourites(sign_in, mika, ren, queue_clips):
    clips = [queue_clips(mika, prompt=f"number {n}")[0] for n in range(2)]
    [foreign] = queue_clips(ren, prompt="foreign")
    browser = sign_in(mika)

    for _ in range(2):
        select(browser, "favourite", [*clips, foreign])

    assert len(browser.get("/clips/", {"favourite": "yes"}).context["page"].rows) == 2
    assert not foreign.favourites.exists()


def test_storage_page_sums_files_by_kind(sign_in, mika, ren, queue_clips, store_video):
    kept, trashed = (store_video(queue_clips(mika, prompt=title)[0], b"x" * 2048) for title in ("kept", "trashed"))
    store_video(queue_clips(ren, prompt="foreign")[0], b"x" * 9000)
    ClipFile.objects.filter(clip=kept).update(bytes=3072)
    Clip.objects.all().update_bytes()
    Clip.objects.filter(pk=trashed.pk).update(deleted_at=timezone.now())

    page = sign_in(mika).get("/clips/storage/")

    assert [(str(name), size) for name, size in page.context["kinds"]][:2] == [
        ("Clips", 3072), ("Clips in the trash", 2048)
    ]  # fmt: skip
    assert "5 KB" in page.content.decode()


def test_images_are_kept_in_the_library_until_they_are_removed(sign_in, mika, ren):
    browser = sign_in(mika)
    answer = browser.post("/clips/pictures/", {"files": [picture_file(), picture_file(size=(300, 300))]}, follow=True)
    first, second = answer.context["page"].rows
    Picture.objects.update(created_at=timezone.now() - timedelta(days=9))

    browser.post(f"/clips/pictures/{first.pk}/remove/")
    maintenance.delete_unused_pictures()

    assert list(Picture.objects.all()) == [second]
    assert f'value="{second.pk}"' in browser.get(f"/create/?tab=picture&picture={second.pk}").content.decode()
    link = f"/create/?references={second.pk}"
    assert link not in browser.get("/clips/pictures/").text  # nothing that is connected reads references
    Connection.objects.create(provider="ark", label="Ark", owner=mika)
    assert link in browser.get("/clips/pictures/").text
    assert f'name="references" value="{second.pk}" checked' in browser.get(link).text
    assert sign_in(ren).get("/clips/pictures/").context["page"].rows == []


def test_a_refused_image_keeps_none_of_an_upload(sign_in, mika):
    broken = SimpleUploadedFile("broken.png", b"not an image")

    answer = sign_in(mika).post("/clips/pictures/", {"files": [picture_file(), broken]})

    assert answer.status_code == 415
    assert "No image was kept." in answer.content.decode()
    assert not Picture.objects.exclude(kept_at=None).exists()


def test_image_that_browsers_cannot_show_is_returned_as_jpeg(sign_in, mika, client):
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (320, 200), "orange")).save(out)
    photo, broken = (SimpleUploadedFile("photo.heic", content) for content in (out.getvalue(), b"not an image"))
    browser = sign_in(mika)

    answer = browser.post("/create/picture/", {"file": photo})

    assert answer.headers["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(answer.content)).size == (320, 200)
    refused = browser.post("/create/picture/", {"file": broken})
    assert (refused.status_code, refused.headers["Content-Type"]) == (415, "text/plain; charset=utf-8")
    assert browser.post("/create/picture/").status_code == 422
    assert client.post("/create/picture/").status_code == 302, "guests sign in first"
    assert not Picture.objects.exists()
