"""dashscope at its fake: async_call, fetch, cancel, list."""

import dashscope
from dashscope import VideoSynthesis
from oracle import FILM, base, bytes_of, key, say, times

dashscope.base_http_api_url = f"{base('dashscope')}/api/v1"
dashscope.api_key = key("dashscope")


def create(**more):
    return VideoSynthesis.async_call(**{"model": "wan2.7-t2v", "prompt": "a girl on a hill", "duration": 5, **more})


times("dashscope", queued=60)
made = create(seed=7)
assert made.status_code == 200 and made.output.task_status == "PENDING", made
assert VideoSynthesis.cancel(made).status_code == 200
assert VideoSynthesis.fetch(made).output.task_status == "CANCELED"

times("dashscope", running=60)
made = create(negative_prompt="rain")
assert VideoSynthesis.fetch(made).output.task_status == "RUNNING"
late = VideoSynthesis.cancel(made)
assert (late.status_code, late.code) == (400, "UnsupportedOperation"), late

times("dashscope")
done = VideoSynthesis.fetch(made)
assert done.output.task_status == "SUCCEEDED" and done.usage.duration == 5, done
assert bytes_of(done.output.video_url) == FILM
listed = VideoSynthesis.list(page_no=1, page_size=10, model_name="wan2.7-t2v")
assert listed.status_code == 200 and listed.output["total"] == 2, listed

for fault, status in (("auth", 401), ("quota", 400), ("moderation", 400), ("busy", 429)):
    say("dashscope", "submit", fault)
    answer = create()
    assert answer.status_code == status and answer.code, answer
