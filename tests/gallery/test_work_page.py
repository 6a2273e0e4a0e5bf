"""The page of a work, and the addresses of its files."""

import time

from django.test import Client

from gallery.models import Work
from gallery.publishing import services
from gallery.works.media import get_media_urls

MEDIA = {"HTTP_HOST": "127.0.0.1:8000"}


def get_media(url, **headers):
    """Request a file as a browser without cookies does."""
    return Client().get(url.removeprefix("http://127.0.0.1:8000"), **MEDIA, **headers)


def test_visitor_sees_the_work_and_nothing_internal(client, work):
    response = client.get(work.get_absolute_url())

    page = response.content.decode()
    assert "The last summer train" in page and "@mika" in page and "All rights reserved" in page
    assert work.prompt not in page or not work.prompt
    assert "a girl waits for a train" not in page, "the prompt is not shown"
    for secret in (work.pk, work.clip_id, work.clip.job_id, work.workspace_id, "mika@example.test"):
        assert str(secret) not in page
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert not response.cookies


def test_files_keep_their_address_until_the_work_is_withdrawn(work, mika):
    urls = get_media_urls(work)
    assert urls.film == f"http://127.0.0.1:8000/p/{work.code}/1/film.mp4"

    film = get_media(urls.film, headers={"Range": "bytes=2-4"})
    assert (film.status_code, film.content, film["Content-Type"]) == (206, b"zza", "video/mp4")
    assert film["Cache-Control"] == "public, max-age=300" and not film.cookies
    impossible = get_media(urls.film, headers={"Range": "bytes=99-"})
    assert (impossible.status_code, impossible["Cache-Control"]) == (416, "private, no-store")
    assert get_media(urls.poster).content == b"poster_large"
    assert get_media(urls.film.replace("/1/", "/2/")).status_code == 404
    assert get_media(urls.film.replace("film.mp4", "original.mp4")).status_code == 404
    assert get_media(urls.film.replace("film.mp4", "download.mp4")).status_code == 404, "downloads are not allowed"

    services.withdraw_work(work, by=mika)
    assert get_media(urls.film).status_code == 404


def test_film_is_not_shown_on_other_sites_unless_its_author_allows_it(work):
    film, other = get_media_urls(work).film, {"Referer": "https://other.example/page"}
    assert get_media(film, headers=other).status_code == 200
    Work.objects.update(allows_embed=False)

    refused = get_media(film, headers=other)
    assert (refused.status_code, refused.content, refused["Cache-Control"]) == (403, b"", "private, no-store")
    assert get_media(film, headers={"Referer": "http://[x"}).status_code == 403
    for headers in ({}, {"Referer": "http://localhost:8000/"}):
        own = get_media(film, headers=headers)
        assert (own.status_code, own["Cache-Control"]) == (200, "private, no-store")
    assert get_media(get_media_urls(work).poster, headers=other).status_code == 200, "link cards show it"


def test_page_of_a_reader_takes_ten_queries(work, ren, sign_in, django_assert_max_num_queries):
    browser = sign_in(ren)
    browser.get(work.get_absolute_url())
    with django_assert_max_num_queries(10):
        browser.get(work.get_absolute_url())


def test_files_for_members_have_links_that_end(work, mika, ren, sign_in, settings, monkeypatch):
    settings.GALLERY = "members"
    assert get_media(f"/p/{work.code}/1/film.mp4").status_code == 404
    page = sign_in(ren).get(work.get_absolute_url())
    film = get_media_urls(work).film
    assert film in page.content.decode() and page.headers["Cache-Control"] == "no-store, private"

    response = get_media(film)
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")
    assert get_media(film.replace(work.code, "a" * 11)).status_code == 404
    later = time.time() + 601
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: later)
        assert get_media(film).status_code == 404
    Work.objects.update(state="hidden")
    assert get_media(film).status_code == 404


def test_files_in_an_object_store_are_redirects(work, settings):
    store = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {
        "endpoint_url": "https://store.test", "bucket_name": "clips", "access_key": "k", "secret_key": "s",
        "region_name": "us-east-1", "addressing_style": "path", "signature_version": "s3v4",
    }}  # fmt: skip
    settings.STORAGES = {**settings.STORAGES, "clips": store}

    response = get_media(get_media_urls(work).film)

    assert response.status_code == 302 and response["Location"].startswith("https://store.test/clips/")
    assert "X-Amz-Expires=120" in response["Location"] and response["Cache-Control"] == "public, max-age=30"
    Work.objects.update(visibility="private")
    assert get_media(get_media_urls(work).film).status_code == 404
