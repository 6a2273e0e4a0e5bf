"""Buttons of an old page charge no other price and no other connection than the page showed."""

import re

import pytest

from accounts.models import Membership
from generation.composer.pricing import covers_price, price_mark
from generation.models import Clip, Picture
from generation.providers.base import Estimate
from generation.providers.models import Connection
from jobs.models import Job, State
from tests.generation.providers.connections.conftest import StubProvider
from tests.generation.providers.connections.create_page import WISH, picture_file, words

pytestmark = pytest.mark.django_db
OTHER = "This would use a different account than the page showed. Nothing was started; reload the page and review."


def fields_of(page, address) -> dict:
    """Return the hidden fields of the form that posts to the address."""
    form = re.search(rf'<form[^>]*action="{address}".*?</form>', page.content.decode(), re.DOTALL)[0]
    return dict(re.findall(r'<input type="hidden" name="(?!csrf)([^"]*)" value="([^"]*)"', form))


def row_of(page, job) -> tuple[str, str]:
    """Return what the checkbox and the button of a row in the list of jobs send."""
    row = re.search(rf'<li class="job-row" id="job-{job.pk}".*?</li>', page.content.decode(), re.DOTALL)[0]
    tick = re.search(r'name="id" value="([^"]*)"', row)[1]
    return tick, re.search(r'name="agreed" value="([^"]*)"', row)[1]


def confirmed_in(page) -> list[str]:
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
    browser.post("/create/", WISH)
    return Clip.objects.get()


@pytest.fixture
def failed(clip):
    Job.objects.update(state=State.FAILED)
    return Job.objects.get()


@pytest.fixture
def delete_own(browser, own):
    return lambda: browser.post(f"/settings/connections/{own.pk}/delete/")


@pytest.fixture
def set_price(stub, monkeypatch):
    return lambda price: monkeypatch.setattr(stub, "estimate", lambda request: Estimate(price, "USD", 60))


def test_the_price_on_the_button_is_charged(browser, own):
    (confirmed,) = confirmed_in(browser.get("/create/estimate/", WISH | {"takes": 2}))

    browser.post("/create/", WISH | {"takes": 2, "agreed": confirmed})

    assert confirmed == "400000 USD"
    assert [job.price_reserved for job in Job.objects.all()] == [200_000, 200_000]


def test_a_higher_price_is_shown_and_nothing_is_started(browser, own, set_price):
    (confirmed,) = confirmed_in(browser.get("/create/estimate/", WISH))
    set_price(300_000)

    answer = browser.post("/create/", WISH | {"agreed": confirmed, "picture_file": picture_file()})

    assert answer.status_code == 409
    assert "The price has changed since you opened this page. Nothing was started" in words(answer)
    assert "$0.30" in words(answer) and confirmed_in(answer) == ["300000 USD"]
    assert f'name="picture" value="{Picture.objects.get().pk}"' in answer.content.decode(), "the upload is kept"
    assert not Clip.objects.exists() and not Job.objects.exists()
    assert browser.post("/create/", WISH | {"agreed": "300000 USD"}).status_code == 302


def test_more_takes_and_retries_cost_no_more_than_shown(browser, clip, failed, set_price):
    page = browser.get(clip.get_absolute_url())
    urls = [f"{clip.get_absolute_url()}retry/", f"{clip.get_absolute_url()}vary/", f"/jobs/{failed.pk}/retry/"]
    fields = [fields_of(page, url) for url in urls]
    set_price(300_000)

    answers = [browser.post(url, sent, headers={"HX-Request": "true"}) for url, sent in zip(urls, fields, strict=True)]

    assert [answer.status_code for answer in answers] == [409] * 3
    assert Clip.objects.count() == 1 and not failed.retries.exists()


@pytest.mark.parametrize(
    ("price", "is_known", "reserved"), [(150_000, True, 150_000), (0, False, 200_000)], ids=["lower", "unknown"]
)
def test_a_retry_reserves_the_lower_price(browser, failed, stub, monkeypatch, price, is_known, reserved):
    monkeypatch.setattr(stub, "estimate", lambda request: Estimate(price, "USD", 60, is_known=is_known))

    browser.post(f"/jobs/{failed.pk}/retry/")

    assert failed.retries.get().price_reserved == reserved


KNOWN, UNKNOWN = Estimate(200_000, "USD", 60), Estimate(0, "USD", 60, is_known=False)


@pytest.mark.parametrize(
    ("confirmed", "estimate", "takes", "is_fine"),
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
def test_only_the_confirmed_price_or_less_is_within_consent(confirmed, estimate, takes, is_fine):
    assert covers_price(confirmed, estimate, takes) is is_fine


@pytest.mark.parametrize("action", ["retry", "vary"])
def test_more_takes_use_no_other_connection(browser, team, clip, connect, delete_own, action):
    address = f"{clip.get_absolute_url()}{action}/"
    fields = fields_of(browser.get(clip.get_absolute_url()), address)
    ours = connect(workspace=team)
    delete_own()

    answer = browser.post(address, fields)

    assert answer.status_code == 409 and OTHER in words(answer)
    assert Clip.objects.count() == 1 and Job.objects.filter(kind="clip_elsewhere").count() == 1
    assert fields_of(answer, address)["connection"] == str(ours.pk)
    assert browser.post(address, fields_of(answer, address)).status_code == 302


def test_a_retry_uses_no_other_connection(browser, team, clip, failed, connect, delete_own):
    address = f"/jobs/{failed.pk}/retry/"
    fields = fields_of(browser.get(clip.get_absolute_url()), address)
    tick, confirmed = row_of(browser.get("/jobs/"), failed)
    ours = connect(workspace=team)
    delete_own()

    answers = [browser.post(address, sent, headers={"HX-Request": "true"}) for sent in (fields, {"agreed": confirmed})]
    ticked = browser.post("/jobs/bulk/", {"act": "retry", "id": [tick]}, follow=True)

    assert [answer.status_code for answer in answers] == [409, 409]
    assert all(OTHER in words(answer) for answer in (*answers, ticked)) and not failed.retries.exists()
    assert browser.post(address, fields_of(browser.get(clip.get_absolute_url()), address)).status_code == 302
    assert failed.retries.count() == 1 and Clip.objects.get().connection == ours


def test_ones_own_connection_pays_for_a_retry_of_anothers_clip(sign_in, team, clip, failed, connect, ren):
    site, rens = connect(), connect(ren)
    Clip.objects.update(connection=site)
    Connection.objects.filter(pk=site.pk).update(is_enabled=False)
    client, address = sign_in(ren), f"/jobs/{failed.pk}/retry/"

    page = client.get(clip.get_absolute_url())

    assert "Billed to your Echo account" in words(page)
    assert fields_of(page, address)["agreed"] == f"200000 USD {rens.pk}"
    client.post(address, fields_of(page, address))
    assert Clip.objects.get().connection == rens


@pytest.mark.parametrize("where", ["clip", "list", "create", "card"])
def test_the_button_shows_the_billed_account_and_the_price(browser, clip, failed, where):
    pages = {"clip": clip.get_absolute_url(), "list": "/jobs/", "create": "/create/"}
    shown = words(browser.get(pages.get(where, f"{clip.get_absolute_url()}card/")))

    assert "Billed to your Echo account; the final price may differ." in shown and "$0.20" in shown


def test_an_unknown_price_is_explained_below_the_button(browser, failed, monkeypatch):
    monkeypatch.setattr(StubProvider, "estimate", lambda self, request: Estimate(0, "USD", 5, is_known=False))

    assert "Price not known; billed to your Echo account." in words(browser.get("/jobs/"))


def test_a_local_clip_mentions_no_account(browser, mika):
    browser.post("/create/", {"prompt": "a cat on a roof"})
    Job.objects.update(state=State.FAILED)

    page = browser.get(Clip.objects.get().get_absolute_url()).content.decode()

    assert 'name="agreed"' not in page and "Billed to" not in page


@pytest.mark.parametrize("is_viewer", [True, False])
def test_the_list_of_jobs_needs_no_query_per_retry(
    browser, own, team, ren, sign_in, settings, django_assert_max_num_queries, is_viewer
):
    settings.JOBS_PER_WORKSPACE, many = 50, 12
    for n in range(many):
        browser.post("/create/", WISH | {"idem_key": f"request-{n}"})
    Job.objects.update(state=State.FAILED)
    Membership.objects.filter(user=ren, workspace=team).update(role="viewer")
    client = sign_in(ren) if is_viewer else browser
    client.get("/jobs/")

    with django_assert_max_num_queries(11 if is_viewer else 15):
        page = client.get("/jobs/").text

    assert page.count('class="job-row"') == many and ("/retry/" in page) is not is_viewer
