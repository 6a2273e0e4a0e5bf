"""google-genai at the Gemini fake: interactions create, get and cancel, the file, what errors look like. google-auth
checks the token of a callback."""

import base64
import json

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from google.auth import jwt
from google.genai import Client
from google.genai.types import HttpOptions, HttpRetryOptions, Video
from oracle import FILM, PIXEL, base, bytes_of, callback, key, refused, say, times

WORDS = {"type": "text", "text": "slow dolly in"}
FORM = {"type": "video", "aspect_ratio": "16:9", "resolution": "720p", "duration": "8s", "delivery": "uri"}
REF = "5f0c1f6e-0000-4000-8000-000000000001"

OURS = "https://studio.example/webhooks/gemini/a-token/"

options = HttpOptions(base_url=base("gemini"), retry_options=HttpRetryOptions(attempts=1))
client = Client(api_key=key("gemini"), http_options=options)


def create(*content, task="text_to_video"):
    return client.interactions.create(
        model="gemini-omni-1.2-flash",
        background=True,
        store=True,
        input=[{"type": "user_input", "content": [*content, WORDS]}],
        generation_config={"seed": 3, "video_config": {"task": task}},
        response_format=FORM,
        labels={"job": REF},
        webhook_config={"uris": [f"{OURS}?ref={REF}"], "user_metadata": {"job": REF}},
    )


times("gemini", queued=60)
made = create({"type": "image", "mime_type": "image/png", "data": PIXEL}, task="image_to_video")
assert (made.status, made.labels) == ("queued", {"job": REF}), made

times("gemini", running=60)
assert client.interactions.get(id=made.id).status == "in_progress"
assert client.interactions.cancel(id=made.id).status == "cancelled"
assert client.interactions.get(id=made.id).status == "cancelled"

times("gemini")
done = client.interactions.get(id=create().id)
assert done.status == "completed", done
assert done.usage.total_output_tokens > 0
assert done.output_video.mime_type == "video/mp4"
address = done.output_video.uri.replace(base("gemini"), "https://generativelanguage.googleapis.com")
assert client.files.download(file=Video(uri=address)) == FILM  # the SDK reads the file's name out of an https address

for fault, code in (("auth", 401), ("invalid", 400), ("quota", 429), ("broken", 500)):
    say("gemini", "submit", fault)
    error = refused(Exception, create)
    assert getattr(error, "code", getattr(error, "status_code", None)) == code, repr(error)

headers, said = callback("gemini", done.id)  # by a token: the SDK sent our address on
keys = json.loads(bytes_of(f"{base('gemini')}/.well-known/jwks.json"))["keys"]
numbers = [int.from_bytes(base64.urlsafe_b64decode(f"{keys[0][name]}==")) for name in ("e", "n")]
pem = RSAPublicNumbers(*numbers).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
claims = jwt.decode(headers["webhook-signature"], certs={keys[0]["kid"]: pem}, clock_skew_in_seconds=60)
assert claims["exp"] > claims["iat"]
assert json.loads(said)["data"]["user_metadata"] == {"job": REF}

assert [model.name for model in client.models.list(config={"page_size": 1})]
client.interactions.delete(id=done.id)
