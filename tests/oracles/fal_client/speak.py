"""fal-client at the fal fake: submit, status, result, cancel, upload, 422."""

import base64
import os

from oracle import FILM, PIXEL, base, bytes_of, key, refused, say, times

os.environ["FAL_KEY"] = key("fal")

import fal_client
import fal_client.client as client

# https is written into the SDK: four of its constants are pointed here.
client.RUN_URL_FORMAT = client.QUEUE_URL_FORMAT = f"{base('fal')}/"
client.REST_URL = client.CDN_URL = base("fal")

APP = "fal-ai/wan/v2.7/text-to-video"
ASKED = {"prompt": "a girl on a hill", "duration": "5", "seed": 7}
client = fal_client.SyncClient(key=key("fal"))


def create(**more):
    return client.submit(APP, arguments={**ASKED, **more}, webhook_url="https://studio.example/hooks/fal/token")


times("fal", queued=60)
made = create()
waiting = client.status(APP, made.request_id, with_logs=True)
assert isinstance(waiting, fal_client.Queued) and waiting.position >= 0, waiting

times("fal", running=60)
assert isinstance(client.status(APP, made.request_id), fal_client.InProgress)
client.cancel(APP, made.request_id)

times("fal")
done = create()
over = client.status(APP, done.request_id)
assert isinstance(over, fal_client.Completed) and over.metrics["inference_time"] > 0, over
film = client.result(APP, done.request_id)["video"]
assert bytes_of(film["url"]) == FILM and film["content_type"] == "video/mp4"

address = client.upload(base64.b64decode(PIXEL), "image/png", "first frame.png")
shown = {"image_url": address, "prompt": "wind", "duration": "5"}
asked = client.submit("fal-ai/wan/v2.7/image-to-video", arguments=shown)
assert client.status("fal-ai/wan/v2.7/image-to-video", asked.request_id), asked
elsewhere = shown | {"image_url": f"{address}-of-somebody-else"}
refused(fal_client.FalClientHTTPError, lambda: client.submit("fal-ai/wan/v2.7/image-to-video", arguments=elsewhere))

for fault, status in (("auth", 401), ("quota", 403), ("invalid", 422), ("moderation", 422)):
    say("fal", "submit", fault)
    error = refused(fal_client.FalClientHTTPError, create)
    assert error.status_code == status, error
