import re

import pytest

from generation.providers.connections import services as connection_services
from tests.fakes.language import FakeLanguage
from tests.fakes.server import Town


def shown(browser, url) -> str:
    """Return the direction that the forms of the page refer to."""
    found = set(re.findall(r'name="direction" value="([^"]*)"', browser.get(url).content.decode()))
    return found.pop() if len(found) == 1 else ""


@pytest.fixture
def model():
    """A fake language model that fails on request."""
    fake = FakeLanguage()
    with Town([fake]) as town:
        fake.url = town.url(fake.slug)
        yield fake


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


@pytest.fixture
def connection(mika, model):
    """Mika's own connection to the fake model."""
    return connection_services.add(
        by=mika, provider="language-openai", label="My model", owner=mika, base_url=model.url, allows_private=True,
        facts={"model": "small"}, secret={"keys": {"api_key": model.key}},
    )  # fmt: skip


@pytest.fixture
def story(mika, create_story):
    return create_story(mika)


@pytest.fixture
def post_director(browser, story, connection, run_jobs):
    """``post_director("begin", idea="…")`` or ``post_director("ask", step="shots")``: submit from a fresh page and run the jobs."""

    def clip_bytes(do, **more):
        values = {"connection": connection.pk, "count": 2} | more if do == "begin" else more
        at = f"/stories/{story.pk}/director/"
        answer = browser.post(at, {"do": do, "direction": shown(browser, at)} | values)
        run_jobs()
        return answer

    return clip_bytes
