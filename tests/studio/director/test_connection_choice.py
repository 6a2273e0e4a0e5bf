"""The form keeps the chosen connection after a refused request."""

import re

import pytest

from accounts.billing import freezes
from generation.providers.connections import services as connection_services
from generation.providers.models import Connection
from jobs.models import Job
from jobs.services import TooManyJobs
from studio.director import services as director_services
from studio.models import Direction
from tests.studio.director.test_director import IDEA

pytestmark = pytest.mark.django_db


@pytest.fixture
def second_connection(connection, mika, model):
    """Another connection of Mika's, listed after the first."""
    return connection_services.add_connection(
        by=mika, provider="language-openai", label="Expensive", owner=mika, base_url=model.url, allows_private=True,
        facts={"model": "large"}, secret={"keys": {"api_key": model.key}},
    )  # fmt: skip


def selected_connection(response) -> list[str]:
    """Return the selected connection, or the first one if none is selected."""
    options = re.findall(r"<option[^>]*>", re.search(r"<select.*?</select>", response.content.decode(), re.DOTALL)[0])
    found = [tag for tag in options if "selected" in tag] or options[:1]
    return [re.search(r'value="([^"]*)"', tag)[1] for tag in found]


def post_idea(browser, story, connection, **more):
    data = {"do": "begin", "idea": IDEA, "count": 2, "connection": connection.pk} | more
    return browser.post(f"/stories/{story.pk}/director/", data)


def test_an_invalid_count_keeps_the_chosen_connection(browser, story, second_connection):
    response = post_idea(browser, story, second_connection, count=99)

    assert response.status_code == 422 and selected_connection(response) == [str(second_connection.pk)]
    assert not Direction.objects.exists()


def test_a_job_limit_keeps_the_chosen_connection(browser, story, second_connection, monkeypatch):
    def refuse(**_arguments):
        raise TooManyJobs("Wait for one.")

    monkeypatch.setattr(director_services, "start_direction", refuse)

    response = post_idea(browser, story, second_connection)

    assert response.status_code == 429 and selected_connection(response) == [str(second_connection.pk)]


def test_a_removed_connection_is_not_replaced_silently(browser, story, second_connection):
    Connection.objects.filter(pk=second_connection.pk).update(is_enabled=False)

    response = post_idea(browser, story, second_connection)

    assert response.status_code == 422 and selected_connection(response) == [""]
    assert not Job.objects.filter(kind="director").exists()


def test_a_fresh_page_starts_with_the_nearest_connection(browser, story, connection, second_connection):
    assert selected_connection(browser.get(f"/stories/{story.pk}/director/")) == [str(connection.pk)]


def test_the_sites_model_is_not_asked_after_a_dispute(post_director, story, model, settings):
    settings.BILLING = True
    freezes.freeze(story.workspace, ref="disputed")
    Connection.objects.update(owner=None)
    answer = post_director("begin", idea="A fox brings letters.")

    assert answer.status_code == 402 and not model.read_requests()
