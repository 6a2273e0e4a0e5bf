"""replicate at its fake: predictions create, get, list, cancel; files; the webhook secret and what it signs."""

import io

from oracle import FILM, catch_error, download, fetch_callback, get_key, get_url, queue_faults, set_times
from replicate import Client
from replicate.exceptions import ReplicateError
from replicate.webhook import Webhooks, WebhookValidationError

client = Client(api_token=get_key("replicate"), base_url=get_url("replicate"))
MODEL = "wan-video/wan-2.5-t2v"


def create(**options):
    return client.models.predictions.create(MODEL, input={"prompt": "a girl on a hill", "seed": 7}, **options)


set_times("replicate", queued=60)
created = create(webhook="https://studio.example/hooks/replicate/token", webhook_events_filter=["completed"])
assert created.status == "starting", created
set_times("replicate", running=60)
created = client.predictions.get(created.id)
assert created.status == "processing", created
created.cancel()
assert client.predictions.get(created.id).status in ("canceled", "aborted")

set_times("replicate")
finished = client.predictions.get(create().id)
assert finished.status == "succeeded", finished
url = finished.output if isinstance(finished.output, str) else finished.output[0]
assert download(url) == FILM
assert finished.id in [row.id for row in client.predictions.list()]
secret = client.webhooks.default.secret()
assert secret.key.startswith("whsec_")
headers, body = fetch_callback("replicate", finished.id)
Webhooks.validate(headers=headers, body=body, secret=secret, tolerance=300)
catch_error(WebhookValidationError, lambda: Webhooks.validate(headers=headers, body=f"{body} ", secret=secret))
file = client.files.create(io.BytesIO(b"png"))
assert file.urls["get"], file

for fault, status in (("auth", 401), ("quota", 402), ("invalid", 422), ("busy", 429)):
    queue_faults("replicate", "submit", fault)
    error = catch_error(ReplicateError, create)
    assert error.status == status, error
