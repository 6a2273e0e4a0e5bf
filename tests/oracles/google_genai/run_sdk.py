"""google-genai at the Gemini fake: interactions create, get and cancel, the file, errors. google-auth
checks the token of a callback."""

import base64
import json

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from google.auth import jwt
from google.genai import Client
from google.genai.types import HttpOptions, HttpRetryOptions, Video
from oracle import FILM, PIXEL, catch_error, download, fetch_callback, get_key, get_url, queue_faults, set_times

PROMPT = {"type": "text", "text": "slow dolly in"}
FORM = {"type": "video", "aspect_ratio": "16:9", "resolution": "720p", "duration": "8s", "delivery": "uri"}
REF = "5f0c1f6e-0000-4000-8000-000000000001"

CALLBACK_URL = "https://studio.example/webhooks/gemini/a-token/"

options = HttpOptions(base_url=get_url("gemini"), retry_options=HttpRetryOptions(attempts=1))
client = Client(api_key=get_key("gemini"), http_options=options)


def create(*content, task="text_to_video"):
    return client.interactions.create(
        model="gemini-omni-1.2-flash",
        background=True,
        store=True,
        input=[{"type": "user_input", "content": [*content, PROMPT]}],
        generation_config={"seed": 3, "video_config": {"task": task}},
        response_format=FORM,
        labels={"job": REF},
        webhook_config={"uris": [f"{CALLBACK_URL}?ref={REF}"], "user_metadata": {"job": REF}},
    )


set_times("gemini", queued=60)
created = create({"type": "image", "mime_type": "image/png", "data": PIXEL}, task="image_to_video")
assert (created.status, created.labels) == ("queued", {"job": REF}), created

set_times("gemini", running=60)
assert client.interactions.get(id=created.id).status == "in_progress"
assert client.interactions.cancel(id=created.id).status == "cancelled"
assert client.interactions.get(id=created.id).status == "cancelled"

set_times("gemini")
finished = client.interactions.get(id=create().id)
assert finished.status == "completed", finished
assert finished.usage.total_output_tokens > 0
assert finished.output_video.mime_type == "video/mp4"
address = finished.output_video.uri.replace(get_url("gemini"), "https://generativelanguage.googleapis.com")
assert client.files.download(file=Video(uri=address)) == FILM  # the SDK reads the file's name out of an https address

for fault, code in (("auth", 401), ("invalid", 400), ("quota", 429), ("broken", 500)):
    queue_faults("gemini", "submit", fault)
    error = catch_error(Exception, create)
    assert getattr(error, "code", getattr(error, "status_code", None)) == code, repr(error)

headers, body = fetch_callback("gemini", finished.id)  # by a token: the SDK sent our address on
keys = json.loads(download(f"{get_url('gemini')}/.well-known/jwks.json"))["keys"]
numbers = [int.from_bytes(base64.urlsafe_b64decode(f"{keys[0][name]}==")) for name in ("e", "n")]
pem = RSAPublicNumbers(*numbers).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
claims = jwt.decode(headers["webhook-signature"], certs={keys[0]["kid"]: pem}, clock_skew_in_seconds=60)
assert claims["exp"] > claims["iat"]
assert json.loads(body)["data"]["user_metadata"] == {"job": REF}

assert [model.name for model in client.models.list(config={"page_size": 1})]
client.interactions.delete(id=finished.id)
