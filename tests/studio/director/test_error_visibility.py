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
WRONG_KEY = (
    401,
    {
        "error": {
            "message": "Incorrect API key provided: sk-ab***wxyz. You can find it at https://platform.example/keys.",
            "code": "invalid_api_key",
        }
    },
)
RATE_LIMIT = (
    429,
    {"error": {"message": "Rate limit reached in organization org-Ab12Cd34", "code": "rate_limit_exceeded"}},
)
BAD_GATEWAY = 502, "upstream gate.internal:8080 refused; ask ops@gate.example"
NOT_FOUND = 404, "404: no route to gate.internal:8080"
CONFIDENTIAL = ["sk-ab", "https://", "org-", "gate.internal", "gate.example", "platform.example"]
RESPONSES = {"key": WRONG_KEY, "rate": RATE_LIMIT, "proxy": BAD_GATEWAY, "not found": NOT_FOUND}
MESSAGES_TO_OWNER = {
    "key": "Incorrect API",
    "rate": "organization org-Ab12Cd34",
    "proxy": "upstream gate.internal:8080 refused",
    "not found": "no route to gate.internal:8080",
}


@pytest.fixture
def viewer(sign_in, story):
    """The browser of a viewer of the story."""
    return sign_in(Membership.objects.create(user=UserFactory(), workspace=story.workspace, role="viewer").user)


@pytest.fixture
def fail_with(post_director, model, story):
    """``fail_with(status, body)`` sends a request that gets this response. Returns its job."""

    def send_request(status, body):
        model.fault_odd = lambda request, act: Reply(status, body)
        model.next("chat", "odd")
        post_director("begin", idea="A postman who is a fox")
        return Job.objects.get(kind="director")

    return send_request


def read_pages(browser, story, job) -> str:
    """Return the text of all pages that show the request."""
    paths = (f"/stories/{story.pk}/director/", "/jobs/", f"/jobs/{job.pk}/", f"/jobs/?q={job.pk}")
    responses = [browser.get(path, {"workspace": story.workspace_id}, follow=True) for path in paths]
    assert {response.status_code for response in responses} == {200}
    return "".join(response.content.decode() for response in responses)


@pytest.mark.parametrize("failure", RESPONSES)
def test_viewers_see_the_failure_without_connection_details(fail_with, viewer, story, failure):
    job = fail_with(*RESPONSES[failure])

    page = read_pages(viewer, story, job)

    assert job.error_public and job.error_public.split(".")[0] in page
    assert [text for text in CONFIDENTIAL if text in job.error_public] == []
    assert [name for name in CONFIDENTIAL if name in page] == []


@pytest.mark.parametrize(
    ("failure", "owner_kind"), [*((failure, "user") for failure in RESPONSES), ("key", "workspace")]
)
def test_the_owner_sees_the_error_on_the_connections_page(fail_with, browser, connection, story, failure, owner_kind):
    if owner_kind == "workspace":
        Connection.objects.update(owner=None, workspace=story.workspace)
    fail_with(*RESPONSES[failure])
    url = "/settings/connections/" if owner_kind == "user" else f"/settings/connections/of/{story.workspace_id}/"

    assert MESSAGES_TO_OWNER[failure] in browser.get(url).content.decode()


def test_administrators_see_a_refused_site_connection_until_it_works(fail_with, post_director, model, caplog):
    Connection.objects.update(owner=None)
    fail_with(*WRONG_KEY)

    assert (Connection.objects.get().health, "the site's own language model" in caplog.text) == ("broken", True)
    assert "Incorrect API" in caplog.text and model.key not in caplog.text

    post_director("ask", step="concept")
    assert Connection.objects.values_list("health", "last_error").get() == ("good", "")


def test_a_quoted_idea_is_not_logged(fail_with, caplog):
    job = fail_with(400, {"error": {"message": "cannot work with 'A postman who is a fox', nor with '\\nthe like'"}})

    assert f"job {job.pk}" in caplog.text and "cannot work with" in caplog.text
    assert "postman" not in caplog.text + job.error_public


def test_a_busy_provider_does_not_mark_the_connection_broken(fail_with, connection):
    fail_with(*RATE_LIMIT)

    connection.refresh_from_db()
    assert connection.health == "untested" and connection.last_error.startswith("busy|")


def test_a_content_refusal_does_not_mark_the_connection_broken(fail_with, viewer, connection, story):
    message = (
        "max_tokens is too large: 9000; /srv/models/llama.gguf on localhost:8080 takes 4096, see https://a.example"
    )
    job = fail_with(400, {"error": {"message": message, "code": "bad_request"}})

    page = read_pages(viewer, story, job)

    assert "The provider’s message: “max_tokens is too large: 9000; …/llama.gguf on … takes 4096, see …”" in page
    assert "Nothing was charged." in page
    connection.refresh_from_db()
    assert (connection.health, connection.last_error) == ("untested", "")


@pytest.mark.parametrize("fault", ["moderation", "too_long", "cut_in_the_middle"])
def test_unrelated_errors_are_not_stored_on_the_connection(post_director, model, connection, fault):
    model.next("chat", fault)
    post_director("begin", idea="A postman who is a fox")

    connection.refresh_from_db()
    assert (connection.health, connection.last_error) == ("untested", "")
    assert fault != "too_long" or "longer than allowed" in Job.objects.get().error_public


def test_a_replaced_key_is_not_blamed_for_the_old_one(fail_with, connection, mika, monkeypatch):
    refuse = LanguageProvider._refuse

    def replace_key(*arguments):
        connection_services.change_connection(connection, by=mika, secret={"keys": {"api_key": "sk-quite-another"}})
        refuse(*arguments)

    monkeypatch.setattr(LanguageProvider, "_refuse", replace_key)
    job = fail_with(*WRONG_KEY)

    connection.refresh_from_db()
    assert (job.error_code, connection.key_version) == ("auth", 2)
    assert (connection.health, connection.last_error) == ("untested", "")
