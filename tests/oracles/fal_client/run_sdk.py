"""fal-client at the fal fake: submit, status, result, cancel, upload, 422."""

import base64
import os

from oracle import FILM, PIXEL, catch_error, download, get_key, get_url, queue_faults, set_times

os.environ["FAL_KEY"] = get_key("fal")

import fal_client
import fal_client.client as client

# https is written into the SDK: four of its constants are pointed here.
client.RUN_URL_FORMAT = client.QUEUE_URL_FORMAT = f"{get_url('fal')}/"
client.REST_URL = client.CDN_URL = get_url("fal")

APP = "fal-ai/wan/v2.7/text-to-video"
INPUTS = {"prompt": "a girl on a hill", "duration": "5", "seed": 7}
client = fal_client.SyncClient(key=get_key("fal"))


def create(**options):
    return client.submit(APP, arguments={**INPUTS, **options}, webhook_url="https://studio.example/hooks/fal/token")


set_times("fal", queued=60)
created = create()
waiting = client.status(APP, created.request_id, with_logs=True)
assert isinstance(waiting, fal_client.Queued) and waiting.position >= 0, waiting

set_times("fal", running=60)
assert isinstance(client.status(APP, created.request_id), fal_client.InProgress)
client.cancel(APP, created.request_id)

set_times("fal")
finished = create()
status = client.status(APP, finished.request_id)
assert isinstance(status, fal_client.Completed) and status.metrics["inference_time"] > 0, status
video = client.result(APP, finished.request_id)["video"]
assert download(video["url"]) == FILM and video["content_type"] == "video/mp4"

address = client.upload(base64.b64decode(PIXEL), "image/png", "first frame.png")
inputs = {"image_url": address, "prompt": "wind", "duration": "5"}
second = client.submit("fal-ai/wan/v2.7/image-to-video", arguments=inputs)
assert client.status("fal-ai/wan/v2.7/image-to-video", second.request_id), second
foreign = inputs | {"image_url": f"{address}-of-somebody-else"}
catch_error(fal_client.FalClientHTTPError, lambda: client.submit("fal-ai/wan/v2.7/image-to-video", arguments=foreign))

for fault, status in (("auth", 401), ("quota", 403), ("invalid", 422), ("moderation", 422)):
    queue_faults("fal", "submit", fault)
    error = catch_error(fal_client.FalClientHTTPError, create)
    assert error.status_code == status, error
