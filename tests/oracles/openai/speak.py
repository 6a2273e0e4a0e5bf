"""openai at the OpenAI-compatible fakes: videos create, retrieve, list, content, delete; models; chat; errors."""

import base64
import json
import warnings

from openai import AuthenticationError, BadRequestError, InternalServerError, NotFoundError, OpenAI, RateLimitError
from oracle import FILM, PIXEL, base, key, refused, say, times

warnings.simplefilter("ignore")  # the SDK calls every videos method deprecated: OpenAI's own service has ended
SLUG = "openai-compatible"
client = OpenAI(api_key=key(SLUG), base_url=f"{base(SLUG)}/v1", max_retries=0, _strict_response_validation=True)


def create(**more):
    return client.videos.create(prompt="a girl on a hill", model="wan-2.2", seconds="4", size="1280x720", **more)


times(SLUG, queued=60)
made = create(input_reference=("shot.png", base64.b64decode(PIXEL), "image/png"))
assert (made.status, made.progress, made.seconds) == ("queued", 0, "4"), made
times(SLUG, running=60)
assert client.videos.retrieve(made.id).status == "in_progress"
times(SLUG)
done = client.videos.retrieve(made.id)
assert (done.status, done.progress) == ("completed", 100), done
assert client.videos.download_content(made.id).read() == FILM
assert [each.id for each in client.videos.list(limit=1, order="desc")] == [made.id]
assert client.videos.delete(made.id).deleted is True
assert [model.id for model in client.models.list()]

refusals = {
    "auth": AuthenticationError, "quota": RateLimitError, "invalid": BadRequestError, "moderation": BadRequestError,
    "busy": RateLimitError, "broken": InternalServerError, "html_502": InternalServerError,
}  # fmt: skip
for fault, kind in refusals.items():
    say(SLUG, "submit", fault)
    error = refused(kind, create)
    assert error.code or fault == "html_502", error

WRITER = "language-openai"
writer = OpenAI(api_key=key(WRITER), base_url=base(WRITER), max_retries=0, _strict_response_validation=True)
(small,) = writer.models.list()


def write(**more):
    wish = {"role": "user", "content": 'Write the concept: {"title": "…", "concept": "…"}'}
    rules = {"role": "system", "content": "Answer with one JSON object."}
    return writer.chat.completions.create(model=small.id, messages=[rules, wish], **more)


chunks = list(write(stream=True, stream_options={"include_usage": True}))
text = "".join(each.choices[0].delta.content or "" for each in chunks if each.choices)
assert json.loads(text)["concept"], text
assert [each.choices[0].finish_reason for each in chunks if each.choices][-1] == "stop"
assert chunks[-1].usage.total_tokens == 9, chunks[-1]
say(WRITER, "chat", "whole")
assert json.loads(write().choices[0].message.content)["concept"]
refusals |= {"invalid": NotFoundError}
for fault, kind in refusals.items():
    say(WRITER, "chat", fault)
    refused(kind, lambda: write(stream=True))
