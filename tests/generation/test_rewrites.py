"""A language model rewrites a prompt: one request for one click, shown beside the old words, which stay untouched."""

import html

import pytest

from generation.models import PromptRewrite
from generation.providers.connections import services as connection_services
from jobs.lifecycle import engine
from jobs.models import Job
from tests.fakes.language import FakeLanguage
from tests.fakes.server import FakeServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def model():
    fake = FakeLanguage()
    fake.pause = 0
    with FakeServer([fake]) as server:
        fake.url = server.url(fake.slug)
        yield fake


@pytest.fixture
def ask(sign_in, mika, model):
    """``ask("improve")`` presses a button of the panel, and runs the job. Returns its page."""
    connection = connection_services.add_connection(
        by=mika, provider="language-openai", label="My model", owner=mika, base_url=model.url, allows_private=True,
        facts={"model": "small"}, secret={"keys": {"api_key": model.key}},
    )  # fmt: skip
    browser = sign_in(mika)

    def press(task, key="k", prompt="a cat", model="kling-v3", **more):
        form = {"prompt": prompt, "task": task, "writer": connection.pk, "rewrite_key": key, "provider": "kling"}
        page = browser.post("/prompts/improve/", form | {"model": model} | more).url
        for job in Job.objects.filter(state__in=("queued", "running")):
            engine.advance(job.pk)
        return html.unescape(browser.get(page).text)

    return press


def test_model_is_asked_once_and_its_words_are_shown(ask, model):
    first, again = ask("improve"), ask("improve")

    assert "Written by My model." in first and "Written by My model." in again
    assert "a cat, seen from a low angle at dusk." in first and "<ins>" in first
    (body,) = model.read_requests()
    assert "Kling 3.0" in body["messages"][-1]["content"] and "2000 characters" in body["messages"][-1]["content"]


def test_prompt_is_translated(ask, model):
    model.texts = ['<think>{"prompt": "no"}</think> {"prompt": "屋顶上的猫"}']

    assert "屋顶上的猫" in ask("zh")
    assert "Simplified Chinese" in model.read_requests()[0]["messages"][-1]["content"]


@pytest.mark.parametrize(
    "answer", ["no JSON", '{"prompt": ""}', '{"prompt": "' + "x" * 2001 + '"}', '{"prompt": ["a"]}']
)
def test_unusable_answer_changes_nothing_and_says_that_it_may_be_charged(ask, model, answer):
    model.texts = [answer]

    page = ask("vary")

    assert "not in the requested format" in page and "may have been charged" in page
    assert PromptRewrite.objects.get().result == "" and "<ins>" not in page


def test_rewrites_are_private(ask, sign_in, ren):
    ask("improve")

    stranger = sign_in(ren)
    assert stranger.get(PromptRewrite.objects.get().get_absolute_url()).status_code == 404
    form = {"prompt": "a", "task": "improve", "writer": PromptRewrite.objects.get().connection_id}
    assert stranger.post("/prompts/improve/", form).status_code == 404
