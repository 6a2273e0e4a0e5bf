"""Nobody's account is billed but the one that the page was about: buttons of an old page buy through no other."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from generation.models import Clip
from generation.providers.base import Estimate
from generation.providers.models import Connection
from jobs.models import Job, State
from tests.generation.providers.connections.conftest import StubProvider
from tests.generation.providers.connections.create_page import WISH, words

pytestmark = pytest.mark.django_db
OTHER = "This would use a different account than the page showed. Nothing was started; reload the page and review."


def fields_of(page, address) -> dict:
    """What the form that posts there sends, as the page has it."""
    form = re.search(rf'<form[^>]*action="{address}".*?</form>', page.content.decode(), re.DOTALL)[0]
    return dict(re.findall(r'<input type="hidden" name="(?!csrf)([^"]*)" value="([^"]*)"', form))


def row_of(page, job) -> tuple[str, str]:
    """What its tick and its button in a list of jobs send."""
    row = re.search(rf'<li class="jr" id="job-{job.pk}".*?</li>', page.content.decode(), re.DOTALL)[0]
    tick = re.search(r'name="id" value="([^"]*)"', row)[1]
    return tick, re.search(r'name="agreed" value="([^"]*)"', row)[1]


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


@pytest.fixture
def team(mika, ren):
    """Where Mika is at work, with Ren."""
    where = mika.workspaces.get()
    Membership.objects.create(user=ren, workspace=where, role="editor")
    return where


@pytest.fixture
def first(connect, mika):
    """An account of Mika's own, through which a clip was asked for."""
    return connect(mika)


@pytest.fixture
def clip(browser, first):
    browser.post("/create/", WISH)
    return Clip.objects.get()


@pytest.fixture
def failed(clip):
    """Nothing came of it."""
    Job.objects.update(state=State.FAILED)
    return Job.objects.get()


@pytest.fixture
def gone(browser, first):
    return lambda: browser.post(f"/settings/connections/{first.pk}/delete/")


@pytest.mark.parametrize("deed", ["again", "vary"])
def test_more_takes_asked_for_on_an_old_page_go_through_no_other_account(browser, team, clip, connect, gone, deed):
    address = f"{clip.get_absolute_url()}{deed}/"
    fields = fields_of(browser.get(clip.get_absolute_url()), address)
    ours = connect(workspace=team)
    gone()

    answer = browser.post(address, fields)

    assert answer.status_code == 409 and OTHER in words(answer)
    assert Clip.objects.count() == 1 and Job.objects.filter(kind="clip_elsewhere").count() == 1
    assert fields_of(answer, address)["account"] == str(ours.pk), "the page of now says whose it is"
    assert browser.post(address, fields_of(answer, address)).status_code == 302


def test_more_takes_of_the_sites_account_are_not_billed_to_ones_own(browser, clip, connect, mika):
    site = connect()
    Clip.objects.update(connection=site)
    Connection.objects.filter(owner=mika).delete()
    address = f"{clip.get_absolute_url()}again/"
    fields = fields_of(browser.get(clip.get_absolute_url()), address)
    connect(mika)
    Connection.objects.filter(pk=site.pk).update(is_enabled=False)

    assert browser.post(address, fields).status_code == 409
    assert Clip.objects.count() == 1


def test_takes_that_were_begun_are_given_back_though_their_account_went_since(browser, team, clip, connect, gone):
    address = f"{clip.get_absolute_url()}again/"
    fields = fields_of(browser.get(clip.get_absolute_url()), address)
    once = browser.post(address, fields)
    connect(workspace=team)
    gone()

    assert browser.post(address, fields).url == once.url
    assert Clip.objects.count() == 2


@pytest.mark.parametrize("has_script", [True, False])
def test_trying_again_on_an_old_page_goes_through_no_other_account(
    browser, team, clip, failed, connect, gone, has_script
):
    address = f"/jobs/{failed.pk}/retry/"
    fields = fields_of(browser.get(clip.get_absolute_url()), address)
    ours = connect(workspace=team)
    gone()

    answer = browser.post(address, fields, headers={"HX-Request": "true"} if has_script else {}, follow=True)

    assert OTHER in words(answer)
    if has_script:
        assert answer.status_code == 409 and str(ours.pk) in answer.content.decode()
    assert not failed.retries.exists()
    now = fields_of(browser.get(clip.get_absolute_url()), address)
    assert browser.post(address, now).status_code == 302
    assert failed.retries.count() == 1 and Clip.objects.get().connection == ours


def test_the_list_of_jobs_holds_to_what_its_row_said(browser, team, failed, connect, gone):
    tick, agreed = row_of(browser.get("/jobs/"), failed)
    connect(workspace=team)
    gone()

    alone = browser.post(f"/jobs/{failed.pk}/retry/", {"agreed": agreed}, headers={"HX-Request": "true"})
    ticked = browser.post("/jobs/bulk/", {"act": "retry", "id": [tick]}, follow=True)

    assert alone.status_code == 409 and OTHER in words(ticked)
    assert not failed.retries.exists()
    tick, _agreed = row_of(browser.get("/jobs/"), failed)
    assert "Retrying 1 job." in words(browser.post("/jobs/bulk/", {"act": "retry", "id": [tick]}, follow=True))


@pytest.mark.parametrize("where", ["clip", "list", "create", "card"])
def test_the_button_says_whose_account_is_billed_and_the_price(browser, clip, failed, where):
    pages = {"clip": clip.get_absolute_url(), "list": "/jobs/", "create": "/create/"}
    told = words(browser.get(pages.get(where, f"{clip.get_absolute_url()}card/")))

    assert "Billed to your Echo account; the final price may differ." in told
    assert ("$0.20" if where == "list" else "Try again · $0.20") in told


def test_a_row_whose_price_is_not_known_says_so_below_and_not_on_its_narrow_button(browser, failed, monkeypatch):
    monkeypatch.setattr(StubProvider, "estimate", lambda self, request: Estimate(0, "USD", 5, is_known=False))
    page = browser.get("/jobs/")
    button = re.search(r"<button[^>]*>(?:(?!</button>).)*rotate-ccw.*?</button>", page.text, re.DOTALL)[0]

    assert "Price not known; billed to your Echo account." in words(page)
    assert "price unknown" in button.partition(">")[0] and "price unknown" not in button.partition(">")[2]


def test_whoever_tries_what_another_asked_for_is_told_of_their_own_account(browser, team, clip, failed, connect, ren):
    """It is the nearest of theirs, and nobody else's personal one is."""
    site, own = connect(), connect(ren)
    Clip.objects.update(connection=site)
    Connection.objects.filter(pk=site.pk).update(is_enabled=False)
    client = Client()
    client.force_login(ren)
    address = f"/jobs/{failed.pk}/retry/"

    page = client.get(clip.get_absolute_url())

    assert "Billed to your Echo account" in words(page)
    assert fields_of(page, address)["agreed"] == f"200000 USD {own.pk}"
    client.post(address, fields_of(page, address))
    assert Clip.objects.get().connection == own


def test_a_button_that_named_no_account_goes_through_the_nearest(browser, team, failed, connect, gone):
    ours = connect(workspace=team)
    gone()

    browser.post(f"/jobs/{failed.pk}/retry/")

    assert Clip.objects.get().connection == ours


def test_what_is_made_here_says_nothing_of_accounts(browser, mika):
    browser.post("/create/", {"prompt": "a cat on a roof"})
    Job.objects.update(state=State.FAILED)

    told = browser.get(Clip.objects.get().get_absolute_url()).content.decode()

    assert 'name="agreed"' not in told and "is billed" not in told


@pytest.fixture
def fail(browser, first, settings):
    """``fail(12)``: so many clips that were asked for through Mika's account came to nothing."""
    settings.JOBS_PER_WORKSPACE = 50

    def clips(many):
        for n in range(many):
            browser.post("/create/", WISH | {"idem_key": f"wish-{n}"})
        Job.objects.update(state=State.FAILED)
        assert Job.objects.count() == many

    return clips


@pytest.mark.parametrize("many", [2, 12])
def test_the_list_asks_no_more_of_the_database_the_more_there_failed(
    browser, fail, many, django_assert_max_num_queries
):
    fail(many)
    browser.get("/jobs/")

    with django_assert_max_num_queries(15):
        page = browser.get("/jobs/")

    assert page.text.count("$0.20") == 2 * many


def test_who_may_only_look_at_the_list_has_nothing_asked_about_trying_again(
    fail, team, ren, django_assert_max_num_queries
):
    fail(12)
    Membership.objects.filter(user=ren, workspace=team).update(role="viewer")
    client = Client()
    client.force_login(ren)
    client.get("/jobs/")

    with django_assert_max_num_queries(11):
        page = client.get("/jobs/")

    assert "/retry/" not in page.text and page.text.count('class="jr"') == 12


@pytest.fixture
def questions(browser, first):
    """How many queries it takes to choose another model."""

    def count():
        browser.get("/create/")
        with CaptureQueriesContext(connection) as asked:
            browser.get("/create/?provider=echo", headers={"HX-Request": "true", "HX-Target": "div#cz-model"})
        return len(asked)

    return count


def test_a_composer_that_is_drawn_anew_asks_nothing_about_what_lies_on_the_table(browser, fail, questions):
    before = questions()
    fail(6)

    assert questions() == before
