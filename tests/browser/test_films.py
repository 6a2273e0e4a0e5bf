"""From an idea to a film: animatics, one scene drawn at a paid provider, another join, merged, watched, downloaded."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.look_over import trouble
from tests.browser.person import DRAWN_MS, Person
from tests.browser.site import ROOT, running_site
from tests.browser.test_stories import begin
from tests.fakes.kling import KlingFake
from tests.fakes.server import Town

CONNECT = "from tests.elsewhere.studio import connect; connect('kling', {url!r}, {{'api_key': {key!r}}})"


def moving_picture(path) -> bytes:
    """Two seconds in which something moves, as a provider would send it."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for n in range(48):
            picture = np.full((360, 640, 3), 40, np.uint8)
            picture[80:240, 8 * n : 8 * n + 120] = (220, 120, 60)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    return path.read_bytes()


@pytest.fixture(scope="module")
def kling(tmp_path_factory):
    """A paid provider that is not there."""
    fake = KlingFake(moving_picture(tmp_path_factory.mktemp("kling") / "film.mp4"), queued=0.2, running=0.5)
    with Town([fake]) as town:
        fake.address = town.url("kling")
        yield fake


@pytest.fixture(scope="module")
def studio(kling, tmp_path_factory):
    """A site that has an account there."""
    port = kling.address.split("/")[2].partition(":")[2]
    host = f"127.0.0.1:{port},localhost:{port}"  # as with every cloud, films lie elsewhere than the API
    with running_site(tmp_path_factory.mktemp("films"), PROVIDER_PRIVATE_HOSTS=host, JOB_LEASE_SECONDS="30") as site:
        environment = os.environ | {"TAPWARI_VAR": str(site.folder)}
        command = [sys.executable, "manage.py", "shell", "-c", CONNECT.format(url=kling.address, key=kling.key)]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        yield site


@pytest.fixture
def window(studio, chromium):
    opened = []

    def open_window(**more):
        size = {"width": more.pop("width", 1280), "height": more.pop("height", 900)}
        context = chromium.new_context(viewport=size, base_url=studio.url, locale="en-GB", **more)
        context.set_default_timeout(60_000)
        opened.append(Person(context, f"director{len(opened)}-{os.urandom(3).hex()}@example.test"))
        return opened[-1]

    yield open_window
    complaints = [line for each in opened for line in each.complaints]
    for each in opened:
        each.page.context.close()
    assert complaints == []


def make(page) -> None:
    """Press the button and wait until the newest version can be watched."""
    before = versions(page).count()
    page.get_by_role("button", name=re.compile("^Make the film")).click()
    expect(versions(page)).to_have_count(before + 1)
    newest = versions(page).first
    expect(newest.get_by_role("link", name="Watch")).to_be_visible(timeout=DRAWN_MS)


def draw(page, story: str, n: int, engine: str) -> None:
    """Have one scene drawn as a final take, after its price was said."""
    page.goto(story)
    scene = page.locator(".ekr").nth(n - 1).get_attribute("data-id")
    page.goto(f"/stories/scenes/{scene}/")
    page.locator(".ed details summary", has_text="Style, transition").click()
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.ok):
        page.locator(".ed [name=engine]").select_option(engine)
    page.locator(".ed a.pri").click()
    page.get_by_role("button", name="Draw 1 scene").click()
    page.wait_for_url(f"**{story}**")
    expect(page.locator(".ekr").nth(n - 1)).to_have_attribute("data-look", "done", timeout=DRAWN_MS)


def play_to_the_end(person) -> dict:
    page = person.page
    page.evaluate("""() => { const film = document.querySelector("cel-player video");
        film.muted = true; film.playbackRate = 4; film.play(); }""")
    person.wait_until("document.querySelector('cel-player video').ended", milliseconds=60_000)
    return page.evaluate("""() => { const film = document.querySelector("cel-player video");
        return {at: film.currentTime, length: film.duration, wide: film.videoWidth, error: film.error}; }""")


def test_an_idea_becomes_a_film_that_plays_to_its_last_frame(studio, kling, window):
    mika = window()
    mika.sign_up()
    page = mika.page
    story = begin(mika, "a girl on a hill", "a dog by the sea", "a cat on a roof")
    expect(page.locator(".ekr[data-look=animatic]")).to_have_count(3, timeout=DRAWN_MS)
    page.get_by_role("link", name="Film", exact=True).click()
    expect(page.locator("#film-make")).to_contain_text("Scenes 1, 2 and 3 play as animatics.")
    make(page)
    expect(versions(page).first).to_contain_text("15+00")

    page.goto(f"{story}settings/")
    page.get_by_label("Drawing mode").select_option("coherent")
    page.get_by_role("button", name="Save").click()
    draw(page, story, 1, "kling|")
    draw(page, story, 2, "kling|")
    first, second = kling.created
    assert "image" not in first.request
    assert second.request["image"], "it starts on the last frame of the scene before"

    page.goto(f"{story}film/")
    with page.expect_response(lambda answer: "/join/" in answer.url):
        page.locator("#row-1 [name=join_kind]").select_option("crossfade")
    page.locator("#row-1 [name=join_frames]").fill("24")
    page.locator("#row-1 [name=join_frames]").press("Tab")
    expect(page.locator("#film-facts")).to_contain_text("08+00")
    expect(page.locator("#film-make")).to_contain_text("2 of 3 scenes are final. Scene 3 plays as an animatic.")
    make(page)
    versions(page).first.get_by_role("link", name="Watch").click()
    page.wait_for_url("**/films/*-*/")
    watch(mika)
    download(page, studio)


def watch(person) -> None:
    """The film lasts eight seconds and is seen to its last frame; its third scene begins at the third second."""
    page, seen = person.page, play_to_the_end(person)
    assert seen["error"] is None and seen["wide"] == 1280
    assert abs(seen["length"] - 8) < 1 / 24 and seen["at"] >= seen["length"] - 1 / 24

    page.evaluate("""() => { const film = document.querySelector("cel-player video");
        film.playbackRate = 1;
        const land = () => { window.landedAt = film.currentTime; film.pause(); };
        film.addEventListener("seeked", land, {once: true}); }""")
    page.locator("[data-chapter]").nth(2).click()
    person.wait_until("window.landedAt !== undefined")
    assert 3 <= page.evaluate("window.landedAt") < 4
    expect(page.locator("[data-chapter]").nth(2)).to_have_attribute("aria-current", "true")


def download(page, studio) -> None:
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download").click()
    content = Path(coming.value.path()).read_bytes()
    stored = [path.read_bytes() for path in (studio.folder / "media/films").rglob("film.mp4")]
    assert content in stored and len(stored) == 2
    expect(page.locator(".bag")).to_contain_text(hashlib.sha256(content).hexdigest())


@pytest.fixture(scope="module")
def told(studio, chromium):
    """A story of two scenes with two versions of its film, made once: who wrote it, and where its film is made."""
    context = chromium.new_context(base_url=studio.url, locale="en-GB")
    mika = Person(context, "versions@example.test").sign_up()
    story = begin(mika, "a girl on a hill", "a dog by the sea")
    page = mika.page
    expect(page.locator(".ekr[data-look=animatic]")).to_have_count(2, timeout=DRAWN_MS)
    page.goto(f"{story}film/")
    make(page)
    join_by(page, "iris")
    make(page)
    state = context.storage_state()
    context.close()
    assert mika.complaints == []
    return state, f"{story}film/"


@pytest.fixture
def two_versions(told, window):
    """Mika where that film is made, with an iris between the scenes; other walks may have made more versions."""
    state, film = told
    mika = window(storage_state=state).go(film)
    if mika.page.locator("#row-1 [name=join_kind]").input_value() != "iris":
        join_by(mika.page, "iris")
    mika.go(film)
    return mika


def join_by(page, kind: str) -> None:
    with page.expect_response(lambda answer: "/join/" in answer.url):
        page.locator("#row-1 [name=join_kind]").select_option(kind)


def versions(page):
    return page.locator("#film-versions article")


def test_versions_are_compared_named_thrown_away_and_brought_back(two_versions):
    page = two_versions.page
    n = versions(page).count()
    versions(page).first.get_by_role("link", name="Watch").click()
    page.get_by_role("link", name="Rename").click()
    page.get_by_label("Name", exact=True).fill("With an iris")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="With an iris")).to_be_visible()

    page.get_by_role("link", name="Compare With an iris with Version 1").click()
    expect(page.locator("cel-player")).to_have_count(2)
    expect(page.get_by_text("Some transitions differ.")).to_be_visible()
    page.get_by_role("link", name="Back to one version").click()

    page.get_by_role("button", name="Delete").click()
    expect(versions(page)).to_have_count(n - 1)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="With an iris")).to_be_visible()


def test_the_film_is_made_by_keyboard_alone_and_its_pages_are_right_for_everyone(two_versions):
    page = two_versions.page
    page.locator("#row-1 [name=join_kind]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("6")
    page.keyboard.press("Tab")
    expect(page.locator("#film-facts")).to_contain_text("09+18")
    n = versions(page).count()
    page.locator("#film-name").focus()
    page.keyboard.type("By keyboard")
    page.keyboard.press("Enter")
    expect(versions(page)).to_have_count(n + 1)
    expect(versions(page).first).to_contain_text("By keyboard")

    assert two_versions.violations() == []
    versions(page).nth(1).get_by_role("link", name="Watch").click()
    page.wait_for_url("**/films/*-*/")
    assert two_versions.violations() == []


SLOWLY = """() => {
  const send = window.fetch;
  window.fetch = async (...asked) => {
    if (String(asked[0]).includes("/join/")) await new Promise((done) => setTimeout(done, 800));
    return send(...asked);
  };
}"""


def test_what_was_changed_just_before_the_button_is_pressed_is_in_the_film(two_versions):
    page = two_versions.page
    page.evaluate(SLOWLY)
    page.locator("#row-1 [name=join_kind]").select_option("cut")

    make(page)

    expect(page.locator("#film-note")).to_be_empty()
    expect(versions(page).first).to_contain_text("10+00")


def test_a_second_change_before_the_first_is_saved_is_saved_as_well(two_versions):
    page = two_versions.page
    page.evaluate(SLOWLY)
    join = page.locator("#row-1 [name=join_kind]")
    with (
        page.expect_response("**/join/"),
        page.expect_response(lambda answer: "fade_black" in (answer.request.post_data or "")),
    ):
        join.select_option("cut")
        join.select_option("fade_black")

    expect(page.locator("#film-note")).to_be_empty()
    page.reload()
    expect(join).to_have_value("fade_black")


def test_of_many_changes_of_one_length_the_last_is_kept(two_versions):
    page = two_versions.page
    page.evaluate(SLOWLY)
    frames = page.locator("#row-1 [name=join_frames]")
    with page.expect_response(
        lambda answer: re.search(r"join_frames\W+24\b", answer.request.post_data or "") is not None
    ):
        for each in (20, 22, 24):
            frames.fill(str(each))
            frames.press("Tab")

    expect(page.locator("#film-note")).to_be_empty()
    page.reload()
    expect(frames).to_have_value("24")


def test_a_change_that_waits_takes_back_nothing_that_somebody_else_changed_meanwhile(two_versions, window):
    page = two_versions.page
    other = window(storage_state=page.context.storage_state()).go(page.url).page
    page.evaluate(SLOWLY)
    join, frames = (page.locator(f"#row-1 [name={name}]") for name in ("join_kind", "join_frames"))
    with page.expect_response(lambda answer: "wipe" in (answer.request.post_data or "")):
        join.select_option("crossfade")
        join.select_option("wipe")
        with other.expect_response("**/join/"):
            other.locator("#row-1 [name=join_frames]").fill("18")
            other.locator("#row-1 [name=join_frames]").press("Tab")

    expect(page.locator("#film-note")).to_be_empty()
    page.reload()
    expect(join).to_have_value("wipe")
    expect(frames).to_have_value("18")


def test_without_a_script_the_film_is_made_and_watched(two_versions, window):
    state = two_versions.page.context.storage_state()
    address = two_versions.page.url
    plain = window(java_script_enabled=False, storage_state=state)
    page = plain.go(address).page
    n = versions(page).count()
    page.locator("#row-1 [name=join_kind]").select_option("cut")
    page.locator("#row-1").get_by_role("button", name="Save").click()
    expect(page.locator("#film-facts")).to_contain_text("10+00")
    page.get_by_role("button", name=re.compile("^Make the film")).click()

    expect(versions(page)).to_have_count(n + 1)
    versions(page).last.get_by_role("link", name="Watch").click()
    expect(page.locator("video[controls]")).to_be_visible()


def test_its_pages_fit_every_window_and_are_clean_to_axe(two_versions):
    page = two_versions.page
    asked = {"light": (320, 768, 1920), "dark": (320, 1920)}
    found = trouble(two_versions, "where it is made", asked)
    versions(page).last.get_by_role("link", name="Watch").click()
    page.wait_for_url("**/films/*-*/")
    found += trouble(two_versions, "the film", asked)

    assert not found, "\n".join(found)
