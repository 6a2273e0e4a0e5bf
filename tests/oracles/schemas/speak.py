"""Where no SDK exists (Kling, MiniMax v1, Vidu, PixVerse): every answer of the fake against a schema from the note."""

import json
import urllib.error
import urllib.request
import uuid
from functools import partial
from pathlib import Path

from jsonschema import Draft202012Validator
from oracle import FILM, PICTURE, PIXEL, base, bytes_of, key, say, times

HERE = Path(__file__).parent
REFUSALS = ("auth", "quota", "invalid", "moderation", "busy", "broken")
WORDS = "a girl on a hill"


def call(slug, headers, method, path, shape, body=None, kind="application/json"):
    """The answer, once its shape is right."""
    fresh = {name: value() if callable(value) else value for name, value in headers.items()}
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    asked = urllib.request.Request(base(slug) + path, data=data, headers={**fresh, "Content-Type": kind}, method=method)
    try:
        with urllib.request.urlopen(asked) as answer:
            told = json.load(answer)
    except urllib.error.HTTPError as error:
        told = json.load(error)
    schema = json.loads((HERE / f"{slug}.json").read_text())
    Draft202012Validator({**schema, "$ref": f"#/$defs/{shape}"}).validate(told)
    return told


def refusals(slug, ask):
    """Each refusal at submit, and a key that is wrong."""
    for refusal in REFUSALS:
        say(slug, "submit", refusal)
        ask(shape="error")


def kling():
    ask = partial(call, "kling", {"Authorization": f"Bearer {key('kling')}"})
    ref = str(uuid.uuid4())
    picture = {"prompt": WORDS, "model_name": "kling-v3", "duration": "5", "image": PIXEL}
    create = partial(ask, "POST", "/v1/videos/text2video", body={"prompt": WORDS, "model_name": "kling-v3"})
    times("kling", queued=60)
    made = ask("POST", "/v1/videos/image2video", "created", {**picture, "external_task_id": ref})["data"]
    assert made["task_info"]["external_task_id"] == ref
    path = f"/v1/videos/image2video/{made['task_id']}"
    assert ask("GET", path, "one")["data"]["task_status"] == "submitted"
    assert ask("GET", f"/v1/videos/image2video/{ref}", "one")["data"]["task_id"] == made["task_id"]
    times("kling")
    assert bytes_of(ask("GET", path, "one")["data"]["task_result"]["videos"][0]["url"]) == FILM
    ask("GET", "/v1/videos/image2video?pageNum=1&pageSize=30", "many")
    ask("GET", "/v1/videos/image2video/nothing", "error")
    call("kling", {"Authorization": "Bearer wrong"}, "GET", path, "error")
    refusals("kling", create)


def minimax():
    ask = partial(call, "minimax", {"Authorization": f"Bearer {key('minimax')}"})
    body = {"model": "MiniMax-Hailuo-02", "prompt": WORDS, "first_frame_image": PICTURE, "duration": 6}
    times("minimax", running=60)
    made = ask("POST", "/v1/video_generation", "created", body)
    path = f"/v1/query/video_generation?task_id={made['task_id']}"
    assert ask("GET", path, "one")["status"] == "Processing"
    times("minimax")
    file = ask("GET", f"/v1/files/retrieve?file_id={ask('GET', path, 'one')['file_id']}", "file")
    assert bytes_of(file["file"]["download_url"]) == FILM
    refusals("minimax", partial(ask, "POST", "/v1/video_generation", body=body))


def vidu():
    ask = partial(call, "vidu", {"Authorization": f"Token {key('vidu')}"})
    body = {"model": "viduq3-pro", "prompt": WORDS, "duration": 5, "payload": "ours"}
    times("vidu", queued=60)
    made = ask("POST", "/ent/v2/text2video", "created", body)
    path = f"/ent/v2/tasks/{made['task_id']}"
    assert ask("GET", f"{path}/creations", "one")["state"] in ("created", "queueing")
    times("vidu")
    assert bytes_of(ask("GET", f"{path}/creations", "one")["creations"][0]["url"]) == FILM
    ask("GET", "/ent/v2/tasks?pager.pagesz=10", "many")
    ask("POST", f"{path}/cancel", "error", {"id": made["task_id"]})
    ask("GET", "/ent/v2/tasks/nothing/creations", "error")
    call("vidu", {"Authorization": "Bearer wrong"}, "GET", f"{path}/creations", "error")
    refusals("vidu", partial(ask, "POST", "/ent/v2/text2video", body=body))


def pixverse():
    ask = partial(call, "pixverse", {"API-KEY": key("pixverse"), "Ai-trace-id": lambda: str(uuid.uuid4())})
    body = {
        "model": "v6", "prompt": WORDS, "duration": 5, "quality": "720p", "aspect_ratio": "16:9", "seed": 7,
        "generate_audio_switch": False,
    }  # fmt: skip
    ask("GET", "/openapi/v2/account/balance", "balance")
    form = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    form += b"png\r\n--x--\r\n"
    shot = ask("POST", "/openapi/v2/image/upload", "picture", form, kind="multipart/form-data; boundary=x")
    picture = {name: value for name, value in body.items() if name != "aspect_ratio"}
    ask("POST", "/openapi/v2/video/img/generate", "created", {**picture, "img_id": shot["Resp"]["img_id"]})
    times("pixverse", running=60)
    made = ask("POST", "/openapi/v2/video/text/generate", "created", body)
    path = f"/openapi/v2/video/result/{made['Resp']['video_id']}"
    assert ask("GET", path, "one")["Resp"]["status"] == 5
    times("pixverse")
    assert bytes_of(ask("GET", path, "one")["Resp"]["url"]) == FILM
    ask("GET", "/openapi/v2/video/result/1", "error")
    call("pixverse", {"API-KEY": "wrong", "Ai-trace-id": str(uuid.uuid4())}, "GET", path, "error")
    refusals("pixverse", partial(ask, "POST", "/openapi/v2/video/text/generate", body=body))


for provider in (kling, minimax, vidu, pixverse):
    provider()
