"""A run that goes through somebody's own account buys what they said yes to, not what others wrote into it since."""

import pytest

from accounts.models import Membership
from generation.models import Clip
from generation.providers.models import Connection
from jobs.lifecycle import engine
from jobs.models import Job
from studio.characters import services as character_services
from studio.drawing import services as drawing_services
from studio.drawing.authorship import is_rewritten
from studio.drawing.quote import scenes_with_all
from studio.errors import PriceChanged
from studio.models import Run
from studio.scenes import edit_services as scene_edit_services
from studio.stories import services as story_services
from tests.attacks.test_agreed_terms import begin, others, seen, states  # noqa: F401 - who draws
from tests.studio.conftest import atelier, scenes, work, write  # noqa: F401 - stories and those who draw them

pytestmark = pytest.mark.django_db
REWRITTEN = (
    "Someone else changed this scene after you confirmed, and your own account would have been charged. "
    "Nothing was charged."
)


@pytest.fixture
def story(mika, write):  # noqa: F811
    return write(mika, "a girl on a @hill with @Aki", "a dog by the sea", provider="echo")


@pytest.fixture
def aki(mika, story):
    """Who appears in the first scene."""
    return character_services.add_character(
        workspace=story.workspace, story=story, by=mika, name="Aki", description="a tall boy"
    )


@pytest.fixture
def team(ren, story):
    Membership.objects.create(user=ren, workspace=story.workspace, role="editor")


@pytest.fixture
def own(mika):
    """The account is Mika's alone."""
    return Connection.objects.create(provider="echo", label="Mika's own", owner=mika)


@pytest.fixture
def first(story, scenes):  # noqa: F811
    return scenes(story)[0]


def rewrite(scene, by, **values):
    scene.refresh_from_db()
    scene_edit_services.edit_scene(scene=scene, by=by, rev=scene.rev, changes=values)


def walk(run):
    engine.advance(run.job_id)
    return states(run)


def add(by, story):
    character_services.add_character(
        workspace=story.workspace, story=story, by=by, name="hill", description="made of gold"
    )


DEEDS = {
    "its words": lambda by, story, scene, aki: rewrite(scene, by, prompt="an advertisement"),
    "negative prompt": lambda by, story, scene, aki: rewrite(scene, by, negative_prompt="rain"),
    "how somebody looks": lambda by, story, scene, aki: character_services.change_character(
        character=aki, by=by, changes={"description": "an advertisement"}
    ),
    "who there is": lambda by, story, scene, aki: character_services.delete_character(character=aki, by=by),
    "who is named": lambda by, story, scene, aki: add(by, story),
    "the style of all": lambda by, story, scene, aki: story_services.change_story(
        story=story, by=by, changes={"style": "noir"}
    ),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_what_somebody_else_changed_meanwhile_is_not_bought_on_ones_own_account(
    mika, ren, story, first, aki, team, own, deed
):
    run = begin(story, mika, mode="fast")

    DEEDS[deed](ren, story, first, aki)

    assert walk(run)[0] == "failed" and run.shots.get(n=1).why == REWRITTEN
    assert not Clip.objects.filter(scene_takes__scene=first, scene_takes__purpose="final").exists()
    if "style" not in deed:
        assert states(run)[1] == "asked", "the rest goes on"


@pytest.mark.parametrize("who", ["ren", "mika"])
def test_a_scene_goes_on_from_another_one_only_where_who_pays_ticked_that(request, mika, story, scenes, team, own, who):  # noqa: F811
    second = scenes(story)[1]
    alone = {"which": "one", "scene": second, "on_failure": "continue"}
    run = drawing_services.start_run(story=story, by=mika, mode="fast", idem_key="k", **alone)

    rewrite(second, request.getfixturevalue(who), follows=True)

    assert walk(run) == ["failed" if who == "ren" else "asked"]
    assert run.shots.get().why == (REWRITTEN if who == "ren" else "")


@pytest.mark.parametrize("deed", DEEDS)
def test_who_writes_alone_changes_what_they_like(mika, story, first, aki, own, deed):
    run = begin(story, mika, mode="fast")

    DEEDS[deed](mika, story, first, aki)

    assert walk(run) == ["asked"] * 2


@pytest.mark.parametrize("deed", ["its words", "negative prompt"])
def test_ones_own_words_are_bought_also_where_others_write(mika, story, first, aki, team, own, deed):
    run = begin(story, mika, mode="fast")

    DEEDS[deed](mika, story, first, aki)

    assert walk(run) == ["asked"] * 2


@pytest.fixture
def bo(mika, story):
    """Somebody who appears nowhere yet."""
    return character_services.add_character(workspace=story.workspace, by=mika, name="Bo", description="a small girl")


def correct_a_word(by, scene):
    scene.refresh_from_db()
    rewrite(scene, by, prompt=scene.prompt.replace("a girl", "one girl"))


def let_in(by, scene, character):
    character_services.cast_character(scene=scene, character=character, by=by, is_in=True)


def test_somebody_elses_character_does_not_come_in_by_a_name_in_words_that_one_wrote_oneself(
    mika, ren, story, first, aki, team, own
):
    run = begin(story, mika, mode="fast")

    correct_a_word(mika, first)
    add(ren, story)

    assert walk(run) == ["failed", "asked"] and run.shots.get(n=1).why == REWRITTEN


def test_somebody_elses_character_does_not_come_in_by_words_that_were_put_back(mika, ren, story, first, aki, team, own):
    run = begin(story, mika, mode="fast")
    before = first.prompt

    add(ren, story)
    rewrite(first, ren, prompt="an advertisement")
    rewrite(first, ren, prompt=before)

    assert walk(run) == ["failed", "asked"]


@pytest.mark.parametrize("is_before", [True, False], ids=["before", "afterwards"])
def test_whom_one_casts_oneself_is_drawn_as_they_looked_when_the_run_began(
    mika, ren, story, first, aki, bo, team, own, is_before
):
    run = begin(story, mika, mode="fast")

    for is_now in (True, False):
        if is_now == is_before:
            character_services.change_character(character=bo, by=ren, changes={"description": "an advertisement"})
        else:
            let_in(mika, first, bo)

    assert walk(run) == ["failed", "asked"] and run.shots.get(n=1).why == REWRITTEN


def test_whom_one_casts_oneself_and_somebody_else_throws_away_is_not_left_out_unasked(
    mika, ren, story, first, aki, bo, team, own
):
    run = begin(story, mika, mode="fast")

    let_in(mika, first, bo)
    character_services.delete_character(character=bo, by=ren)

    assert walk(run) == ["failed", "asked"]


def test_whom_one_casts_oneself_appears_also_where_others_write(mika, ren, story, first, aki, bo, team, own):
    run = begin(story, mika, mode="fast")

    let_in(mika, first, bo)

    assert walk(run) == ["asked"] * 2


def test_whom_one_names_oneself_appears_also_where_others_write(mika, ren, story, first, aki, bo, team, own):
    run = begin(story, mika, mode="fast")

    rewrite(first, mika, prompt="a girl with @Bo and @Aki")

    assert walk(run) == ["asked"] * 2


def test_whom_one_made_oneself_meanwhile_appears_also_where_others_write(mika, ren, story, first, aki, team, own):
    run = begin(story, mika, mode="fast")

    made = character_services.add_character(workspace=story.workspace, by=mika, name="Cy", description="an old man")
    let_in(mika, first, made)

    assert walk(run) == ["asked"] * 2


def test_whom_somebody_else_made_meanwhile_is_looked_at_before_they_are_bought(mika, ren, story, first, aki, team, own):
    run = begin(story, mika, mode="fast")

    made = character_services.add_character(
        workspace=story.workspace, by=ren, name="Cy", description="an advertisement"
    )
    let_in(mika, first, made)

    assert walk(run) == ["failed", "asked"]


def test_who_writes_last_is_who_said_it(mika, ren, story, first, aki, team, own):
    run = begin(story, mika, mode="fast")

    rewrite(first, ren, prompt="an advertisement")
    rewrite(first, mika, prompt="a girl by the sea")

    assert walk(run) == ["asked"] * 2


def test_what_was_put_back_is_what_it_was(mika, ren, story, first, aki, team, own):
    run = begin(story, mika, mode="fast")
    before = first.prompt

    rewrite(first, ren, prompt="an advertisement")
    rewrite(first, ren, prompt=before)

    assert walk(run) == ["asked"] * 2


def test_words_that_somebody_puts_back_while_they_are_read_are_not_bought(mika, ren, story, first, aki, team, own):
    run = begin(story, mika, mode="fast")

    rewrite(first, ren, negative_prompt="rain")
    (read,) = scenes_with_all(story, pk=first.pk)
    rewrite(first, ren, negative_prompt="")

    assert is_rewritten(run, run.shots.get(n=1), read)


def test_what_is_not_sent_may_be_changed(mika, ren, story, first, aki, team, own):
    run = begin(story, mika, mode="fast")

    rewrite(first, ren, note="shoot it again?", gain=3)

    assert walk(run) == ["asked"] * 2


@pytest.mark.parametrize("whose", ["the team's", "the site's"])
def test_an_account_that_all_share_pays_for_what_any_of_them_wrote(mika, ren, story, first, aki, team, whose):
    where = story.workspace if whose == "the team's" else None
    Connection.objects.create(provider="echo", label="Ours", workspace=where)
    run = begin(story, mika, mode="fast")

    rewrite(first, ren, prompt="a girl by the sea")

    assert walk(run) == ["asked"] * 2


def test_a_run_that_was_begun_before_this_was_remembered_goes_on(mika, ren, story, first, aki, team, own):
    run = begin(story, mika, mode="fast")
    Job.objects.filter(pk=run.job_id).update(params={"run": str(run.pk)})

    rewrite(first, ren, prompt="a girl by the sea")

    assert walk(run) == ["asked"] * 2


def test_an_animatic_shows_whatever_is_written(mika, ren, story, first, team, own):
    run = drawing_services.animate(story=story, by=mika, idem_key="sketches")

    rewrite(first, ren, prompt="a girl by the sea")

    assert walk(run) == ["asked"] * 2


def bring_picture(by, story, aki):
    picture = story.workspace.pictures.create(key="pictures/x.png", width=64, height=64, bytes=1, sha256="0" * 64)
    character_services.add_character_picture(character=aki, picture=picture, role="face", by=by)


MORE_DEEDS = DEEDS | {"a picture of somebody": lambda by, story, scene, aki: bring_picture(by, story, aki)}


@pytest.mark.parametrize("deed", MORE_DEEDS)
def test_what_somebody_else_writes_while_the_sheet_lies_open_is_shown_before_it_is_bought(
    mika, ren, story, first, aki, team, own, deed
):
    old = seen(story, mika, mode="fast")

    MORE_DEEDS[deed](ren, story, first, aki)
    story.refresh_from_db()  # as each request reads it

    with pytest.raises(PriceChanged):
        begin(story, mika, mode="fast", agreed=old)
    assert not Run.objects.filter(purpose="final").exists()
    begin(story, mika, mode="fast", agreed=seen(story, mika, mode="fast"))


def test_what_is_not_sent_may_be_changed_while_the_sheet_lies_open(mika, ren, story, first, aki, team, own):
    old = seen(story, mika, mode="fast")

    rewrite(first, ren, note="shoot it again?", gain=3)

    assert walk(begin(story, mika, mode="fast", agreed=old)) == ["asked"] * 2
