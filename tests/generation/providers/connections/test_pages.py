"""The pages of connections."""

import re

import pytest
from django.db.models.functions import Now

from accounts.models import AuditEvent, User
from generation.offers.offer import Offer
from generation.providers.connections import health as connection_health
from generation.providers.models import Connection, ConnectionKey
from jobs.models import Job, JobEvent
from tests.attacks.test_any_input import HOSTILE
from tests.factories import MembershipFactory, UserFactory, WorkspaceFactory
from tests.generation.providers.connections.conftest import KEY

pytestmark = pytest.mark.django_db
ADD = "/settings/connections/add/?provider=echo"
HTMX = {"HX-Request": "true"}


def read_text(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_user_connects_a_provider_and_sees_it_in_the_list(sign_in, mika, stub):
    browser = sign_in(mika)
    assert "https://echo.example/keys" in browser.get(ADD).content.decode()

    answer = browser.post(ADD, {"key_api_key": f" {KEY} ", "key_region": "eu", "label": "My  Echo"}, follow=True)

    made = Connection.objects.get()
    assert (made.label, made.owner, made.workspace, made.facts) == ("My Echo", mika, None, {"region": "eu"})
    assert "My Echo is saved. Its key is being tested." in read_text(answer)
    assert "…cdef" in read_text(answer) and "Testing" in read_text(answer)


def test_connection_is_not_tested_in_a_workspace_being_erased(sign_in, mika, connect):
    connection = connect(mika)
    User.objects.filter(pk=mika.pk).update(closing_at=Now())

    answer = sign_in(mika).post(f"/settings/connections/{connection.pk}/test/")

    assert answer.status_code == 409 and "This workspace is being erased. Nothing was started." in read_text(answer)
    assert not Job.objects.exists()


def test_unknown_provider_shows_the_list_of_providers(sign_in, mika, stub, subtests):
    for provider in (
        "",
        "nobody",
        "animatic",
        "a\0b",
    ):
        with subtests.test(provider=provider):
            answer = sign_in(mika).get("/settings/connections/add/", {"provider": provider})

            assert answer.status_code == 200
            assert "provider=echo" in answer.content.decode()


def test_invalid_input_is_refused_with_a_message_and_changes_nothing(sign_in, mika, stub, subtests):
    for field, value in (
        ("key_api_key", ""),
        ("key_api_key", "two words"),
        ("key_api_key", "clé"),
        ("key_api_key", "x" * 4001),
        ("key_region", "e\x07u"),
        ("label", "x" * 81),
        ("label", "bell \x07"),
        ("headers", "no colon"),
        ("headers", "Host: elsewhere.example"),
        ("headers", "X-A: b\nContent-Length: 3"),
        ("concurrency", 0),
        ("concurrency", 10**6),
        ("per_minute", "many"),
        ("default_model", "nobody"),
        ("default_style", "nobody"),
        ("whose", "11111111-1111-4111-8111-111111111111"),
    ):
        with subtests.test(field=field, value=value):
            answer = sign_in(mika).post(ADD, {"key_api_key": KEY, field: value})

            assert answer.status_code == 422
            assert 'class="error"' in answer.content.decode()
            assert KEY not in answer.content.decode()
            assert not Connection.objects.exists() and not ConnectionKey.objects.exists()


def test_connection_test_runs_as_a_job_and_shows_its_result(sign_in, mika, connect, fake, run_connection_tests):
    connection = connect(mika, base_url=fake.url)
    browser = sign_in(mika)

    row = browser.post(f"/settings/connections/{connection.pk}/test/", headers=HTMX).content.decode()

    assert fake.calls == [], "the page waited for the provider"
    assert row.lstrip().startswith("<tr") and "Testing" in row and 'hx-trigger="live"' in row
    run_connection_tests()
    headers = {**HTMX, "HX-Target": f"tr#connection-{connection.pk}"}
    row = browser.get(f"/settings/connections/{connection.pk}/", headers=headers).content.decode()
    assert "Works" in row and "hx-trigger" not in row and "Tested" in row
    assert fake.created == [] and [call.method for call in fake.calls] == ["GET"]
    assert JobEvent.objects.filter(reason="tested|Echo|fine").exists()


def test_saved_key_is_tested_by_itself(sign_in, mika, stub, fake, run_connection_tests):
    browser = sign_in(mika)

    browser.post(ADD, {"key_api_key": KEY, "base_url": fake.url})
    connection = Connection.objects.get()
    run_connection_tests()

    connection.refresh_from_db()
    assert connection.health == "good" and [call.method for call in fake.calls] == ["GET"]
    for fields, tests in (({"label": "Mine"}, 1), ({"key_api_key": f"{KEY}-new"}, 2)):
        browser.post(f"/settings/connections/{connection.pk}/", {"base_url": fake.url, **fields})
        run_connection_tests()
        assert Job.objects.filter(kind="connection_test").count() == tests, fields


def test_key_of_another_provider_is_recognized_by_its_prefix(sign_in, mika):
    browser = sign_in(mika)

    answer = browser.post("/settings/connections/add/?provider=kling", {"key_api_key": "r8_" + "x" * 37})

    page = answer.content.decode()
    assert answer.status_code == 422 and "looks like a key of Replicate, not of Kling" in page
    assert "?provider=replicate" in page and not Connection.objects.exists()
    elsewhere = {"key_api_key": "r8_" + "x" * 37, "base_url": "https://proxy.example"}
    browser.post("/settings/connections/add/?provider=kling", elsewhere)
    assert Connection.objects.get().provider == "kling", "a proxy may have any keys"


def test_repeated_test_starts_one_job(sign_in, mika, connect, fake):
    connection = connect(mika, base_url=fake.url)
    browser = sign_in(mika)

    for _press in range(3):
        browser.post(f"/settings/connections/{connection.pk}/test/")

    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    ("fault", "health", "message"),
    [
        ("auth", "broken", "rejected the key"),
        ("quota", "broken", "no credit or quota"),
        ("cut", "broken", "did not respond"),
        ("busy", "untested", "busy or unavailable"),
    ],
)
def test_failed_connection_test_has_a_clear_message(
    sign_in, mika, connect, fake, run_connection_tests, fault, health, message
):
    connection = connect(mika, base_url=fake.url)
    fake.next("account", fault)
    browser = sign_in(mika)

    browser.post(f"/settings/connections/{connection.pk}/test/")
    run_connection_tests()

    connection.refresh_from_db()
    assert connection.health == health
    assert message in read_text(browser.get("/settings/connections/"))
    assert message in Job.objects.get().error_public


def test_unreachable_address_has_a_clear_message(sign_in, mika, connect, settings, run_connection_tests):
    settings.PROVIDER_PRIVATE_HOSTS = ["127.0.0.1:9"]
    connection = connect(mika, base_url="http://127.0.0.1:9")

    sign_in(mika).post(f"/settings/connections/{connection.pk}/test/")
    run_connection_tests()

    connection.refresh_from_db()
    assert (connection.health, connection_health.describe(connection)) == (
        "broken",
        "Couldn’t reach Echo at its address.",
    )


def test_each_user_has_at_most_one_default(sign_in, mika, ren, connect):
    first, second, other = connect(mika), connect(mika), connect(ren, is_default=True)
    browser = sign_in(mika)

    for connection in (first, second):
        browser.post(f"/settings/connections/{connection.pk}/default/", {"on": "1"})

    assert set(Connection.objects.filter(is_default=True)) == {second, other}
    browser.post(f"/settings/connections/{second.pk}/default/")
    assert set(Connection.objects.filter(is_default=True)) == {other}


def test_disabled_connection_is_marked_and_not_used(sign_in, mika, connect):
    connection = connect(mika, is_default=True)
    browser = sign_in(mika)

    browser.post(f"/settings/connections/{connection.pk}/switch/")

    assert "Disabled" in read_text(browser.get("/settings/connections/"))
    assert not Connection.objects.usable_by(mika, None).exists()
    browser.post(f"/settings/connections/{connection.pk}/switch/", {"on": "1"})
    assert Connection.objects.usable_by(mika, None).get() == connection


def test_delete_asks_for_confirmation(sign_in, mika, connect):
    connection = connect(mika)
    browser = sign_in(mika)

    assert "Delete “Echo”?" in read_text(browser.get(f"/settings/connections/{connection.pk}/delete/"))
    assert Connection.objects.get().deleted_at is None
    page = browser.post(f"/settings/connections/{connection.pk}/delete/", follow=True)

    connection.refresh_from_db()
    assert connection.deleted_at and not connection.is_enabled
    assert "Echo was deleted" in read_text(page) and "No connections yet" in read_text(page)
    assert browser.get(f"/settings/connections/{connection.pk}/").status_code == 404


def test_list_has_a_constant_number_of_queries(sign_in, mika, connect, django_assert_max_num_queries):
    browser = sign_in(mika)
    for _n in range(10):
        connect(mika)
    browser.get("/settings/connections/")

    with django_assert_max_num_queries(12):
        browser.get("/settings/connections/")


def test_failover_order_is_saved_and_duplicates_are_refused(sign_in, mika, connect):
    home = mika.workspaces.get()
    first, second, third = (connect(workspace=home, by=mika, label=name) for name in ("A", "B", "C"))
    browser = sign_in(mika)
    url = f"/settings/connections/of/{home.pk}/"

    browser.post(url, {f"place_{second.pk}": "1", f"place_{first.pk}": "2", f"place_{third.pk}": ""})

    ordered = Connection.objects.filter(failover_position__isnull=False).order_by("failover_position")
    assert list(ordered) == [second, first]
    answer = browser.post(url, {f"place_{second.pk}": "1", f"place_{first.pk}": "1"})
    assert answer.status_code == 422 and "same position" in read_text(answer)
    assert list(ordered.all()) == [second, first]


def test_actions_are_audited_without_secrets(sign_in, mika, stub):
    browser = sign_in(mika)
    browser.post(ADD, {"key_api_key": KEY})
    connection = Connection.objects.get()
    browser.post(f"/settings/connections/{connection.pk}/", {"key_api_key": "another-key-0123456789", "label": "New"})
    for action in ("default", "switch", "test", "delete"):
        browser.post(f"/settings/connections/{connection.pk}/{action}/")

    events = AuditEvent.objects.filter(verb__startswith="connection.").order_by("at")
    assert {"added", "changed", "key_replaced", "switched_off", "tested", "deleted"} <= {
        event.verb.removeprefix("connection.") for event in events
    }
    text = str(list(events.values()))
    assert KEY not in text and "another-key" not in text


def test_settings_have_a_link_to_connections(sign_in, mika, stub):
    browser = sign_in(mika)

    assert 'href="/settings/connections/"' in browser.get("/settings/").content.decode()
    page = browser.get("/settings/connections/").content.decode()
    menu = page.partition('<nav class="settings-nav"')[2].partition("</nav>")[0]
    assert re.findall(r'href="([^"]+)" aria-current="page"', menu) == ["/settings/connections/"]


@pytest.fixture
def team(mika):
    """A workspace of Mika's with an editor and a viewer in it."""
    workspace = WorkspaceFactory(name="Harbour")
    MembershipFactory(workspace=workspace, user=mika)
    for role in ("editor", "viewer"):
        MembershipFactory(workspace=workspace, user=UserFactory(email=f"{role}@example.test"), role=role)
    return workspace


ACTIONS = [("", {"label": "Mine"}), ("test/", {}), ("switch/", {}), ("default/", {"on": "1"}), ("delete/", {})]


def test_only_workspace_owners_change_its_connections(sign_in, team, ren, connect, mika, subtests):
    for user_name, status in (
        ("editor", 403),
        ("viewer", 403),
        ("ren", 404),
        ("mika", 302),
    ):
        for action, form in ACTIONS:
            with subtests.test(user=user_name, status=status, action=action, form=form):
                connection = connect(workspace=team, by=mika)
                row = Connection.objects.filter(pk=connection.pk)
                before = row.values().get()
                person = {"ren": ren, "mika": mika}.get(user_name) or team.users.get(email=f"{user_name}@example.test")

                answer = sign_in(person).post(f"/settings/connections/{connection.pk}/{action}", form)

                assert answer.status_code == status
                if status != 302:
                    assert row.values().get() == before
                    assert not Job.objects.exists()


def test_each_list_shows_the_connections_of_its_owner_only(sign_in, mika, team, connect):
    home, browser = mika.workspaces.exclude(pk=team.pk).get(), sign_in(mika)
    connect(mika, label="Mine alone")
    for url, label in ((home, "Of the house"), (team, "Of the team")):
        connect(workspace=url, by=mika, label=label)

    list_url = {"": "Mine alone", f"of/{home.pk}/": "Of the house", f"of/{team.pk}/": "Of the team"}
    for address, label in list_url.items():
        page = read_text(browser.get(f"/settings/connections/{address}"))
        assert [value for value in list_url.values() if value in page] == [label]


@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_members_see_workspace_connections_without_buttons(sign_in, team, connect, mika, role):
    connection = connect(workspace=team, by=mika)
    browser = sign_in(team.users.get(email=f"{role}@example.test"))

    page = browser.get(f"/settings/connections/of/{team.pk}/").content.decode()

    assert "Echo" in page and f"{connection.pk}/test/" not in page and "Connect a provider" not in page
    assert browser.post(f"/settings/connections/of/{team.pk}/", {}).status_code == 403


@pytest.mark.parametrize("role", ["editor", "viewer", "owner"])
def test_key_mask_address_and_error_details_are_for_owners_only(sign_in, team, connect, mika, role):
    connection = connect(workspace=team, by=mika, base_url="https://gate.example/harbour", label="Gate")
    Connection.objects.update(health="broken", last_error="auth|no_such_user mika@gate.example")
    browser = sign_in(mika if role == "owner" else team.users.get(email=f"{role}@example.test"))
    row = {**HTMX, "HX-Target": f"tr#connection-{connection.pk}"}

    list_url, detail = f"/settings/connections/of/{team.pk}/", f"/settings/connections/{connection.pk}/"
    pages = [browser.get(list_url), browser.get(detail), browser.get(detail, headers=row)]

    details = ["…cdef", "gate.example/harbour", "no_such_user", "mika@gate.example", "rejected the key"]
    for page in pages:
        text = page.content.decode().replace("<wbr>", "")
        assert page.status_code == 200 and "Gate" in text
        assert role == "owner" or [item for item in details if item in text] == []
    for page in (pages[0], pages[2]):
        text = page.content.decode().replace("<wbr>", "")
        assert "Echo" in read_text(page) and "Does not work" in read_text(page)
        assert role != "owner" or [item for item in details if item not in text] == []
    header_cells = re.findall(r"<th>", pages[0].content.decode())
    cells = re.findall(r"<td", pages[2].content.decode())
    assert len(header_cells) == len(cells) == (4 if role == "owner" else 3)


@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_members_are_not_asked_for_an_unreadable_key(sign_in, team, connect, mika, role, settings):
    connect(workspace=team, by=mika)
    settings.CONNECTION_KEYS = ["another"]

    page = sign_in(team.users.get(email=f"{role}@example.test")).get(f"/settings/connections/of/{team.pk}/")

    assert "Echo" in read_text(page) and "Paste" not in read_text(page) and "cannot be decrypted" not in read_text(page)


def test_own_connection_is_hidden_from_members_of_the_same_workspace(sign_in, team, connect, mika):
    connection = connect(mika)
    browser = sign_in(team.users.get(email="editor@example.test"))

    assert browser.get(f"/settings/connections/{connection.pk}/").status_code == 404
    assert not Connection.objects.usable_by(team.users.get(email="editor@example.test"), team).exists()


def test_editor_cannot_add_a_workspace_connection(sign_in, team, stub):
    browser = sign_in(team.users.get(email="editor@example.test"))

    answer = browser.post(ADD, {"key_api_key": KEY, "whose": str(team.pk)})

    assert answer.status_code == 422
    assert not Connection.objects.exists()


def test_site_connections_are_mentioned_but_not_accessible(sign_in, mika, connect):
    connection = connect(label="secret name of the house")
    browser = sign_in(mika)

    page = browser.get("/settings/connections/").content.decode()

    assert "secret name of the house" not in page and "Shared by the studio" in page
    assert browser.get(f"/settings/connections/{connection.pk}/").status_code == 404
    assert browser.post(f"/settings/connections/{connection.pk}/delete/").status_code == 404


def test_one_of_several_alternative_keys_is_required(sign_in, mika):
    browser = sign_in(mika)
    kling = "/settings/connections/add/?provider=kling"

    assert browser.post(kling, {}).status_code == 422
    assert browser.post(kling, {"key_api_key": KEY}).status_code == 302


TEXT_FIELDS = ("label", "key_api_key", "key_signing", "key_region", "base_url", "headers")
FIELDS = (
    *TEXT_FIELDS, "default_model", "default_style", "concurrency", "per_minute", "forget_signing", "forget_headers",
    "on",
)  # fmt: skip


def test_hostile_input_breaks_no_form_of_connections(sign_in, mika, connect, subtests):
    """Try each text field alone, all fields together, the workspace of a new connection, and the order."""
    connection = connect(workspace=mika.workspaces.get(), by=mika)
    browser = sign_in(mika)
    browser.raise_request_exception = False
    page, order = f"/settings/connections/{connection.pk}/", f"/settings/connections/of/{connection.workspace_id}/"
    valid = {"label": "Echo", "key_api_key": KEY}

    for value in HOSTILE:
        forms = [(page, valid | {field: value}) for field in TEXT_FIELDS]
        forms += [
            (page, dict.fromkeys(FIELDS, value)),
            (ADD, dict.fromkeys(FIELDS, value)),
            (ADD, valid | {"whose": value}),
        ]
        forms += [(order, {f"place_{connection.pk}": value})]
        for address, fields in forms:
            with subtests.test(address=address, value=value[:40], fields=[*fields]):
                answer = browser.post(address, fields)
                assert answer.status_code in (302, 422)
                assert "<img src=x" not in answer.content.decode()


@pytest.mark.parametrize("is_own", [True, False])
def test_create_shows_error_details_of_own_connections_only(team, stub, connect, mika, is_own):
    """All members of a workspace see the reason, but not its details."""
    connection = connect(mika) if is_own else connect(workspace=team, by=mika)
    connection.health, connection.last_error = "broken", "auth|no_such_user mika@gate.example"

    details = Offer(stub, (connection,), connection).problem

    assert "rejected the key" in details
    assert ("mika@gate.example" in details) is is_own


def test_number_of_connections_per_user_is_limited(sign_in, mika, stub, settings):
    settings.CONNECTIONS_PER_OWNER = 2
    browser, form = sign_in(mika), {"key_api_key": KEY, "label": "One"}

    answers = [browser.post("/settings/connections/add/?provider=echo", form) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [302, 302, 422]
    assert "You can have at most 2 connections." in answers[2].text
    assert Connection.objects.count() == 2
