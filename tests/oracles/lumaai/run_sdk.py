"""lumaai at the Dream Machine fake, every answer checked strictly: create, get, list and delete."""

from lumaai import (
    AuthenticationError,
    InternalServerError,
    LumaAI,
    NotFoundError,
    RateLimitError,
    UnprocessableEntityError,
)
from oracle import FILM, catch_error, download, get_key, get_url, queue_faults, set_times

name = "luma-dream-machine"
client = LumaAI(auth_token=get_key(name), base_url=get_url(name), max_retries=0, _strict_response_validation=True)


def create(**options):
    return client.generations.video.create(
        model="ray-2", prompt="a girl on a hill", aspect_ratio="16:9", duration="5s", resolution="720p", **options
    )


set_times(name, queued=60)
frame = {"type": "image", "url": "https://media.studio.example/first.png"}
created = create(keyframes={"frame0": frame}, callback_url="https://studio.example/hook")
assert created.state == "queued", created
set_times(name, running=60)
assert client.generations.get(created.id).state == "dreaming"
[task_list] = client.generations.list(limit=10, offset=0).generations
assert task_list.request.callback_url == "https://studio.example/hook", task_list
set_times(name)
finished = client.generations.get(created.id)
assert finished.state == "completed", finished
assert download(finished.assets.video) == FILM
generation = {"type": "generation", "id": created.id}
extended = create(keyframes={"frame0": generation, "frame1": frame})
assert client.generations.get(extended.id).request.keyframes.frame0.id == created.id, extended
unknown = {"type": "generation", "id": "00000000-0000-4000-8000-000000000000"}
catch_error(UnprocessableEntityError, lambda: create(keyframes={"frame0": unknown}))
client.generations.delete(extended.id)
client.generations.delete(created.id)
catch_error(NotFoundError, lambda: client.generations.get(created.id))
assert client.credits.get().credit_balance > 0
for fault, kind in (("auth", AuthenticationError), ("busy", RateLimitError), ("broken", InternalServerError)):
    queue_faults(name, "submit", fault)
    catch_error(kind, create)
