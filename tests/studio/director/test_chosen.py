"""Whatever was wrong with a question to the director: the account that was chosen for it stays the chosen one."""

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
def second(account, mika, model):
    """Another of Mika's, further away than the first."""
    return connection_services.add(
        by=mika, provider="language-openai", label="The dear one", owner=mika, base_url=model.url, allows_private=True,
        facts={"model": "large"}, secret={"keys": {"api_key": model.key}},
    )  # fmt: skip


def chosen(answer) -> list[str]:
    """What the list of accounts stands on: what is selected in it, else its first."""
    options = re.findall(r"<option[^>]*>", re.search(r"<select.*?</select>", answer.content.decode(), re.DOTALL)[0])
    found = [tag for tag in options if "selected" in tag] or options[:1]
    return [re.search(r'value="([^"]*)"', tag)[1] for tag in found]


def begin(browser, story, connection, **more):
    sent = {"do": "begin", "idea": IDEA, "count": 2, "connection": connection.pk} | more
    return browser.post(f"/stories/{story.pk}/director/", sent)


def test_after_a_number_that_cannot_be_the_second_account_stays_chosen(browser, story, second):
    answer = begin(browser, story, second, count=99)

    assert answer.status_code == 422 and chosen(answer) == [str(second.pk)]
    assert not Direction.objects.exists()


def test_after_too_many_jobs_the_second_account_stays_chosen(browser, story, second, monkeypatch):
    def refuse(**asked):
        raise TooManyJobs("Wait for one.")

    monkeypatch.setattr(director_services, "begin_direction", refuse)

    answer = begin(browser, story, second)

    assert answer.status_code == 429 and chosen(answer) == [str(second.pk)]


def test_an_account_that_is_gone_is_not_replaced_by_another_unasked(browser, story, second):
    Connection.objects.filter(pk=second.pk).update(is_enabled=False)

    answer = begin(browser, story, second)

    assert answer.status_code == 422 and chosen(answer) == [""]
    assert not Job.objects.filter(kind="director").exists()


def test_a_page_of_its_own_begins_with_the_nearest(browser, story, account, second):
    assert chosen(browser.get(f"/stories/{story.pk}/director/")) == [str(account.pk)]
