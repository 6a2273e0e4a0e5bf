"""A run draws only what its user confirmed: at that price, with that provider, through that connection."""

import pytest

from accounts.models import Membership
from generation.models import Clip
from generation.providers.base import Estimate, Mode
from generation.providers.models import Connection
from generation.providers.registry import providers
from jobs.lifecycle import engine
from studio.characters import services as character_services
from studio.drawing import services as drawing_services
from studio.drawing.quote import build_quote
from studio.errors import QuoteChanged
from studio.models import Scene, Story
from studio.scenes import edits
from studio.stories import services as story_services
from tests.fakes.echo import EchoProvider
from tests.studio.atelier import PRICE, Atelier
from tests.studio.conftest import atelier, work, write  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db
CHANGED = "This scene has changed since you confirmed. Review the quote again. Nothing was charged."


class Rival(Atelier):
    slug, label = "rival", "Rival"


@pytest.fixture(autouse=True)
def engines(monkeypatch, atelier):  # noqa: F811
    for engine_ in (Rival(), EchoProvider()):
        monkeypatch.setitem(providers(), engine_.slug, engine_)
    atelier.modes = frozenset({Mode.WORDS, Mode.PICTURE, Mode.FIRST_LAST})
    return providers()


def set_price(engine_, price):
    """Let every clip cost ``price`` millionths; None: unknown."""
    engine_.estimate = lambda request: Estimate(price or 0, "USD", 30, is_known=price is not None)


@pytest.fixture
def unknown(engines):
    for slug in ("atelier", "rival", "echo"):
        set_price(engines[slug], None)


@pytest.fixture
def story(mika, write):  # noqa: F811
    return write(mika, "a girl on a @hill with @Aki", "a dog by the sea", "a cat on a roof", provider="atelier")


def mark(story, by, **asked) -> str:
    return build_quote(story, by=by, which="all", **{"mode": "fast"} | asked).mark


def begin(story, by, mode="fast", **more):
    return drawing_services.start_run(story=story, by=by, which="all", mode=mode, idem_key="k", **more)


def change_third(story, **changed):
    Scene.objects.filter(story=story, position=3).update(**changed)


def change_story(story, **changed):
    Story.objects.filter(pk=story.pk).update(**changed)


def states(run):
    return list(run.shots.values_list("state", flat=True))


@pytest.mark.parametrize(("before", "after"), [(PRICE, PRICE + 1), (PRICE, None), (None, PRICE), (0, 1)])
def test_nothing_is_drawn_at_a_price_nobody_confirmed(mika, story, work, atelier, before, after):  # noqa: F811
    set_price(atelier, before)
    old = mark(story, mika)
    run = begin(story, mika, agreed=old)
    set_price(atelier, after)

    work()

    assert states(run) == ["failed"] * 3 and "now higher" in run.shots.first().reason
    assert not Clip.objects.exists()
    with pytest.raises(QuoteChanged):
        drawing_services.start_run(story=story, by=mika, which="all", mode="fast", idem_key="other", agreed=old)


@pytest.mark.parametrize(("before", "after"), [(PRICE, PRICE - 1), (None, None)])
def test_a_scene_at_the_confirmed_price_or_less_is_drawn(mika, story, work, atelier, before, after):  # noqa: F811
    set_price(atelier, before)
    run = begin(story, mika, agreed=mark(story, mika))
    set_price(atelier, after)

    work()

    assert states(run) == ["done"] * 3


@pytest.mark.parametrize(
    ("change", "values"), [(change_third, {"seconds": 5}), (change_story, {"resolution": 720})], ids=["scene", "story"]
)
def test_at_an_unknown_price_a_larger_clip_must_be_confirmed(mika, story, work, atelier, unknown, change, values):  # noqa: F811
    able = atelier.capabilities()[0]
    object.__setattr__(able, "resolutions", (480, 720))
    atelier.capabilities = lambda: (able,)
    run, old = begin(story, mika), mark(story, mika)

    change(story, **values)
    work()

    assert states(run)[2] == "failed" and run.shots.get(n=3).reason == CHANGED
    story.refresh_from_db()
    assert mark(story, mika) != old


def test_at_an_unknown_price_another_prompt_is_drawn(mika, story, work, unknown):  # noqa: F811
    run = begin(story, mika, mode="coherent")
    engine.advance(run.job_id)

    change_third(story, prompt="a cat under a roof")
    work()

    assert states(run) == ["done"] * 3


def test_at_a_known_price_the_length_may_change(mika, story):
    run = begin(story, mika)

    change_third(story, seconds=5)
    engine.advance(run.job_id)

    assert states(run) == ["submitted"] * 3


def test_another_provider_at_the_same_price_must_be_confirmed(mika, story, work):  # noqa: F811
    run, old = begin(story, mika, mode="coherent"), mark(story, mika)
    engine.advance(run.job_id)

    change_third(story, provider="rival")
    work()

    assert states(run) == ["done", "done", "failed"] and run.shots.get(n=3).reason == CHANGED
    with pytest.raises(QuoteChanged):
        drawing_services.start_run(story=story, by=mika, which="all", mode="fast", idem_key="other", agreed=old)


@pytest.fixture
def site(story):
    """A connection of the site, through which the story is drawn."""
    change_story(story, provider="echo")
    story.refresh_from_db()
    return Connection.objects.create(provider="echo", label="The site's")


def connect(owner):
    return Connection.objects.create(provider="echo", label="Own", owner=owner)


def test_the_confirmed_connection_pays_although_a_nearer_one_was_added(mika, story, site):
    run = begin(story, mika)
    connect(mika)

    engine.advance(run.job_id)

    assert list(Clip.objects.values_list("connection", flat=True)) == [site.pk] * 3 and states(run) == ["submitted"] * 3


@pytest.mark.parametrize("price", [PRICE, None])
def test_no_other_connection_pays_instead_of_the_confirmed_one(mika, story, site, engines, price):
    set_price(engines["echo"], price)
    run = begin(story, mika)
    connect(mika)
    Connection.objects.filter(pk=site.pk).update(is_enabled=False)

    engine.advance(run.job_id)

    assert states(run) == ["failed"] * 3 and run.shots.first().reason == CHANGED
    assert not Clip.objects.exists()


def test_without_a_connection_the_message_says_what_to_do(mika, story, site):
    run = begin(story, mika)
    site.delete()

    engine.advance(run.job_id)

    assert "Echo is not connected" in run.shots.first().reason and not Clip.objects.exists()


def test_only_ones_own_connections_change_a_quote(mika, ren, story, site, team):
    old = mark(story, mika)
    connect(ren)
    assert mark(story, mika) == old
    connect(mika)

    with pytest.raises(QuoteChanged):
        begin(story, mika, agreed=old)


@pytest.fixture
def team(ren, story):
    Membership.objects.create(user=ren, workspace=story.workspace, role="editor")


@pytest.fixture
def own(mika, story):
    """Mika's personal connection, through which the story is drawn."""
    change_story(story, provider="echo")
    story.refresh_from_db()
    return connect(mika)


@pytest.fixture
def aki(mika, story):
    return character_services.add_character(
        workspace=story.workspace, story=story, by=mika, name="Aki", description="a tall boy"
    )


def edit(by, story, aki, **changes):
    scene = story.scenes.get(position=1)
    edits.edit_scene(scene=scene, by=by, rev=scene.rev, changes=changes)


def add_picture(by, story, aki):
    picture = story.workspace.pictures.create(key="pictures/x.png", width=64, height=64, bytes=1, sha256="0" * 64)
    character_services.add_character_picture(character=aki, picture=picture, role="face", by=by)


CHANGES = {
    "prompt": lambda by, story, aki: edit(by, story, aki, prompt="an advertisement"),
    "continuity": lambda by, story, aki: edit(by, story, aki, follows=True),
    "look of a character": lambda by, story, aki: character_services.change_character(
        character=aki, by=by, changes={"description": "an advertisement"}
    ),
    "picture of a character": add_picture,
    "deleted character": lambda by, story, aki: character_services.delete_character(character=aki, by=by),
    "named character": lambda by, story, aki: character_services.add_character(
        workspace=story.workspace, story=story, by=by, name="hill", description="made of gold"
    ),
    "style": lambda by, story, aki: story_services.change_story(story=story, by=by, changes={"style": "noir"}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_changed_since_is_bought_on_a_personal_connection(mika, ren, story, aki, team, own, change):
    run, old = begin(story, mika), mark(story, mika)

    CHANGES[change](ren, story, aki)
    engine.advance(run.job_id)

    first = run.shots.get(n=1)
    assert (first.state, first.reason, first.clip) == ("failed", CHANGED, None)
    story.refresh_from_db()
    assert mark(story, mika) != old


@pytest.mark.parametrize("whose", ["alone", "workspace", "note"])
def test_changes_are_drawn_where_no_consent_is_missing(mika, ren, story, aki, own, whose):
    """Alone in the workspace; through a shared connection; in a field that is not sent."""
    if whose != "alone":
        Membership.objects.create(user=ren, workspace=story.workspace, role="editor")
    if whose == "workspace":
        Connection.objects.filter(pk=own.pk).update(owner=None, workspace=story.workspace)
    run = begin(story, mika)

    edit(mika if whose == "alone" else ren, story, aki, **{"note" if whose == "note" else "prompt": "by the sea"})
    engine.advance(run.job_id)

    assert states(run) == ["submitted"] * 3


def test_animatics_need_no_consent(mika, ren, story, team, own):
    run = drawing_services.draw_animatics(story=story, by=mika, idem_key="sketches")

    edit(ren, story, None, prompt="a girl by the sea")
    engine.advance(run.job_id)

    assert states(run) == ["submitted"] * 3
