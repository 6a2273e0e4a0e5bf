"""A language model rewrites a prompt: one request for one click, shown beside the old words, which stay untouched."""

import base64
import html
import io

import pytest
from PIL import Image

from accounts.billing import freezes
from accounts.billing.refusals import LimitReached
from generation.models import PromptRewrite
from generation.prompts import services as prompts
from generation.providers.adapters.language.provider import is_picture_model
from generation.providers.connections import services as connection_services
from generation.providers.models import Connection
from jobs.lifecycle import engine
from jobs.models import Job
from tests.fakes.language import FakeLanguage
from tests.fakes.server import FakeServer
from tests.generation.uploads import picture_file

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


def test_the_sites_model_is_not_asked_after_a_dispute(ask, mika, settings):
    settings.BILLING, home = True, mika.workspaces.get()
    freezes.freeze(home, ref="disputed")
    facts = {"workspace": home, "by": mika, "text": "a cat", "task": "vary"}
    assert prompts.request_rewrite(connection=Connection.objects.get(), idem_key="own", **facts)
    Connection.objects.update(owner=None)

    with pytest.raises(LimitReached, match="A bank disputes a payment"):
        prompts.request_rewrite(connection=Connection.objects.get(), idem_key="site", **facts)


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


def test_picture_is_described_once_with_the_prompt_and_nothing_is_applied(ask, model, mika, sign_in):
    browser = sign_in(mika)
    connection = Connection.objects.get()
    assert "prompts/describe" not in browser.get("/create/").text  # the model may not read pictures
    edit = f"/settings/connections/{connection.pk}/"
    browser.post(edit, {"label": "My model", "base_url": model.url, "key_model": "small", "key_reads_pictures": "on"})
    assert "prompts/describe" in browser.get("/create/").text
    form = {"prompt": "a cat", "describer": connection.pk, "describe_key": "k"}
    file = picture_file((1600, 900))

    pages = [browser.post("/prompts/describe/", form | {"picture_file": file}).url for _ in "ab" if file.seek(0) == 0]
    engine.advance(Job.objects.get(kind="rewrite").pk)

    page = html.unescape(browser.get(pages[0]).text)
    assert pages[0] == pages[1] and "Written by My model." in page and "<ins>" in page
    ((text, picture),) = (body["messages"][-1]["content"] for body in model.read_requests())
    assert "<prompt>a cat</prompt>" in text["text"]
    shown = Image.open(io.BytesIO(base64.b64decode(picture["image_url"]["url"].partition(",")[2])))
    assert (shown.format, shown.size) == ("JPEG", (1024, 576))


def test_picture_that_was_deleted_meanwhile_is_not_sent_and_costs_nothing(ask, model, mika, sign_in):
    Connection.objects.update(facts={"model": "gpt-4o"})
    form = {"describer": Connection.objects.get().pk, "picture_file": picture_file()}
    page = sign_in(mika).post("/prompts/describe/", form).url
    PromptRewrite.objects.get().picture.delete()

    engine.advance(Job.objects.get(kind="rewrite").pk)

    shown = html.unescape(sign_in(mika).get(page).text)
    assert "The image no longer exists. Choose it again. Nothing was charged." in shown and not model.read_requests()


@pytest.mark.parametrize("name, reads", [("openai/gpt-4o", True), ("Qwen2.5-VL:7b", True), ("o3-mini", False)])
def test_models_that_read_pictures_are_known_by_name(name, reads):
    assert is_picture_model(name) is reads
