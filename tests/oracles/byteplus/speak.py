"""byteplus-python-sdk-v2 at the Ark fake: create, get, list, delete, and 429."""

from byteplussdkarkruntime import Ark
from byteplussdkarkruntime._exceptions import ArkAuthenticationError, ArkRateLimitError
from oracle import FILM, PICTURE, base, bytes_of, key, refused, say, times

MODEL = "dreamina-seedance-2-0-260128"
client = Ark(api_key=key("ark"), base_url=f"{base('ark')}/api/v3", max_retries=0)
tasks = client.content_generation.tasks


def create(*pictures, **more):
    rows = [{"type": "image_url", "image_url": {"url": url}, "role": role} for url, role in pictures]
    content = [{"type": "text", "text": "a girl on a hill"}, *rows]
    return tasks.create(model=MODEL, content=content, **{"seed": 7, "duration": 5, "ratio": "16:9", **more})


times("ark", queued=60)
made = create((PICTURE, "first_frame"), (PICTURE, "last_frame"), generate_audio=True)
assert made.id.startswith("cgt-"), made
assert tasks.get(task_id=made.id).status == "queued"
tasks.delete(task_id=made.id)

times("ark", running=60)
second = create(resolution="720p")
assert tasks.get(task_id=second.id).status == "running"

times("ark")
done = tasks.get(task_id=second.id)
assert (done.status, done.seed) == ("succeeded", 7), done
assert bytes_of(done.content.video_url) == FILM
assert done.usage.completion_tokens > 0
listed = tasks.list(page_num=1, page_size=10, model=MODEL)
assert second.id in [each.id for each in listed.items], listed

say("ark", "submit", "busy", "auth")
error = refused(ArkRateLimitError, create)
assert error.code.startswith("RateLimitExceeded"), error
refused(ArkAuthenticationError, create)
