"""runwayml at the Runway fake, every answer checked strictly: words, picture, states, cancel, upload, organization."""

import base64

from oracle import FILM, PICTURE, PIXEL, base, bytes_of, key, refused, say, times
from runwayml import AuthenticationError, BadRequestError, InternalServerError, RateLimitError, RunwayML

client = RunwayML(api_key=key("runway"), base_url=base("runway"), max_retries=0, _strict_response_validation=True)


def create(**more):
    return client.text_to_video.create(
        model="gen4.5", prompt_text="a girl on a hill", ratio="1280:720", duration=5, **more
    )


times("runway", queued=60)
made = client.image_to_video.create(
    model="gen4.5", prompt_image=PICTURE, prompt_text="wind", ratio="1280:720", duration=5, seed=7
)
assert client.tasks.retrieve(made.id).status in ("PENDING", "THROTTLED")
times("runway", running=60)
second = create(seed=7)
running = client.tasks.retrieve(second.id)
assert running.status == "RUNNING" and 0 <= running.progress <= 1, running
client.tasks.delete(made.id)

times("runway")
done = client.tasks.retrieve(second.id)
assert done.status == "SUCCEEDED", done
assert bytes_of(done.output[0]) == FILM
assert client.organization.retrieve().credit_balance >= 0

address = client.uploads.create_ephemeral(file=("first frame.png", base64.b64decode(PIXEL))).uri
shown = {"model": "gen4.5", "prompt_text": "wind", "ratio": "1280:720", "duration": 5}
moving = client.image_to_video.create(prompt_image=address, **shown)
assert client.tasks.retrieve(moving.id).status == "SUCCEEDED"
refused(BadRequestError, lambda: client.image_to_video.create(prompt_image=f"{address}-of-somebody-else", **shown))

refusals = {
    "auth": AuthenticationError, "quota": BadRequestError, "invalid": BadRequestError, "moderation": BadRequestError,
    "busy": RateLimitError, "broken": InternalServerError,
}  # fmt: skip
for fault, kind in refusals.items():
    say("runway", "submit", fault)
    refused(kind, create)
