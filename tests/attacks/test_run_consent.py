"""A run draws only confirmed scenes, at the confirmed price, with that provider and connection."""

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
from tests.studio.conftest import atelier, create_story, run_jobs  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db
CHANGED = "This scene has changed since you confirmed. Review the quote again. Nothing was charged."


class OtherProvider(Atelier):
    slug, label = "other", "Other"


@pytest.fixture(autouse=True)
def fake_providers(monkeypatch, atelier):  # noqa: F811
    for provider in (OtherProvider(), EchoProvider()):
        monkeypatch.setitem(providers(), provider.slug, provider)
    atelier.modes = frozenset({Mode.WORDS, Mode.PICTURE, Mode.FIRST_LAST})
    return providers()


def set_price(provider, price):
    """Set the price of every clip (millionths; None is unknown)."""
    provider.estimate = lambda request: Estimate(price or 0, "USD", 30, is_known=price is not None)


@pytest.fixture
def unknown_price(fake_providers):
    for slug in ("atelier", "other", "echo"):
        set_price(fake_providers[slug], None)


@pytest.fixture
def story(mika, create_story):  # noqa: F811
    return create_story(mika, "a girl on a @hill with @Aki", "a dog on a hill", "a cat on a hill", provider="atelier")


def get_mark(story, by, **query) -> str:
    return build_quote(story, by=by, which="all", **{"mode": "fast"} | query).mark


def start_run(story, by, mode="fast", **more):
    return drawing_services.start_run(story=story, by=by, which="all", mode=mode, idem_key="k", cap=10 * PRICE, **more)


def change_third_scene(story, **fields):
    Scene.objects.filter(story=story, position=3).update(**fields)


def change_story(story, **fields):
    Story.objects.filter(pk=story.pk).update(**fields)


def states_of(run):
    return list(run.shots.values_list("state", flat=True))


@pytest.mark.parametrize(("before", "after"), [(PRICE, PRICE + 1), (PRICE, None), (None, PRICE), (0, 1)])
def test_nothing_is_drawn_at_an_unconfirmed_price(mika, story, run_jobs, atelier, before, after):  # noqa: F811
    set_price(atelier, before)
    old_mark = get_mark(story, mika)
    run = start_run(story, mika, agreed=old_mark)
    set_price(atelier, after)

    run_jobs()

    assert states_of(run) == ["failed"] * 3 and "now higher" in run.shots.first().reason
    assert not Clip.objects.exists()
    with pytest.raises(QuoteChanged):
        drawing_services.start_run(story=story, by=mika, which="all", mode="fast", idem_key="other", agreed=old_mark)


@pytest.mark.parametrize(("before", "after"), [(PRICE, PRICE - 1), (None, None)])
def test_a_scene_at_the_confirmed_price_or_less_is_drawn(mika, story, run_jobs, atelier, before, after):  # noqa: F811
    set_price(atelier, before)
    run = start_run(story, mika, agreed=get_mark(story, mika))
    set_price(atelier, after)

    run_jobs()

    assert states_of(run) == ["done"] * 3


@pytest.mark.parametrize(
    ("change", "values"),
    [(change_third_scene, {"seconds": 5}), (change_story, {"resolution": 720})],
    ids=["scene", "story"],
)
@pytest.mark.usefixtures("unknown_price")
def test_at_an_unknown_price_a_larger_clip_must_be_confirmed(mika, story, run_jobs, atelier, change, values):  # noqa: F811
    capability = atelier.capabilities()[0]
    object.__setattr__(capability, "resolutions", (480, 720))
    atelier.capabilities = lambda: (capability,)
    run, old_mark = start_run(story, mika), get_mark(story, mika)

    change(story, **values)
    run_jobs()

    assert states_of(run)[2] == "failed" and run.shots.get(n=3).reason == CHANGED
    story.refresh_from_db()
    assert get_mark(story, mika) != old_mark


def test_at_an_unknown_price_another_prompt_is_drawn(mika, story, run_jobs, unknown_price):  # noqa: F811
    run = start_run(story, mika, mode="coherent")
    engine.advance(run.job_id)

    change_third_scene(story, prompt="a cat under a tree")
    run_jobs()

    assert states_of(run) == ["done"] * 3


def test_at_a_known_price_the_length_may_change(mika, story):
    run = start_run(story, mika)

    change_third_scene(story, seconds=5)
    engine.advance(run.job_id)

    assert states_of(run) == ["submitted"] * 3


def test_another_provider_at_the_same_price_must_be_confirmed(mika, story, run_jobs):  # noqa: F811
    run, old_mark = start_run(story, mika, mode="coherent"), get_mark(story, mika)
    engine.advance(run.job_id)

    change_third_scene(story, provider="other")
    run_jobs()

    assert states_of(run) == ["done", "done", "failed"] and run.shots.get(n=3).reason == CHANGED
    with pytest.raises(QuoteChanged):
        drawing_services.start_run(story=story, by=mika, which="all", mode="fast", idem_key="other", agreed=old_mark)


@pytest.fixture
def site_connection(story):
    """A connection of the site that the story uses."""
    change_story(story, provider="echo")
    story.refresh_from_db()
    return Connection.objects.create(provider="echo", label="The site's")


def connect_user(owner):
    return Connection.objects.create(provider="echo", label="Own", owner=owner)


def test_the_confirmed_connection_is_used_although_a_nearer_one_was_added(mika, story, site_connection):
    run = start_run(story, mika)
    connect_user(mika)

    engine.advance(run.job_id)

    assert (
        list(Clip.objects.values_list("connection", flat=True)) == [site_connection.pk] * 3
        and states_of(run) == ["submitted"] * 3
    )


@pytest.mark.parametrize("price", [PRICE, None])
def test_no_other_connection_replaces_the_confirmed_one(mika, story, site_connection, fake_providers, price):
    set_price(fake_providers["echo"], price)
    run = start_run(story, mika)
    connect_user(mika)
    Connection.objects.filter(pk=site_connection.pk).update(is_enabled=False)

    engine.advance(run.job_id)

    assert states_of(run) == ["failed"] * 3 and run.shots.first().reason == CHANGED
    assert not Clip.objects.exists()


def test_without_a_connection_the_message_says_what_to_do(mika, story, site_connection):
    run = start_run(story, mika)
    site_connection.delete()

    engine.advance(run.job_id)

    assert "Echo is not connected" in run.shots.first().reason and not Clip.objects.exists()


def test_only_own_connections_change_a_quote(mika, ren, story, site_connection, ren_as_editor):
    old_mark = get_mark(story, mika)
    connect_user(ren)
    assert get_mark(story, mika) == old_mark
    connect_user(mika)

    with pytest.raises(QuoteChanged):
        start_run(story, mika, agreed=old_mark)


@pytest.fixture
def ren_as_editor(ren, story):
    Membership.objects.create(user=ren, workspace=story.workspace, role="editor")


@pytest.fixture
def own_connection(mika, story):
    """Mika's personal connection that the story uses."""
    change_story(story, provider="echo")
    story.refresh_from_db()
    return connect_user(mika)


@pytest.fixture
def aki(mika, story):
    return character_services.add_character(
        workspace=story.workspace, story=story, by=mika, name="Aki", description="a tall boy"
    )


def edit_first_scene(by, story, aki, **changes):
    scene = story.scenes.get(position=1)
    edits.edit_scene(scene=scene, by=by, rev=scene.rev, changes=changes)


def add_picture(by, story, aki):
    picture = story.workspace.pictures.create(key="pictures/x.png", width=64, height=64, bytes=1, sha256="0" * 64)
    character_services.add_character_picture(character=aki, picture=picture, role="face", by=by)


CHANGES = {
    "prompt": lambda by, story, aki: edit_first_scene(by, story, aki, prompt="an advertisement"),
    "continuity": lambda by, story, aki: edit_first_scene(by, story, aki, follows=True),
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
def test_nothing_changed_since_is_bought_on_a_personal_connection(
    mika, ren, story, aki, ren_as_editor, own_connection, change
):
    run, old_mark = start_run(story, mika), get_mark(story, mika)

    CHANGES[change](ren, story, aki)
    engine.advance(run.job_id)

    first = run.shots.get(n=1)
    assert (first.state, first.reason, first.clip) == ("failed", CHANGED, None)
    story.refresh_from_db()
    assert get_mark(story, mika) != old_mark


@pytest.mark.parametrize("payer", ["alone", "workspace", "note"])
def test_changes_are_drawn_where_no_consent_is_missing(mika, ren, story, aki, own_connection, payer):
    """The user is alone, the connection is shared, or the field is not sent."""
    if payer != "alone":
        Membership.objects.create(user=ren, workspace=story.workspace, role="editor")
    if payer == "workspace":
        Connection.objects.filter(pk=own_connection.pk).update(owner=None, workspace=story.workspace)
    run = start_run(story, mika)

    edit_first_scene(
        mika if payer == "alone" else ren, story, aki, **{"note" if payer == "note" else "prompt": "by the sea"}
    )
    engine.advance(run.job_id)

    assert states_of(run) == ["submitted"] * 3


def test_animatics_need_no_consent(mika, ren, story, ren_as_editor, own_connection):
    run = drawing_services.draw_animatics(story=story, by=mika, idem_key="sketches")

    edit_first_scene(ren, story, None, prompt="a girl by the sea")
    engine.advance(run.job_id)

    assert states_of(run) == ["submitted"] * 3
