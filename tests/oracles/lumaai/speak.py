"""lumaai at the Dream Machine fake, every answer checked strictly: create, get, list and delete."""

from lumaai import AuthenticationError, InternalServerError, LumaAI, NotFoundError, RateLimitError
from oracle import FILM, base, bytes_of, key, refused, say, times

name = "luma-dream-machine"
client = LumaAI(auth_token=key(name), base_url=base(name), max_retries=0, _strict_response_validation=True)


def create(**more):
    return client.generations.video.create(
        model="ray-2", prompt="a girl on a hill", aspect_ratio="16:9", duration="5s", resolution="720p", **more
    )


times(name, queued=60)
shot = {"type": "image", "url": "https://media.studio.example/first.png"}
made = create(keyframes={"frame0": shot}, callback_url="https://studio.example/hook")
assert made.state == "queued", made
times(name, running=60)
assert client.generations.get(made.id).state == "dreaming"
[listed] = client.generations.list(limit=10, offset=0).generations
assert listed.request.callback_url == "https://studio.example/hook", listed
times(name)
done = client.generations.get(made.id)
assert done.state == "completed", done
assert bytes_of(done.assets.video) == FILM
client.generations.delete(made.id)
refused(NotFoundError, lambda: client.generations.get(made.id))
assert client.credits.get().credit_balance > 0
for fault, kind in (("auth", AuthenticationError), ("busy", RateLimitError), ("broken", InternalServerError)):
    say(name, "submit", fault)
    refused(kind, create)
