"""A draw sheet that lay open while somebody drew buys nothing a second time."""

import re

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from accounts.billing import ledger
from generation.models import Clip
from jobs import services as jobs
from jobs.lifecycle import engine
from jobs.models import Job, State
from studio.drawing import services as drawing_services
from studio.drawing import take_services
from studio.drawing.quote import lay
from studio.errors import DrawnMeanwhile, PriceChanged
from studio.models import Run, Take
from studio.scenes import services as scene_services
from studio.scenes import use_clip
from studio.storyboard.board import board
from tests.studio.atelier import PRICE

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def story(theirs):
    return theirs


def seen(story, by, which, **more) -> str:
    return lay(story, by=by, which=which, mode="fast", **more).mark


def spent(story) -> int:
    return ledger.wallet_of(story.workspace).spent


def test_one_scene_that_two_opened_is_bought_once(mika, ren, story, third, draw):
    old = seen(story, ren, "one", scene=third)
    draw("one", scene=third)

    with pytest.raises(DrawnMeanwhile):
        drawing_services.start_run(story=story, by=ren, which="one", scene=third, agreed=old, idem_key="other")
    assert (spent(story), Run.objects.count()) == (PRICE, 1)


def test_all_anew_buys_no_scene_that_was_drawn_while_its_sheet_was_open(mika, ren, story, third, draw):
    draw("all")
    old = seen(story, ren, "all")
    draw("one", scene=third)

    with pytest.raises(DrawnMeanwhile):
        drawing_services.start_run(story=story, by=ren, which="all", agreed=old, idem_key="other")
    assert spent(story) == 4 * PRICE


@pytest.mark.parametrize("which", ["one", "all"])
@pytest.mark.parametrize("is_newest", [True, False], ids=["its newest take", "an older one"])
def test_what_was_tried_again_in_the_queue_meanwhile_is_not_bought_once_more(
    mika, story, third, draw, work, atelier, which, is_newest
):
    atelier.refused = {"girl", "dog", "cat"}
    draw("one", scene=third)
    draw("one", scene=third)
    atelier.refused = set()
    take = third.takes.order_by("-created_at" if is_newest else "created_at").first()
    old = seen(story, mika, which, scene=third)

    jobs.retry(take.clip.job, by=mika)
    work()

    with pytest.raises(DrawnMeanwhile):
        drawing_services.start_run(story=story, by=mika, which=which, scene=third, agreed=old, idem_key="other")
    assert spent(story) == PRICE


def test_a_take_that_was_thrown_away_at_once_was_bought_all_the_same(mika, ren, story, third, draw):
    old = seen(story, ren, "one", scene=third)
    draw("one", scene=third)
    jobs.delete(third.takes.get().clip.job, by=mika)

    with pytest.raises(DrawnMeanwhile):
        drawing_services.start_run(story=story, by=ren, which="one", scene=third, agreed=old, idem_key="other")


def test_a_take_that_came_out_of_the_bin_meanwhile_is_looked_at_first(mika, story, third, draw):
    draw("one", scene=third)
    job = third.takes.get().clip.job
    jobs.delete(job, by=mika)
    old = seen(story, mika, "one", scene=third)
    jobs.restore(job, by=mika)

    with pytest.raises(DrawnMeanwhile):
        drawing_services.start_run(story=story, by=mika, which="one", scene=third, agreed=old, idem_key="other")


def test_what_somebody_draws_of_other_scenes_and_animatics_do_not_matter(mika, ren, story, scenes, third, draw, work):
    old = seen(story, ren, "one", scene=third)
    draw("one", scene=scenes(story)[0])
    drawing_services.animate(story=story, by=mika, idem_key="sketches")
    work()

    drawing_services.start_run(story=story, by=ren, which="one", scene=third, agreed=old, idem_key="other")
    work()

    assert Take.objects.filter(scene=third, purpose="final").count() == 1


@pytest.mark.parametrize("deed", ["thrown away", "another one chosen"])
def test_a_scene_that_would_go_on_from_another_frame_or_none_by_now_is_asked_about_again(
    mika, ren, story, scenes, draw, deed
):
    first, second, _third = scenes(story)
    older = draw("one", scene=first) and first.takes.get()
    if deed == "another one chosen":
        draw("one", scene=first)
    how = {"which": "one", "scene": second, "mode": "coherent", "on_failure": "continue"}
    old = lay(story, by=ren, **how).mark
    before = spent(story)

    if deed == "thrown away":
        jobs.delete(older.clip.job, by=mika)
    else:
        take_services.choose_take(take=older, by=mika)

    with pytest.raises(PriceChanged):
        drawing_services.start_run(story=story, by=ren, agreed=old, idem_key="other", **how)
    assert spent(story) == before and second.takes.count() == 0


def test_the_new_sheet_is_shown_with_what_happened_and_may_be_agreed_to(sign_in, ren, story, third, draw, work):
    browser, url = sign_in(ren), f"/stories/{story.pk}/draw/"
    asked = {"which": "one", "scene": third.pk}

    def told(page):
        return {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("agreed", "idem_key")}

    old = told(browser.get(url, asked, headers=HTMX).content.decode())
    draw("one", scene=third)
    refused = browser.post(url, asked | old, headers=HTMX)

    page = refused.content.decode()
    assert refused.status_code == 409
    assert "Something was drawn or removed here in the meantime. Nothing was started" in page
    assert spent(story) == PRICE
    assert browser.post(url, asked | told(page), headers=HTMX).status_code == 200
    work()
    assert spent(story) == 2 * PRICE


@pytest.fixture
def failed(story, scenes, draw, atelier):
    """The take of the second scene that came to nothing, though by now it would be drawn."""
    second = scenes(story)[1]
    atelier.refused = {"dog"}
    draw("one", scene=second)
    atelier.refused = set()
    return second.takes.get()


def states(run):
    return list(run.shots.values_list("state", flat=True))


def test_what_others_drew_while_a_run_waited_is_not_bought_once_more_and_gone_on_from(mika, ren, story, work, failed):
    run = drawing_services.start_run(story=story, by=mika, which="missing", mode="coherent", idem_key="k")
    engine.advance(run.job_id)

    jobs.retry(failed.clip.job, by=ren)
    work()

    third = board(story).panels[2]
    assert states(run) == ["done"] * 3 and spent(story) == 3 * PRICE
    assert third.playing.clip.continues_id == failed.clip_id
    assert board(story).failures == [] and board(story).missing == []
    assert board(story).panels[1].why == ""


def test_a_run_waits_for_what_others_try_again_and_draws_it_where_nothing_comes_of_that(
    mika, ren, story, work, atelier, failed
):
    run = drawing_services.start_run(story=story, by=mika, which="missing", mode="fast", idem_key="k")
    again = jobs.retry(failed.clip.job, by=ren)
    engine.advance(run.job_id)
    assert states(run) == ["asked", "waiting", "asked"]

    atelier.refused = {"dog"}
    work(again)
    atelier.refused = set()
    work()

    assert states(run) == ["done"] * 3 and spent(story) == 3 * PRICE
    assert run.shots.get(n=2).clip_id not in (None, failed.clip_id)


@pytest.fixture
def goes_on_in_the_bin(mika, failed, scenes, story):
    """``goes_on_in_the_bin(how)``: a clip of the second scene that is being drawn and was thrown away: the job that
    should be stopped."""

    def begun(how):
        again = jobs.retry(failed.clip.job, by=mika)
        if how == "brought in":
            use_clip.use_clip(clip=Clip.objects.get(job=again), by=mika, scene=scenes(story)[2])
        Job.objects.filter(pk=again.pk).update(state=State.RUNNING)  # too late to stop it where it stands
        again = jobs.delete(Job.objects.get(pk=again.pk), by=mika)
        assert again.is_active and again.deleted_at
        return again

    return begun


@pytest.mark.parametrize(("how", "n"), [("tried again", 2), ("brought in", 3)])
def test_what_goes_on_in_the_bin_is_being_drawn_all_the_same(mika, story, scenes, goes_on_in_the_bin, how, n):
    job = goes_on_in_the_bin(how)
    scene = scenes(story)[n - 1]

    sheet = lay(story, by=mika, which="one", scene=scene, mode="fast")

    assert sheet.shots == []
    assert sheet.rows[0].reasons == ["A take of this scene that is in the trash is still being drawn."]
    assert scene not in [row.scene for row in lay(story, by=mika, which="missing", mode="fast").shots]
    Job.objects.filter(pk=job.pk).update(state=State.CANCELLED)
    assert [row.scene for row in lay(story, by=mika, which="one", scene=scene, mode="fast").shots] == [scene]


@pytest.fixture
def after(mika, story, third):
    """How the third scene is drawn on what is there before it, whatever is missing."""
    return {"story": story, "by": mika, "which": "one", "scene": third, "mode": "coherent", "on_failure": "continue"}


def test_a_scene_behind_one_that_only_goes_on_in_the_bin_says_that_it_starts_anew(after, goes_on_in_the_bin):
    goes_on_in_the_bin("tried again")

    (row,) = lay(**after).shots

    assert row.notes == ["No earlier scene has a final take to continue from, so this one starts on its own."]
    (refused,) = lay(**after | {"on_failure": "stop"}).rows
    assert "no final take to start from" in refused.reasons[0] and not refused.is_in


def test_a_run_does_not_wait_to_go_on_from_what_only_goes_on_in_the_bin(after, third, goes_on_in_the_bin):
    goes_on_in_the_bin("tried again")

    run = drawing_services.start_run(idem_key="k", agreed=lay(**after).mark, **after)
    engine.advance(run.job_id)

    assert states(run) == ["asked"] and third.takes.get().clip.continues is None


def test_a_scene_behind_one_that_is_tried_again_goes_on_from_it(mika, after, failed):
    jobs.retry(failed.clip.job, by=mika)

    (row,) = lay(**after).shots

    assert row.start.is_coming and row.notes == []


def test_a_run_waits_for_what_goes_on_in_the_bin(mika, story, failed, goes_on_in_the_bin):
    run = drawing_services.start_run(story=story, by=mika, which="failed", mode="fast", idem_key="k")
    job = goes_on_in_the_bin("tried again")

    engine.advance(run.job_id)
    assert states(run) == ["waiting"]

    Job.objects.filter(pk=job.pk).update(state=State.CANCELLED)
    Job.objects.filter(pk=run.job_id).update(next_run_at=Now())
    engine.advance(run.job_id)
    assert states(run) == ["asked"]


def test_a_clip_that_was_brought_into_a_scene_while_a_run_waited_is_a_take_of_it(mika, ren, story, scenes, draw, work):
    draw("one", scene=scenes(story)[0])
    clip = scenes(story)[0].takes.get().clip
    run = drawing_services.start_run(story=story, by=mika, which="missing", mode="coherent", idem_key="k")

    use_clip.use_clip(clip=clip, by=ren, scene=scenes(story)[2])
    work()

    assert states(run) == ["done"] * 2 and spent(story) == 2 * PRICE
    assert "drawn meanwhile" in run.shots.get(n=2).why


@pytest.mark.parametrize("which", ["one", "all", "stale"])
def test_an_older_take_that_comes_out_of_the_bin_does_not_stand_for_the_one_that_was_agreed_to(
    mika, ren, story, third, draw, work, key, which
):
    draw("one", scene=third)
    draw("one", scene=third)
    Take.objects.filter(scene=third).update(stale_since=timezone.now())
    older = third.takes.earliest("created_at").clip.job
    jobs.delete(older, by=mika)
    run = drawing_services.start_run(story=story, by=mika, which=which, scene=third, idem_key=key())

    jobs.restore(older, by=ren)
    work()

    assert third.takes.filter(clip__ready_at__isnull=False).count() == 3
    assert run.shots.get(scene=third).clip_id and not run.shots.exclude(why="").exists()


def test_what_comes_out_of_the_bin_while_a_run_waits_is_taken_where_nothing_played(mika, ren, story, third, draw, work):
    draw("one", scene=third)
    job = third.takes.get().clip.job
    jobs.delete(job, by=mika)
    run = drawing_services.start_run(story=story, by=mika, which="missing", idem_key="k")

    jobs.restore(job, by=ren)
    work()

    assert third.takes.count() == 1 and "drawn meanwhile" in run.shots.get(scene=third).why


def test_a_failed_scene_can_be_tried_again_once_what_others_brought_into_it_is_thrown_away(
    mika, ren, story, scenes, draw, work, failed
):
    draw("one", scene=scenes(story)[0])
    clip = scenes(story)[0].takes.get().clip
    run = drawing_services.start_run(story=story, by=mika, which="missing", idem_key="k")
    use_clip.use_clip(clip=clip, by=ren, scene=failed.scene)
    work()
    assert "drawn meanwhile" in run.shots.get(scene=failed.scene).why and board(story).failures == []

    jobs.delete(clip.job, by=mika)

    second = board(story).panels[1]
    assert second.has_failed and second.why == failed.clip.job.error_public
    assert [row.scene for row in lay(story, by=mika, which="failed", mode="fast").shots] == [failed.scene]


def test_the_mark_of_many_scenes_is_short_enough_to_be_sent_with_each_change(mika, story, scenes):
    for scene in scenes(story) * 5:
        scene_services.duplicate_scene(scene=scene, by=mika)

    assert len(seen(story, mika, "all")) < 100
