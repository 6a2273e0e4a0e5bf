"""The page of a work, and the addresses of its files."""

from django.test import Client

from gallery.publishing import services
from gallery.publishing.media import get_media_urls

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
    assert get_media(urls.poster).content == b"poster_large"
    assert get_media(urls.film.replace("/1/", "/2/")).status_code == 404
    assert get_media(urls.film.replace("film.mp4", "original.mp4")).status_code == 404
    assert get_media(urls.film.replace("film.mp4", "download.mp4")).status_code == 404, "downloads are not allowed"

    services.withdraw_work(work, by=mika)
    assert get_media(urls.film).status_code == 404
