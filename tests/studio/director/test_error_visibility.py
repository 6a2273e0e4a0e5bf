"""Error details of a language model are shown to the owner of the connection only."""

import pytest

from accounts.models import Membership
from generation.providers.adapters.language.provider import LanguageProvider
from generation.providers.connections import services as connection_services
from generation.providers.models import Connection
from jobs.models import Job
from tests.factories import UserFactory
from tests.fakes.server import Reply

pytestmark = pytest.mark.django_db
KEY = (
    401,
    {
        "error": {
            "message": "Incorrect API key provided: sk-ab***wxyz. You can find it at https://platform.example/keys.",
            "code": "invalid_api_key",
        }
    },
)
RATE = 429, {"error": {"message": "Rate limit reached in organization org-Ab12Cd34", "code": "rate_limit_exceeded"}}
PROXY = 502, "upstream gate.internal:8080 refused; ask ops@gate.example"
NOT_FOUND = 404, "404: no route to gate.internal:8080"
INNER = ["sk-ab", "https://", "org-", "gate.internal", "gate.example", "platform.example"]
ANSWERS = {"key": KEY, "rate": RATE, "proxy": PROXY, "not found": NOT_FOUND}
OWNERS = {
    "key": "Incorrect API",
    "rate": "organization org-Ab12Cd34",
    "proxy": "upstream gate.internal:8080 refused",
    "not found": "no route to gate.internal:8080",
}


@pytest.fixture
def viewer(sign_in, story):
    """A user who may only look at the story."""
    return sign_in(Membership.objects.create(user=UserFactory(), workspace=story.workspace, role="viewer").user)


@pytest.fixture
def answered(post_director, model, story):
    """``answered(status, body)``: the job of a request that got this response."""

    def ask(status, body):
        model.fault_odd = lambda request, act: Reply(status, body)
        model.next("chat", "odd")
        post_director("begin", idea="A postman who is a fox")
        return Job.objects.get(kind="director")

    return ask


def pages(browser, story, job) -> str:
    """Return all pages that mention a request and its end."""
    paths = (f"/stories/{story.pk}/director/", "/jobs/", f"/jobs/{job.pk}/", f"/jobs/?q={job.pk}")
    answers = [browser.get(path, {"workspace": story.workspace_id}, follow=True) for path in paths]
    assert {each.status_code for each in answers} == {200}
    return "".join(each.content.decode() for each in answers)


@pytest.mark.parametrize("said", ANSWERS)
def test_viewers_see_the_failure_without_connection_details(answered, viewer, story, said):
    job = answered(*ANSWERS[said])

    read = pages(viewer, story, job)

    assert job.error_public and job.error_public.split(".")[0] in read
    assert [each for each in INNER if each in job.error_public] == []
    assert [each for each in INNER if each in read] == []


@pytest.mark.parametrize("said", ANSWERS)
@pytest.mark.parametrize("whose", ["one's own", "a workspace's"])
def test_the_owner_sees_the_error_on_the_connections_page(answered, browser, connection, story, said, whose):
    if whose == "a workspace's":
        Connection.objects.update(owner=None, workspace=story.workspace)
    answered(*ANSWERS[said])
    lists = "/settings/connections/" if whose == "one's own" else f"/settings/connections/of/{story.workspace_id}/"

    assert OWNERS[said] in browser.get(lists).content.decode()


def test_operators_see_a_refused_site_connection_until_it_works(answered, post_director, model, caplog):
    Connection.objects.update(owner=None)
    answered(*KEY)

    assert (Connection.objects.get().health, "the site's own language model" in caplog.text) == ("broken", True)
    assert "Incorrect API" in caplog.text and model.key not in caplog.text

    post_director("ask", step="concept")
    assert Connection.objects.values_list("health", "last_error").get() == ("good", "")


def test_a_quoted_idea_is_not_logged(answered, caplog):
    job = answered(400, {"error": {"message": "cannot work with 'A postman who is a fox', nor with '\\nthe like'"}})

    assert f"job {job.pk}" in caplog.text and "cannot work with" in caplog.text
    assert "postman" not in caplog.text + job.error_public


def test_a_busy_provider_does_not_mark_the_connection_broken(answered, connection):
    answered(*RATE)

    connection.refresh_from_db()
    assert connection.health == "untested" and connection.last_error.startswith("busy|")


def test_a_content_refusal_does_not_mark_the_connection_broken(answered, viewer, connection, story):
    message = (
        "max_tokens is too large: 9000; /srv/models/llama.gguf on localhost:8080 takes 4096, see https://a.example"
    )
    job = answered(400, {"error": {"message": message, "code": "bad_request"}})

    read = pages(viewer, story, job)

    assert "The provider’s message: “max_tokens is too large: 9000; …/llama.gguf on … takes 4096, see …”" in read
    assert "Nothing was charged." in read
    connection.refresh_from_db()
    assert (connection.health, connection.last_error) == ("untested", "")


@pytest.mark.parametrize("fault", ["moderation", "too_long", "cut_in_the_middle"])
def test_unrelated_errors_are_not_stored_on_the_connection(post_director, model, connection, fault):
    model.next("chat", fault)
    post_director("begin", idea="A postman who is a fox")

    connection.refresh_from_db()
    assert (connection.health, connection.last_error) == ("untested", "")
    assert fault != "too_long" or "longer than allowed" in Job.objects.get().error_public


def test_a_replaced_key_is_not_blamed_for_the_old_one(answered, connection, mika, monkeypatch):
    refuse = LanguageProvider._refused

    def replaced(*what):
        connection_services.change(connection, by=mika, secret={"keys": {"api_key": "sk-quite-another"}})
        refuse(*what)

    monkeypatch.setattr(LanguageProvider, "_refused", replaced)
    job = answered(*KEY)

    connection.refresh_from_db()
    assert (job.error_code, connection.key_version) == ("auth", 2)
    assert (connection.health, connection.last_error) == ("untested", "")
