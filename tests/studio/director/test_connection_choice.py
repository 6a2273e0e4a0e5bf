"""After a refused request the form keeps the chosen connection."""

import re

import pytest

from generation.providers.connections import services as connection_services
from generation.providers.models import Connection
from jobs.models import Job
from jobs.services import TooManyJobs
from studio.director import services as director_services
from studio.models import Direction
from tests.studio.director.test_director import IDEA

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(connection, mika, model):
    """Another connection of Mika's, listed after the first."""
    return connection_services.add(
        by=mika, provider="language-openai", label="The dear one", owner=mika, base_url=model.url, allows_private=True,
        facts={"model": "large"}, secret={"keys": {"api_key": model.key}},
    )  # fmt: skip


def chosen(answer) -> list[str]:
    """Return the selected connection, or the first one if none is selected."""
    options = re.findall(r"<option[^>]*>", re.search(r"<select.*?</select>", answer.content.decode(), re.DOTALL)[0])
    found = [tag for tag in options if "selected" in tag] or options[:1]
    return [re.search(r'value="([^"]*)"', tag)[1] for tag in found]


def begin(browser, story, connection, **more):
    clip_bytes = {"do": "begin", "idea": IDEA, "count": 2, "connection": connection.pk} | more
    return browser.post(f"/stories/{story.pk}/director/", clip_bytes)


def test_an_invalid_count_keeps_the_chosen_connection(browser, story, second):
    answer = begin(browser, story, second, count=99)

    assert answer.status_code == 422 and chosen(answer) == [str(second.pk)]
    assert not Direction.objects.exists()


def test_a_job_limit_keeps_the_chosen_connection(browser, story, second, monkeypatch):
    def refuse(**asked):
        raise TooManyJobs("Wait for one.")

    monkeypatch.setattr(director_services, "start_direction", refuse)

    answer = begin(browser, story, second)

    assert answer.status_code == 429 and chosen(answer) == [str(second.pk)]


def test_a_removed_connection_is_not_replaced_silently(browser, story, second):
    Connection.objects.filter(pk=second.pk).update(is_enabled=False)

    answer = begin(browser, story, second)

    assert answer.status_code == 422 and chosen(answer) == [""]
    assert not Job.objects.filter(kind="director").exists()


def test_a_fresh_page_starts_with_the_nearest_connection(browser, story, connection, second):
    assert chosen(browser.get(f"/stories/{story.pk}/director/")) == [str(connection.pk)]
