"""Oversized bodies never reach Django's spool on disk."""

import pytest

from common.web.body_limit import MEGABYTE, LimitBody, limit_for

SOME = "6a0f2f4e-6f0d-4b0c-9a43-0d2a3a1b7c55"


class Site:
    """An application that reads the whole body and answers 200; remembers how many bytes it was given."""

    def __init__(self):
        self.read = 0

    async def __call__(self, scope, receive, send):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            self.read += len(message["body"])
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"kept"})


async def post(site, chunks, *, length=None, path="/jobs/"):
    """The status and text a visitor sees after sending these chunks."""
    headers = [(b"content-length", str(length).encode())] if length is not None else []
    waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    waiting.append({"type": "http.request", "body": b"", "more_body": False})
    answers = []

    async def receive():
        return waiting.pop(0)

    async def send(message):
        answers.append(message)

    await LimitBody(site)({"type": "http", "path": path, "headers": headers}, receive, send)
    assert [answer["type"] for answer in answers] == ["http.response.start", "http.response.body"]
    return answers[0]["status"], answers[1]["body"].decode()


async def test_body_within_the_limit_arrives_whole():
    site = Site()

    assert await post(site, [b"x" * 600_000, b"x" * 400_000], length=MEGABYTE) == (200, "kept")
    assert site.read == MEGABYTE


async def test_oversized_content_length_is_refused_unread():
    site = Site()

    status, text = await post(site, [b"x"], length=MEGABYTE + 1)

    assert status == 413
    assert "the limit is 1 MB" in text
    assert "Nothing was saved" in text
    assert site.read == 0


async def test_chunked_body_is_cut_at_the_limit():
    site = Site()

    status, text = await post(site, [b"x" * 600_000] * 5)

    assert (status, "the limit is 1 MB" in text) == (413, True)
    assert site.read <= MEGABYTE


async def test_body_longer_than_announced_is_cut():
    status, _text = await post(Site(), [b"x" * 600_000] * 2, length=10)

    assert status == 413


@pytest.mark.parametrize("length", ["-1", "ten", "1e3", ""])
async def test_invalid_content_length_is_refused(length):
    status, _text = await post(Site(), [b"x"], length=length)

    assert status == 413


async def test_response_after_the_cut_is_ignored():
    async def keeps_half(scope, receive, send):
        while (await receive())["type"] != "http.disconnect":
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"kept half"})

    assert (await post(keeps_half, [b"x" * 600_000] * 2))[0] == 413


@pytest.mark.parametrize(
    ("path", "megabytes"),
    [
        ("/", 1), ("/jobs/", 1), ("/create/", 21), ("/create/video/", 201), ("/settings/", 21), ("/stories/", 1),
        (f"/stories/scenes/{SOME}/picture/", 21), (f"/stories/characters/{SOME}/picture/", 21),
        (f"/stories/{SOME}/film/music/", 101), ("/stories/film/music/", 1),
    ],
)  # fmt: skip
def test_upload_forms_have_higher_limits(path, megabytes):
    assert limit_for(path) == megabytes * MEGABYTE


async def test_sockets_are_not_limited():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    await LimitBody(app)({"type": "websocket"}, None, None)

    assert seen == ["websocket"]
