"""luma-agents at the Luma fake, every answer checked strictly: create and get."""

from luma_agents import AuthenticationError, InternalServerError, Luma, RateLimitError, UnprocessableEntityError
from oracle import FILM, PIXEL, catch_error, download, get_key, get_url, queue_faults, set_times

client = Luma(
    auth_token=get_key("luma"), base_url=f"{get_url('luma')}/v1", max_retries=0, _strict_response_validation=True
)


def create(**options):
    return client.generations.create(
        model="ray-3.2",
        type="video",
        prompt="a girl on a hill",
        aspect_ratio="16:9",
        video={"duration": "5s", "resolution": "720p", **options},
    )


set_times("luma", queued=60)
created = create(start_frame={"data": PIXEL, "media_type": "image/png"})
assert created.state == "queued", created
set_times("luma", running=60)
assert client.generations.get(created.id).state == "processing"
set_times("luma")
finished = client.generations.get(created.id)
assert finished.state == "completed", finished
assert download(finished.output[0].url) == FILM
frames = {"start_frame": {"generation_id": created.id}, "end_frame": {"url": "https://media.studio.example/last.png"}}
assert client.generations.get(create(**frames).id).state == "completed"
catch_error(UnprocessableEntityError, lambda: create(start_frame={"url": "http://media.studio.example/first.png"}))
for fault, kind in (("auth", AuthenticationError), ("busy", RateLimitError), ("broken", InternalServerError)):
    queue_faults("luma", "submit", fault)
    catch_error(kind, create)
