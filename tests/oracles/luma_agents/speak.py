"""luma-agents at the Luma fake, every answer checked strictly: create and get."""

from luma_agents import AuthenticationError, InternalServerError, Luma, RateLimitError
from oracle import FILM, PIXEL, base, bytes_of, key, refused, say, times

client = Luma(auth_token=key("luma"), base_url=f"{base('luma')}/v1", max_retries=0, _strict_response_validation=True)


def create(**more):
    return client.generations.create(
        model="ray-3.2",
        type="video",
        prompt="a girl on a hill",
        aspect_ratio="16:9",
        video={"duration": "5s", "resolution": "720p", **more},
    )


times("luma", queued=60)
made = create(start_frame={"data": PIXEL, "media_type": "image/png"})
assert made.state == "queued", made
times("luma", running=60)
assert client.generations.get(made.id).state == "processing"
times("luma")
done = client.generations.get(made.id)
assert done.state == "completed", done
assert bytes_of(done.output[0].url) == FILM
for fault, kind in (("auth", AuthenticationError), ("busy", RateLimitError), ("broken", InternalServerError)):
    say("luma", "submit", fault)
    refused(kind, create)
