"""replicate at its fake: predictions create, get, list, cancel; files; the webhook secret and what it signs."""

import io

from oracle import FILM, base, bytes_of, callback, key, refused, say, times
from replicate import Client
from replicate.exceptions import ReplicateError
from replicate.webhook import Webhooks, WebhookValidationError

client = Client(api_token=key("replicate"), base_url=base("replicate"))
MODEL = "wan-video/wan-2.5-t2v"


def create(**more):
    return client.models.predictions.create(MODEL, input={"prompt": "a girl on a hill", "seed": 7}, **more)


times("replicate", queued=60)
made = create(webhook="https://studio.example/hooks/replicate/token", webhook_events_filter=["completed"])
assert made.status == "starting", made
times("replicate", running=60)
made = client.predictions.get(made.id)
assert made.status == "processing", made
made.cancel()
assert client.predictions.get(made.id).status in ("canceled", "aborted")

times("replicate")
done = client.predictions.get(create().id)
assert done.status == "succeeded", done
url = done.output if isinstance(done.output, str) else done.output[0]
assert bytes_of(url) == FILM
assert done.id in [each.id for each in client.predictions.list()]
secret = client.webhooks.default.secret()
assert secret.key.startswith("whsec_")
headers, body = callback("replicate", done.id)
Webhooks.validate(headers=headers, body=body, secret=secret, tolerance=300)
refused(WebhookValidationError, lambda: Webhooks.validate(headers=headers, body=f"{body} ", secret=secret))
file = client.files.create(io.BytesIO(b"png"))
assert file.urls["get"], file

for fault, status in (("auth", 401), ("quota", 402), ("invalid", 422), ("busy", 429)):
    say("replicate", "submit", fault)
    error = refused(ReplicateError, create)
    assert error.status == status, error
