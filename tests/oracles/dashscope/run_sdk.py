"""dashscope at its fake: async_call, fetch, cancel, list."""

import dashscope
from dashscope import VideoSynthesis
from oracle import FILM, download, get_key, get_url, queue_faults, set_times

dashscope.base_http_api_url = f"{get_url('dashscope')}/api/v1"
dashscope.api_key = get_key("dashscope")


def create(**options):
    return VideoSynthesis.async_call(**{"model": "wan2.7-t2v", "prompt": "a girl on a hill", "duration": 5, **options})


set_times("dashscope", queued=60)
created = create(seed=7)
assert created.status_code == 200 and created.output.task_status == "PENDING", created
assert VideoSynthesis.cancel(created).status_code == 200
assert VideoSynthesis.fetch(created).output.task_status == "CANCELED"

set_times("dashscope", running=60)
created = create(negative_prompt="rain")
assert VideoSynthesis.fetch(created).output.task_status == "RUNNING"
refusal = VideoSynthesis.cancel(created)
assert (refusal.status_code, refusal.code) == (400, "UnsupportedOperation"), refusal

set_times("dashscope")
finished = VideoSynthesis.fetch(created)
assert finished.output.task_status == "SUCCEEDED" and finished.usage.duration == 5, finished
assert download(finished.output.video_url) == FILM
task_list = VideoSynthesis.list(page_no=1, page_size=10, model_name="wan2.7-t2v")
assert task_list.status_code == 200 and task_list.output["total"] == 2, task_list

for fault, status in (("auth", 401), ("quota", 400), ("moderation", 400), ("busy", 429)):
    queue_faults("dashscope", "submit", fault)
    answer = create()
    assert answer.status_code == status and answer.code, answer
