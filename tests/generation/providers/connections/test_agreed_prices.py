"""Nobody pays more than the button said: the price that was seen comes back with the wish."""

import re

import pytest

from generation.composer.pricing import is_within, mark
from generation.models import Clip, Picture
from generation.providers.base import Estimate
from jobs.models import Job
from tests.generation.providers.connections.create_page import WISH, picture_file, words

pytestmark = pytest.mark.django_db


def agreed_on(page) -> list[str]:
    return re.findall(r'name="agreed" value="([^"]*)"', page.content.decode())


@pytest.fixture
def dearer(stub, monkeypatch):
    """``dearer(300_000)``: the operator changes the price while the page is open."""
    return lambda price: monkeypatch.setattr(stub, "estimate", lambda asked: Estimate(price, "USD", 60))


def test_what_the_button_said_is_what_is_paid(sign_in, mika, connect):
    connect(mika)
    client = sign_in(mika)
    (agreed,) = agreed_on(client.get("/create/estimate/", WISH | {"takes": 2}))

    client.post("/create/", WISH | {"takes": 2, "agreed": agreed})

    assert agreed == "400000 USD"
    assert [job.price_reserved for job in Job.objects.all()] == [200_000, 200_000]


def test_a_price_that_rose_meanwhile_is_shown_and_nothing_is_started(sign_in, mika, connect, dearer):
    connect(mika)
    client = sign_in(mika)
    (agreed,) = agreed_on(client.get("/create/estimate/", WISH))
    dearer(300_000)

    answer = client.post("/create/", WISH | {"agreed": agreed})

    assert answer.status_code == 409
    assert "The price has changed since you opened this page. Nothing was started" in words(answer)
    assert "$0.30" in words(answer) and agreed_on(answer) == ["300000 USD"]
    assert not Clip.objects.exists() and not Job.objects.exists()
    assert client.post("/create/", WISH | {"agreed": "300000 USD"}).status_code == 302


def test_more_takes_cost_what_their_button_said(sign_in, mika, connect, dearer):
    connect(mika)
    client = sign_in(mika)
    client.post("/create/", WISH)
    clip = Clip.objects.get()
    one, three = agreed_on(client.get(clip.get_absolute_url()))
    dearer(300_000)

    again = client.post(f"{clip.get_absolute_url()}again/", {"agreed": one})
    varied = client.post(f"{clip.get_absolute_url()}vary/", {"agreed": three})

    assert (one, three) == ("200000 USD", "600000 USD")
    assert (again.status_code, varied.status_code) == (409, 409)
    assert Clip.objects.count() == 1


def test_a_picture_need_not_be_brought_again_when_the_price_is_refused(sign_in, mika, connect, dearer):
    connect(mika)
    dearer(300_000)

    answer = sign_in(mika).post("/create/", WISH | {"agreed": "200000 USD", "picture_file": picture_file()})

    assert answer.status_code == 409
    assert f'name="picture" value="{Picture.objects.get().pk}"' in answer.content.decode()


KNOWN, UNKNOWN = Estimate(200_000, "USD", 60), Estimate(0, "USD", 60, is_known=False)


@pytest.mark.parametrize(
    ("agreed", "estimate", "takes", "is_fine"),
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
    ],
)
def test_only_what_was_said_or_less_is_within_it(agreed, estimate, takes, is_fine):
    assert is_within(agreed, estimate, takes) is is_fine


def test_a_mark_agrees_with_itself():
    assert is_within(mark(KNOWN, 3), KNOWN, 3) and is_within(mark(UNKNOWN, 3), UNKNOWN, 3)
