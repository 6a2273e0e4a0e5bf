"""Oversized bodies never reach Django's spool on disk."""

import pytest

from common.web.body_limit import MEGABYTE, LimitBody, limit_for

ANY_ID = "6a0f2f4e-6f0d-4b0c-9a43-0d2a3a1b7c55"


class Application:
    """Reads the whole body, counts the bytes and responds 200."""

    def __init__(self):
        self.received = 0

    async def __call__(self, scope, receive, send):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            self.received += len(message["body"])
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"kept"})


async def post(application, chunks, *, length=None, path="/jobs/"):
    """Send these chunks. Returns the status and text of the response."""
    headers = [(b"content-length", str(length).encode())] if length is not None else []
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append({"type": "http.request", "body": b"", "more_body": False})
    sent = []

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    await LimitBody(application)({"type": "http", "path": path, "headers": headers}, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    return sent[0]["status"], sent[1]["body"].decode()


async def test_body_within_the_limit_arrives_whole():
    application = Application()

    assert await post(application, [b"x" * 600_000, b"x" * 400_000], length=MEGABYTE) == (200, "kept")
    assert application.received == MEGABYTE


async def test_oversized_content_length_is_refused_unread():
    application = Application()

    status, text = await post(application, [b"x"], length=MEGABYTE + 1)

    assert status == 413
    assert "the limit is 1 MB" in text
    assert "Nothing was saved" in text
    assert application.received == 0


async def test_chunked_body_is_cut_at_the_limit():
    application = Application()

    status, text = await post(application, [b"x" * 600_000] * 5)

    assert (status, "the limit is 1 MB" in text) == (413, True)
    assert application.received <= MEGABYTE


async def test_body_longer_than_announced_is_cut():
    status, _text = await post(Application(), [b"x" * 600_000] * 2, length=10)

    assert status == 413


@pytest.mark.parametrize("length", ["-1", "ten", "1e3", ""])
async def test_invalid_content_length_is_refused(length):
    status, _text = await post(Application(), [b"x"], length=length)

    assert status == 413


async def test_response_after_the_cut_is_ignored():
    async def respond_after_disconnect(scope, receive, send):
        while (await receive())["type"] != "http.disconnect":
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half"})

    assert (await post(respond_after_disconnect, [b"x" * 600_000] * 2))[0] == 413


@pytest.mark.parametrize(
    ("path", "megabytes"),
    [
        ("/", 1), ("/jobs/", 1), ("/create/", 21), ("/create/video/", 201), ("/settings/", 21), ("/stories/", 1),
        (f"/stories/scenes/{ANY_ID}/picture/", 21), (f"/stories/characters/{ANY_ID}/picture/", 21),
        ("/try/", 21), ("/stories/try/", 21), ("/prompts/describe/", 21), ("/clips/pictures/", 21),
        (f"/stories/{ANY_ID}/film/music/", 101), ("/stories/film/music/", 1),
    ],
)  # fmt: skip
def test_upload_forms_have_higher_limits(path, megabytes):
    assert limit_for(path) == megabytes * MEGABYTE


async def test_sockets_are_not_limited():
    types = []

    async def app(scope, receive, send):
        types.append(scope["type"])

    await LimitBody(app)({"type": "websocket"}, None, None)

    assert types == ["websocket"]
