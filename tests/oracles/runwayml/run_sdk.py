"""runwayml at the Runway fake, every answer checked strictly: words, picture, states, cancel, upload, organization."""

import base64

from oracle import FILM, PICTURE, PIXEL, catch_error, download, get_key, get_url, queue_faults, set_times
from runwayml import AuthenticationError, BadRequestError, InternalServerError, RateLimitError, RunwayML

client = RunwayML(
    api_key=get_key("runway"), base_url=get_url("runway"), max_retries=0, _strict_response_validation=True
)


def create(**options):
    return client.text_to_video.create(
        model="gen4.5", prompt_text="a girl on a hill", ratio="1280:720", duration=5, **options
    )


set_times("runway", queued=60)
created = client.image_to_video.create(
    model="gen4.5", prompt_image=PICTURE, prompt_text="wind", ratio="1280:720", duration=5, seed=7
)
assert client.tasks.retrieve(created.id).status in ("PENDING", "THROTTLED")
set_times("runway", running=60)
second = create(seed=7)
running = client.tasks.retrieve(second.id)
assert running.status == "RUNNING" and 0 <= running.progress <= 1, running
client.tasks.delete(created.id)

set_times("runway")
finished = client.tasks.retrieve(second.id)
assert finished.status == "SUCCEEDED", finished
assert download(finished.output[0]) == FILM
assert client.organization.retrieve().credit_balance >= 0

address = client.uploads.create_ephemeral(file=("first frame.png", base64.b64decode(PIXEL))).uri
inputs = {"model": "gen4.5", "prompt_text": "wind", "ratio": "1280:720", "duration": 5}
moving = client.image_to_video.create(prompt_image=address, **inputs)
assert client.tasks.retrieve(moving.id).status == "SUCCEEDED"
catch_error(BadRequestError, lambda: client.image_to_video.create(prompt_image=f"{address}-of-somebody-else", **inputs))
public = "https://media.studio.example/first.png"
for image in (public, [{"uri": public, "position": "first"}]):
    assert client.tasks.retrieve(client.image_to_video.create(prompt_image=image, **inputs).id).status == "SUCCEEDED"
catch_error(
    BadRequestError, lambda: client.image_to_video.create(prompt_image=public.replace("https", "http"), **inputs)
)

refusals = {
    "auth": AuthenticationError, "quota": BadRequestError, "invalid": BadRequestError, "moderation": BadRequestError,
    "busy": RateLimitError, "broken": InternalServerError,
}  # fmt: skip
for fault, kind in refusals.items():
    queue_faults("runway", "submit", fault)
    catch_error(kind, create)
