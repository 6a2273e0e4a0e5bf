import re

import pytest

from generation.providers.connections import services as connection_services
from tests.fakes.language import FakeLanguage
from tests.fakes.server import FakeServer


def read_direction(browser, url) -> str:
    """Return the mark of the direction in the forms of the page."""
    found = set(re.findall(r'name="direction" value="([^"]*)"', browser.get(url).content.decode()))
    return found.pop() if len(found) == 1 else ""


@pytest.fixture
def model():
    """A fake language model that fails on request."""
    fake = FakeLanguage()
    with FakeServer([fake]) as fake_server:
        fake.url = fake_server.url(fake.slug)
        yield fake


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


@pytest.fixture
def connection(mika, model):
    """Mika's own connection to the fake model."""
    return connection_services.add_connection(
        by=mika, provider="language-openai", label="My model", owner=mika, base_url=model.url, allows_private=True,
        facts={"model": "small"}, secret={"keys": {"api_key": model.key}},
    )  # fmt: skip


@pytest.fixture
def story(mika, create_story):
    return create_story(mika)


@pytest.fixture
def post_director(browser, story, connection, run_jobs):
    """``post_director("ask", step="shots")`` posts a form of a fresh page and runs the jobs."""

    def submit(do, **more):
        values = {"connection": connection.pk, "count": 2} | more if do == "begin" else more
        url = f"/stories/{story.pk}/director/"
        answer = browser.post(url, {"do": do, "direction": read_direction(browser, url)} | values)
        run_jobs()
        return answer

    return submit
