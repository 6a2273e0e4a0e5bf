"""Buttons of an old page charge only the price and the connection that the page showed."""

import re

import pytest

from accounts.models import Membership
from generation.models import Clip, Picture
from generation.offers.pricing import covers_price, price_mark
from generation.providers.base import Estimate
from generation.providers.models import Connection
from jobs.models import Job, State
from tests.generation.providers.connections.create_page import FORM, picture_file, read_text

pytestmark = pytest.mark.django_db
OTHER_CONNECTION = (
    "This would use a different account than the page showed. Nothing was started; reload the page and review."
)


def read_hidden_fields(page, action_url) -> dict:
    """Return what the form sends to the address: its hidden fields, and the value of the button."""
    forms = re.findall(r"<form.*?</form>", page.content.decode(), re.DOTALL)
    form = next(form for form in forms if f'action="{action_url}"' in form)
    fields = dict(re.findall(r'<input type="hidden" name="(?!csrf)([^"]*)" value="([^"]*)"', form))
    buttons = re.findall(r'<button class="button[^"]*"([^>]*)>', form)
    button = next((text for text in buttons if f'formaction="{action_url}"' in text), buttons[0])
    return fields | dict(re.findall(r' name="([^"]*)" value="([^"]*)"', button))


def read_job_row(page, job) -> tuple[str, str]:
    """Return the values that checkbox and retry button of a job row send."""
    row = re.search(rf'<li class="job-row" id="job-{job.pk}".*?</li>', page.content.decode(), re.DOTALL)[0]
    checkbox = re.search(r'name="id" value="([^"]*)"', row)[1]
    return checkbox, re.search(r'name="agreed" value="([^"]*)"', row)[1]


def list_confirmed(page) -> list[str]:
    return re.findall(r'name="agreed" value="([^"]*)"', page.content.decode())


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


@pytest.fixture
def team(mika, ren):
    workspace = mika.workspaces.get()
    Membership.objects.create(user=ren, workspace=workspace, role="editor")
    return workspace


@pytest.fixture
def own(connect, mika):
    """Mika's personal connection."""
    return connect(mika)


@pytest.fixture
def clip(browser, own):
    """A clip requested through Mika's personal connection."""
    browser.post("/create/", FORM)
    return Clip.objects.get()


@pytest.fixture
def failed_job(clip):
    Job.objects.update(state=State.FAILED)
    return Job.objects.get()


@pytest.fixture
def delete_own_connection(browser, own):
    return lambda: browser.post(f"/settings/connections/{own.pk}/delete/")


@pytest.fixture
def set_price(stub, monkeypatch):
    return lambda price: monkeypatch.setattr(stub, "estimate", lambda request: Estimate(price, "USD", 60))


def test_the_price_on_the_button_is_charged(browser, own):
    (confirmed,) = list_confirmed(browser.get("/create/estimate/", FORM | {"takes": 2}))

    browser.post("/create/", FORM | {"takes": 2, "agreed": confirmed})

    assert confirmed == "400000 USD"
    assert [job.price_reserved for job in Job.objects.all()] == [200_000, 200_000]


def test_a_higher_price_is_shown_and_nothing_is_started(browser, own, set_price):
    (confirmed,) = list_confirmed(browser.get("/create/estimate/", FORM))
    set_price(300_000)

    answer = browser.post("/create/", FORM | {"agreed": confirmed, "picture_file": picture_file()})

    assert answer.status_code == 409
    assert "The price has changed since you opened this page. Nothing was started" in read_text(answer)
    assert "$0.30" in read_text(answer) and list_confirmed(answer) == ["300000 USD"]
    assert f'name="picture" value="{Picture.objects.get().pk}"' in answer.content.decode(), "the upload is lost"
    assert not Clip.objects.exists() and not Job.objects.exists()
    assert browser.post("/create/", FORM | {"agreed": "300000 USD"}).status_code == 302


def test_more_takes_and_retries_cost_no_more_than_shown(browser, clip, failed_job, set_price):
    page = browser.get(clip.get_absolute_url())
    urls = [f"{clip.get_absolute_url()}retry/", f"{clip.get_absolute_url()}vary/", f"/jobs/{failed_job.pk}/retry/"]
    fields = [read_hidden_fields(page, url) for url in urls]
    set_price(300_000)

    answers = [browser.post(url, sent, headers={"HX-Request": "true"}) for url, sent in zip(urls, fields, strict=True)]

    assert [answer.status_code for answer in answers] == [409] * 3
    assert Clip.objects.count() == 1 and not failed_job.retries.exists()


@pytest.mark.parametrize(
    ("price", "is_known", "reserved"), [(150_000, True, 150_000), (0, False, 200_000)], ids=["lower", "unknown"]
)
def test_a_retry_reserves_the_lower_price(browser, failed_job, stub, monkeypatch, price, is_known, reserved):
    monkeypatch.setattr(stub, "estimate", lambda request: Estimate(price, "USD", 60, is_known=is_known))

    browser.post(f"/jobs/{failed_job.pk}/retry/")

    assert failed_job.retries.get().price_reserved == reserved


KNOWN, UNKNOWN = Estimate(200_000, "USD", 60), Estimate(0, "USD", 60, is_known=False)


@pytest.mark.parametrize(
    ("confirmed", "estimate", "takes", "is_covered"),
    [
        ("200000 USD", KNOWN, 1, True),
        ("200000 USD", KNOWN, 2, False),
        ("250000 USD", KNOWN, 1, True),
        ("200000 CNY", KNOWN, 1, False),
        ("200000", KNOWN, 1, False),
        ("-1 USD", KNOWN, 1, False),
        ("\u0663 USD", KNOWN, 1, False),
        ("unknown", KNOWN, 1, False),
        ("unknown", UNKNOWN, 4, True),
        ("200000 USD", UNKNOWN, 1, False),
        ("anything", Estimate(0, "USD", 5), 4, True),
        (price_mark(KNOWN, 3), KNOWN, 3, True),
        (price_mark(UNKNOWN, 3), UNKNOWN, 3, True),
    ],
)
def test_only_the_confirmed_price_or_less_is_within_consent(confirmed, estimate, takes, is_covered):
    assert covers_price(confirmed, estimate, takes) is is_covered


@pytest.mark.parametrize("action", ["retry", "vary"])
def test_more_takes_use_no_other_connection(browser, team, clip, connect, delete_own_connection, action):
    action_url = f"{clip.get_absolute_url()}{action}/"
    fields = read_hidden_fields(browser.get(clip.get_absolute_url()), action_url)
    team_connection = connect(workspace=team)
    delete_own_connection()

    answer = browser.post(action_url, fields)

    assert answer.status_code == 409 and OTHER_CONNECTION in read_text(answer)
    assert Clip.objects.count() == 1 and Job.objects.filter(kind="clip_elsewhere").count() == 1
    assert read_hidden_fields(answer, action_url)["connection"] == str(team_connection.pk)
    assert browser.post(action_url, read_hidden_fields(answer, action_url)).status_code == 302


def test_a_retry_uses_no_other_connection(browser, team, clip, failed_job, connect, delete_own_connection):
    action_url = f"/jobs/{failed_job.pk}/retry/"
    fields = read_hidden_fields(browser.get(clip.get_absolute_url()), action_url)
    checkbox, confirmed = read_job_row(browser.get("/jobs/"), failed_job)
    team_connection = connect(workspace=team)
    delete_own_connection()

    answers = [
        browser.post(action_url, sent, headers={"HX-Request": "true"}) for sent in (fields, {"agreed": confirmed})
    ]
    bulk_answer = browser.post("/jobs/bulk/", {"act": "retry", "id": [checkbox]}, follow=True)

    assert [answer.status_code for answer in answers] == [409, 409]
    assert (
        all(OTHER_CONNECTION in read_text(answer) for answer in (*answers, bulk_answer))
        and not failed_job.retries.exists()
    )
    assert (
        browser.post(action_url, read_hidden_fields(browser.get(clip.get_absolute_url()), action_url)).status_code
        == 302
    )
    assert failed_job.retries.count() == 1 and Clip.objects.get().connection == team_connection


def test_ones_own_connection_pays_for_a_retry_of_anothers_clip(sign_in, team, clip, failed_job, connect, ren):
    site, rens = connect(), connect(ren)
    Clip.objects.update(connection=site)
    Connection.objects.filter(pk=site.pk).update(is_enabled=False)
    client, action_url = sign_in(ren), f"/jobs/{failed_job.pk}/retry/"

    page = client.get(clip.get_absolute_url())

    assert "Billed to your Echo account" in read_text(page)
    assert read_hidden_fields(page, action_url)["agreed"] == f"200000 USD {rens.pk}"
    client.post(action_url, read_hidden_fields(page, action_url))
    assert Clip.objects.get().connection == rens


@pytest.mark.parametrize("place", ["clip", "list", "create", "card"])
def test_the_button_shows_the_billed_account_and_the_price(browser, clip, failed_job, place):
    pages = {"clip": clip.get_absolute_url(), "list": "/jobs/", "create": "/create/"}
    shown = read_text(browser.get(pages.get(place, f"{clip.get_absolute_url()}card/")))

    assert "Billed to your Echo account; the final price may differ." in shown and "$0.20" in shown


def test_a_local_clip_mentions_no_account(browser, mika):
    browser.post("/create/", {"prompt": "a cat on a roof"})
    Job.objects.update(state=State.FAILED)

    page = browser.get(Clip.objects.get().get_absolute_url()).content.decode()

    assert 'name="agreed"' not in page and "Billed to" not in page


@pytest.mark.parametrize("is_viewer", [True, False])
def test_the_list_of_jobs_needs_no_query_per_retry(
    browser, own, team, ren, sign_in, settings, django_assert_max_num_queries, is_viewer
):
    settings.JOBS_PER_WORKSPACE, count = 50, 12
    for n in range(count):
        browser.post("/create/", FORM | {"idem_key": f"request-{n}"})
    Job.objects.update(state=State.FAILED)
    Clip.objects.filter(pk=Clip.objects.first().pk).update(model="another")
    Membership.objects.filter(user=ren, workspace=team).update(role="viewer")
    client = sign_in(ren, at=team) if is_viewer else browser
    client.get("/jobs/")
    topics = " ".join(f"job:{pk}" for pk in Job.objects.values_list("pk", flat=True))

    with django_assert_max_num_queries(12):
        page = client.get("/jobs/").text
    with django_assert_max_num_queries(14):
        client.get("/jobs/live/", {"topics": topics})

    assert page.count('class="job-row"') == count and ("/retry/" in page) is not is_viewer
