"""byteplus-python-sdk-v2 at the Ark fake: create, get, list, delete, and 429."""

from byteplussdkarkruntime import Ark
from byteplussdkarkruntime._exceptions import ArkAuthenticationError, ArkRateLimitError
from oracle import FILM, PICTURE, catch_error, download, get_key, get_url, queue_faults, set_times

MODEL = "dreamina-seedance-2-0-260128"
client = Ark(api_key=get_key("ark"), base_url=f"{get_url('ark')}/api/v3", max_retries=0)
tasks = client.content_generation.tasks


def create(*pictures, **options):
    rows = [{"type": "image_url", "image_url": {"url": url}, "role": role} for url, role in pictures]
    content = [{"type": "text", "text": "a girl on a hill"}, *rows]
    return tasks.create(model=MODEL, content=content, **{"seed": 7, "duration": 5, "ratio": "16:9", **options})


set_times("ark", queued=60)
created = create((PICTURE, "first_frame"), (PICTURE, "last_frame"), generate_audio=True)
assert created.id.startswith("cgt-"), created
assert tasks.get(task_id=created.id).status == "queued"
tasks.delete(task_id=created.id)

set_times("ark", running=60)
second = create(resolution="720p")
assert tasks.get(task_id=second.id).status == "running"

set_times("ark")
finished = tasks.get(task_id=second.id)
assert (finished.status, finished.seed) == ("succeeded", 7), finished
assert download(finished.content.video_url) == FILM
assert finished.usage.completion_tokens > 0
task_list = tasks.list(page_num=1, page_size=10, model=MODEL)
assert second.id in [row.id for row in task_list.items], task_list

queue_faults("ark", "submit", "busy", "auth")
error = catch_error(ArkRateLimitError, create)
assert error.code.startswith("RateLimitExceeded"), error
catch_error(ArkAuthenticationError, create)
