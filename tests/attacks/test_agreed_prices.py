"""Nothing is drawn at a price that nobody agreed to, whatever becomes of prices between a yes and a turn."""

import pytest

from generation.models import Clip
from generation.providers.base import Estimate
from studio.drawing import services as drawing_services
from studio.drawing.quote import lay
from studio.errors import PriceChanged
from studio.models import Shot
from tests.studio.atelier import PRICE
from tests.studio.conftest import atelier, scenes, work, write  # noqa: F401 - stories and those who draw them

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(mika, write, atelier):  # noqa: F811
    return write(mika, "a girl on a hill", "a dog by the sea", provider="atelier")


def costs(engine, price):
    """None: nobody knows any more what the engine takes."""
    engine.estimate = lambda request: Estimate(price or 0, "USD", 30, is_known=price is not None)


def agreed(story, by) -> str:
    return lay(story, by=by, which="all", mode="fast").mark


def start(story, by, **more):
    return drawing_services.start_run(story=story, by=by, which="all", idem_key="k", **more)


@pytest.mark.parametrize(("before", "after"), [(0, None), (PRICE, None), (None, 0), (None, PRICE), (0, PRICE)])
def test_a_sheet_whose_price_has_become_another_or_unknown_is_shown_anew(mika, story, atelier, before, after):  # noqa: F811
    costs(atelier, before)
    seen = agreed(story, mika)
    costs(atelier, after)

    with pytest.raises(PriceChanged):
        start(story, mika, agreed=seen)


RISES = [(0, None), (PRICE, None), (0, 1), (PRICE, PRICE + 1)]
WITH_LIMIT = [(*each, {"USD": 10 * PRICE}) for each in RISES]  # without a price nothing is begun under a limit


@pytest.mark.parametrize(
    ("before", "after", "caps"), [*((*each, None) for each in RISES), (None, PRICE, None), *WITH_LIMIT]
)
def test_a_shot_is_not_asked_for_at_a_price_nobody_agreed_to(mika, story, work, atelier, before, after, caps):  # noqa: F811
    costs(atelier, before)
    run = start(story, mika, agreed=agreed(story, mika), caps=caps)
    costs(atelier, after)

    work()

    assert list(run.shots.values_list("state", flat=True)) == [Shot.State.FAILED] * 2
    assert "now higher than you agreed to" in run.shots.first().why
    assert not Clip.objects.exists()


@pytest.mark.parametrize(("before", "after"), [(0, 0), (PRICE, PRICE), (PRICE, PRICE - 1), (PRICE, 0), (None, None)])
def test_a_shot_at_the_agreed_price_or_less_is_drawn(mika, story, work, atelier, before, after):  # noqa: F811
    costs(atelier, before)
    run = start(story, mika, agreed=agreed(story, mika))
    costs(atelier, after)

    work()

    assert list(run.shots.values_list("state", flat=True)) == [Shot.State.DONE] * 2


@pytest.fixture
def failed(mika, story, work, atelier):  # noqa: F811
    """``failed(price)``: a clip that was asked for at that price and did not come."""

    def at(price):
        costs(atelier, price)
        atelier.refused.add("a girl on a hill")
        start(story, mika)
        work()
        return Clip.objects.failed().get().job

    return at


@pytest.mark.parametrize(("before", "after"), [(PRICE, PRICE + 1), (0, PRICE), (None, PRICE)])
def test_trying_again_is_no_way_to_a_price_of_yesterday(sign_in, mika, failed, atelier, before, after):  # noqa: F811
    job = failed(before)
    costs(atelier, after)

    answer = sign_in(mika).post(f"/jobs/{job.pk}/retry/", headers={"hx-request": "true"})

    assert answer.status_code == 409
    assert not job.retries.exists()


@pytest.mark.parametrize(
    ("before", "after", "held"), [(PRICE, PRICE - 1, PRICE - 1), (PRICE, None, PRICE), (None, None, 0), (0, 0, 0)]
)
def test_trying_again_keeps_aside_what_is_known_of_the_price(sign_in, mika, failed, atelier, before, after, held):  # noqa: F811
    job = failed(before)
    costs(atelier, after)

    sign_in(mika).post(f"/jobs/{job.pk}/retry/")

    assert job.retries.get().price_reserved == held
