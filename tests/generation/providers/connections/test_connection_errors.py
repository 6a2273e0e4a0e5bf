"""Errors of connections as shown: in the reader's language, without HTML, and short."""

import pytest
from django.utils.translation import override

from generation.offers.offer import build_offers
from generation.providers.adapters.gemini.provider import GeminiProvider
from generation.providers.connections import health as connection_health
from generation.providers.connections import services as connection_services
from generation.providers.connections.health_alerts import describe_broken
from generation.providers.errors import Fault, RemoteError
from generation.providers.models import Connection
from jobs.models import Job
from tests.fakes.gemini import GeminiFake
from tests.fakes.server import FakeServer, Reply

pytestmark = pytest.mark.django_db
ERROR_PAGE = "<html><h1>401 Authorization Required</h1></html>"


@pytest.fixture
def check_connection(sign_in, mika, connect, fake, run_connection_tests):
    """``check_connection(status, body)``: Mika's connection after a test with this response."""

    def check(status, body, **columns):
        connection = connect(mika, base_url=fake.url, **columns)
        fake.fault_odd = lambda request, act: Reply(status, body)
        fake.next("account", "odd")
        sign_in(mika).post(f"/settings/connections/{connection.pk}/test/")
        run_connection_tests()
        connection.refresh_from_db()
        return connection

    return check


def test_connection_error_is_shown_in_the_readers_language(check_connection, sign_in, mika):
    connection = check_connection(401, {"error": "bad key"})
    assert "rejected the key" in connection_health.describe(connection)

    with override("zh-hans"):
        text = [
            connection_health.describe(connection),
            *(offer.problem for offer in build_offers([connection]) if offer.connection),
        ]
        page = sign_in(mika).get("/settings/connections/", headers={"Accept-Language": "zh-hans"}).content.decode()

    assert text[0] in page
    for words in (*text, page):
        assert "did not accept" not in words
        assert "密钥" in words


def test_admin_shows_site_connection_errors_in_its_language(connect):
    connect(health="broken", last_error=connection_health.format_error(connection_health.NOT_SENT))

    assert "Couldn’t reach" in next(describe_broken())
    with override("zh-hans"):
        assert "Couldn’t reach" not in next(describe_broken())


def test_html_error_page_is_not_quoted(check_connection, sign_in, mika):
    connection = check_connection(401, ERROR_PAGE)

    assert connection_health.describe(connection).endswith("Check it under Connections. (http_401)")
    assert "Authorization Required" not in sign_in(mika).get("/settings/connections/").content.decode()


def test_plain_text_error_is_quoted(check_connection):
    assert "(http_402 the trial is over)" in connection_health.describe(check_connection(402, "the trial is over"))


@pytest.mark.parametrize("status", [404, 405, 410])
def test_wrong_server_at_the_address_has_a_clear_message(check_connection, status):
    connection = check_connection(status, "not found")

    assert connection.health == Connection.Health.BROKEN
    assert connection_health.describe(connection).startswith("The server at this address does not respond like Echo.")


def test_wrong_google_api_version_has_a_clear_message(sign_in, mika, settings, run_connection_tests):
    fake = GeminiFake()
    with FakeServer([fake]) as running:
        settings.PROVIDER_PRIVATE_HOSTS = [f"127.0.0.1:{running.server_port}"]
        columns = {"label": "Google", "facts": {"version": "v7"}, "base_url": running.url("gemini")}
        secret = {"keys": {"api_key": fake.key}, "headers": {}}
        connection = connection_services.add_connection(
            by=mika, owner=mika, workspace=None, provider="gemini", secret=secret, **columns
        )
        fake.fault_html = lambda request, act: Reply(404, ERROR_PAGE)
        fake.routes = [("GET", "/v7/models", "list_models")]
        fake.next("list_models", "html")
        sign_in(mika).post(f"/settings/connections/{connection.pk}/test/")
        run_connection_tests()

    connection.refresh_from_db()
    message = "Google has no such API version at this address. Change “API version” in this connection"
    assert connection.health == Connection.Health.BROKEN
    assert connection_health.describe(connection).startswith(message)
    job = Job.objects.get(kind="connection_test")
    assert (job.error_code, job.error_public.startswith(message)) == ("auth", True)
    with override("zh-hans"):
        assert str(GeminiProvider.setting_errors["api_version"]) == connection_health.describe(connection)


def test_error_stored_without_a_code_is_shown_as_it_is(connect, mika):
    for stored in ("Echo did not answer.", "a|b", "", "unknown|detail"):
        assert connection_health.describe(connect(mika, last_error=stored)) == stored


def test_stored_error_fits_its_column_and_has_no_secret():
    error = RemoteError(Fault.AUTH, "c" * 300, "Bearer sk-0123456789abcdef0123 is wrong " + "x" * 900)

    stored = connection_health.format_error("invalid_input", error)

    assert len(stored) <= Connection._meta.get_field("last_error").max_length
    assert "0123456789" not in stored
