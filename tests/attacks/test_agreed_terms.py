"""A yes to a sheet is about who draws, through whose account, and, without a price, how much: no more is bought."""

import pytest

from accounts.billing import ledger
from accounts.models import Membership
from generation.models import Clip
from generation.providers.base import Estimate, Mode
from generation.providers.models import Connection
from generation.providers.registry import providers
from jobs.lifecycle import engine
from studio.drawing import services as drawing_services
from studio.drawing.quote import lay
from studio.errors import PriceChanged
from studio.models import Scene, Shot, Story
from tests.fakes.echo import EchoProvider
from tests.studio.atelier import PRICE, Atelier
from tests.studio.conftest import atelier, scenes, work, write  # noqa: F401 - stories and those who draw them

pytestmark = pytest.mark.django_db
CHANGED = "This scene has changed since you confirmed. Review the quote again. Nothing was charged."


class Rival(Atelier):
    """Another one, at the same price."""

    slug, label = "rival", "Rival"


@pytest.fixture(autouse=True)
def others(monkeypatch, atelier):  # noqa: F811
    """Who else draws: here, and elsewhere through accounts."""
    for each in (Rival(), EchoProvider()):
        monkeypatch.setitem(providers(), each.slug, each)
    atelier.modes = frozenset({Mode.WORDS, Mode.PICTURE, Mode.FIRST_LAST})
    return providers()


@pytest.fixture
def unknown(others):
    """Nobody knows what anybody takes."""
    for slug in ("atelier", "rival", "echo"):
        others[slug].estimate = lambda request: Estimate(0, "USD", 30, is_known=False)


@pytest.fixture
def story(mika, write):  # noqa: F811
    return write(mika, "a girl on a hill", "a dog by the sea", "a cat on a roof", provider="atelier")


@pytest.fixture
def frame(mika):
    where = mika.workspaces.get()
    return where.pictures.create(key="pictures/x.png", width=64, height=64, bytes=1, sha256="0" * 64)


def seen(story, by, **how) -> str:
    return lay(story, by=by, which="all", **{"mode": "coherent"} | how).mark


def begin(story, by, mode="coherent", **more):
    return drawing_services.start_run(story=story, by=by, which="all", mode=mode, idem_key="k", **more)


def third(story, **changed):
    Scene.objects.filter(story=story, position=3).update(**changed)


def whole(story, **changed):
    Story.objects.filter(pk=story.pk).update(**changed)


def states(run):
    return list(run.shots.values_list("state", flat=True))


OTHER_WORK = [
    (third, {"seconds": 5}),
    (third, {"provider": "rival"}),
    (whole, {"resolution": 720}),
    (whole, {"provider": "rival"}),
]


@pytest.mark.parametrize(("where", "changed"), OTHER_WORK)
def test_without_a_price_a_longer_or_another_scene_is_no_part_of_the_yes(
    mika, story, work, others, unknown, where, changed  # noqa: F811
):  # fmt: skip
    for slug in ("atelier", "rival"):
        able = others[slug].capabilities()[0]
        object.__setattr__(able, "resolutions", (480, 720))
        others[slug].capabilities = lambda able=able: (able,)
    run = begin(story, mika)
    engine.advance(run.job_id)

    where(story, **changed)
    work()

    drawn = 2 if where is third else 1
    assert states(run)[: drawn + 1] == ["done"] * drawn + ["failed"]
    assert run.shots.get(n=drawn + 1).why == CHANGED
    assert Clip.objects.count() == drawn


@pytest.mark.parametrize("is_last", [True, False])
def test_without_a_price_a_picture_that_makes_it_another_sort_of_work_is_no_part_of_the_yes(
    mika, story, work, unknown, frame, is_last  # noqa: F811
):  # fmt: skip
    run = begin(story, mika, mode="fast")

    third(story, **{"last_frame" if is_last else "first_frame": frame})
    engine.advance(run.job_id)

    assert states(run) == ["asked", "asked", "failed"]
    assert run.shots.get(n=3).why == CHANGED


def test_without_a_price_what_changes_nothing_of_the_work_is_drawn(mika, story, scenes, work, unknown, frame):  # noqa: F811
    """It starts on the frame before: a first frame of its own is not used. Nor do its words make it dearer."""
    run = begin(story, mika)
    engine.advance(run.job_id)

    third(story, first_frame=frame, prompt="a cat under a roof")
    work()

    assert states(run) == ["done"] * 3


def test_without_a_price_a_scene_starts_anew_past_a_failed_one_as_was_agreed(mika, story, work, atelier, unknown):  # noqa: F811
    atelier.refused = {"girl"}

    run = begin(story, mika, on_failure="continue")
    work()

    assert states(run) == ["failed", "done", "done"]


def test_another_provider_at_the_very_same_price_is_no_part_of_the_yes(mika, story, work):  # noqa: F811
    run = begin(story, mika)
    engine.advance(run.job_id)

    third(story, provider="rival")
    work()

    assert states(run) == ["done", "done", "failed"]
    assert run.shots.get(n=3).why == CHANGED
    assert ledger.wallet_of(story.workspace).spent == 2 * PRICE


def test_at_a_known_price_the_length_may_change(mika, story):
    run = begin(story, mika, mode="fast")

    third(story, seconds=5)
    engine.advance(run.job_id)

    assert states(run) == ["asked"] * 3


def test_a_run_that_was_begun_before_this_was_written_down_goes_on(mika, story, unknown):
    run = begin(story, mika, mode="fast")
    Shot.objects.filter(run=run).update(terms={})

    third(story, seconds=5, provider="rival")
    engine.advance(run.job_id)

    assert states(run) == ["asked"] * 3


@pytest.mark.parametrize(("where", "changed"), [*OTHER_WORK[:2], OTHER_WORK[3]])
def test_a_sheet_that_was_made_before_such_a_change_is_an_older_one(mika, story, unknown, where, changed):
    old = seen(story, mika)
    where(story, **changed)
    story.refresh_from_db()

    with pytest.raises(PriceChanged):
        begin(story, mika, agreed=old)


def test_a_sheet_of_another_provider_at_the_same_price_is_an_older_one(mika, story):
    old = seen(story, mika)
    third(story, provider="rival")

    with pytest.raises(PriceChanged):
        begin(story, mika, agreed=old)


@pytest.fixture
def elsewhere(story):
    """Echo draws it, through an account of the site."""
    whole(story, provider="echo")
    story.refresh_from_db()
    return Connection.objects.create(provider="echo", label="The site's")


def test_the_nearest_account_of_the_moment_of_the_yes_is_the_one_that_pays(mika, story, elsewhere):
    run = begin(story, mika, mode="fast")
    Connection.objects.create(provider="echo", label="Mika's own", owner=mika)

    engine.advance(run.job_id)

    assert set(Clip.objects.values_list("connection", flat=True)) == {elsewhere.pk}
    assert Clip.objects.count() == 3


@pytest.mark.parametrize("is_known", [True, False])
def test_no_other_account_pays_where_that_one_may_not_be_used_any_more(mika, story, elsewhere, others, is_known):
    others["echo"].estimate = lambda request: Estimate(PRICE if is_known else 0, "USD", 30, is_known=is_known)
    run = begin(story, mika, mode="fast")
    Connection.objects.create(provider="echo", label="Mika's own", owner=mika)
    Connection.objects.filter(pk=elsewhere.pk).update(is_enabled=False)

    engine.advance(run.job_id)

    assert states(run) == ["failed"] * 3 and run.shots.first().why == CHANGED
    assert not Clip.objects.exists()


def test_without_any_account_it_says_what_to_do(mika, story, elsewhere):
    run = begin(story, mika, mode="fast")
    elsewhere.delete()

    engine.advance(run.job_id)

    assert "Echo is not connected" in run.shots.first().why and not Clip.objects.exists()


def test_a_sheet_that_was_made_before_another_account_came_nearer_is_an_older_one(mika, ren, story, elsewhere):
    Membership.objects.create(user=ren, workspace=story.workspace, role="editor")
    old = seen(story, mika, mode="fast")
    Connection.objects.create(provider="echo", label="Ren's own", owner=ren)
    assert seen(story, mika, mode="fast") == old, "nobody else's account matters"
    Connection.objects.create(provider="echo", label="Mika's own", owner=mika)

    with pytest.raises(PriceChanged):
        begin(story, mika, mode="fast", agreed=old)
