"""openai at the OpenAI-compatible fakes: videos create, retrieve, list, content, delete; models; chat; errors."""

import base64
import json
import warnings

from openai import AuthenticationError, BadRequestError, InternalServerError, NotFoundError, OpenAI, RateLimitError
from oracle import FILM, PIXEL, catch_error, get_key, get_url, queue_faults, set_times

warnings.simplefilter("ignore")  # the SDK calls every videos method deprecated: OpenAI's own service has ended
SLUG = "openai-compatible"
client = OpenAI(api_key=get_key(SLUG), base_url=f"{get_url(SLUG)}/v1", max_retries=0, _strict_response_validation=True)


def create(**options):
    return client.videos.create(prompt="a girl on a hill", model="wan-2.2", seconds="4", size="1280x720", **options)


set_times(SLUG, queued=60)
created = create(input_reference=("shot.png", base64.b64decode(PIXEL), "image/png"))
assert (created.status, created.progress, created.seconds) == ("queued", 0, "4"), created
set_times(SLUG, running=60)
assert client.videos.retrieve(created.id).status == "in_progress"
set_times(SLUG)
finished = client.videos.retrieve(created.id)
assert (finished.status, finished.progress) == ("completed", 100), finished
assert client.videos.download_content(created.id).read() == FILM
assert [row.id for row in client.videos.list(limit=1, order="desc")] == [created.id]
assert client.videos.delete(created.id).deleted is True
assert [model.id for model in client.models.list()]

refusals = {
    "auth": AuthenticationError, "quota": RateLimitError, "invalid": BadRequestError, "moderation": BadRequestError,
    "busy": RateLimitError, "broken": InternalServerError, "html_502": InternalServerError,
}  # fmt: skip
for fault, kind in refusals.items():
    queue_faults(SLUG, "submit", fault)
    error = catch_error(kind, create)
    assert error.code or fault == "html_502", error

WRITER = "language-openai"
writer = OpenAI(api_key=get_key(WRITER), base_url=get_url(WRITER), max_retries=0, _strict_response_validation=True)
(small,) = writer.models.list()


request = {"role": "user", "content": 'Write the concept: {"title": "…", "concept": "…"}'}
rules = {"role": "system", "content": "Answer with one JSON object."}


def write(messages=(rules, request), **options):
    return writer.chat.completions.create(model=small.id, messages=messages, **options)


chunks = list(write(stream=True, stream_options={"include_usage": True}))
text = "".join(row.choices[0].delta.content or "" for row in chunks if row.choices)
assert json.loads(text)["concept"], text
assert [row.choices[0].finish_reason for row in chunks if row.choices][-1] == "stop"
assert chunks[-1].usage.total_tokens == 9, chunks[-1]
for messages in ([rules, request], [request]):
    whole = write(messages)
    assert json.loads(whole.choices[0].message.content)["concept"], whole
    assert (whole.choices[0].finish_reason, whole.usage.total_tokens) == ("stop", 9), whole
assert len(list(write([request], stream=True))) > 1
picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
shown = {"role": "user", "content": [{"type": "text", "text": request["content"]}, picture]}
assert json.loads(write([shown]).choices[0].message.content)["concept"]
refusals |= {"invalid": NotFoundError}
for fault, kind in refusals.items():
    queue_faults(WRITER, "chat", fault)
    catch_error(kind, lambda: write(stream=True))
