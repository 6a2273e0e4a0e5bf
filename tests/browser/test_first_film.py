"""From an idea to a film that plays, on one page and in a few clicks."""

import re
import subprocess

import pytest
from playwright.sync_api import expect

from generation.media import ffmpeg
from tests.browser.fur import are_near, find_fur
from tests.browser.user import DRAWING_TIMEOUT_MS

# The film goes on where its scenes played, or waits at its beginning if all of them were seen.
GOES_ON = """(() => {
    const videos = document.querySelectorAll('cel-player video');
    return videos.length === 1 && (!window.reel.isPlaying || videos[0].currentTime > 0);
})()"""
ORANGE_TOLERANCE, BLACK_TOLERANCE = 18, 14  # nothing else is orange; the night is almost as black as a cat


@pytest.mark.deep
def test_a_chinese_idea_becomes_a_film_with_sound_on_a_phone(phone, tmp_path):
    """Three clicks: the door, the language and the button. Then look at the scenes and listen to the film."""
    page = phone.open("/stories/").page
    page.get_by_role("link", name="Make a film").first.click()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name=re.compile("中文")).first.click()
    page.get_by_label("想法").fill("两只猫在月球上开拉面馆")
    page.get_by_role("button", name="做一部影片").click()

    expect(page.locator(".first-film-scenes > li")).to_have_count(4)
    expect(page.get_by_role("progressbar", name="进度")).to_be_visible()
    expect(page.locator(".first-film-scenes .frame.line .wipe").first).to_be_visible(timeout=DRAWING_TIMEOUT_MS)
    assert phone.axe_violations() == []

    phone.wait_until("document.querySelector('cel-reel video')?.currentTime > 0", DRAWING_TIMEOUT_MS)
    assert page.locator("cel-reel video").first.evaluate("video => video.muted"), "starts by itself without sound"
    page.evaluate("window.reel = document.querySelector('cel-reel')")

    expect(page.locator("cel-player")).to_be_visible(timeout=DRAWING_TIMEOUT_MS)
    phone.wait_until(GOES_ON)
    expect(page.get_by_role("heading", name="出现的角色")).to_be_visible()
    assert (phone.axe_violations(), phone.overflow()) == ([], 0)
    if page.locator("cel-player video").evaluate("video => video.paused"):
        page.locator("cel-player [data-act=play]").first.click()
    phone.wait_until("document.querySelector('cel-player video').currentTime > 0")

    check_cats(page)
    film = tmp_path / "film.mp4"
    film.write_bytes(page.request.get(page.get_by_role("link", name="下载").get_attribute("href")).body())
    loudness, peak = listen(film)
    assert -18 <= loudness <= -14 and peak > -30


def check_cats(page) -> None:
    """Find both cats, in the colours of the story's characters, in every scene."""
    orange, black = [box.input_value() for box in page.locator("input[type=color]").all()]
    pictures = page.locator(".first-film-scenes .frame > img").evaluate_all("images => images.map(image => image.src)")
    assert len(pictures) == 4
    for number, address in enumerate(pictures, 1):
        picture = page.request.get(address).body()
        first, second = find_fur(picture, orange, ORANGE_TOLERANCE), find_fur(picture, black, BLACK_TOLERANCE)
        assert any(are_near(one, other) for one in first for other in second), f"scene {number}: {first}, {second}"


def listen(film) -> tuple[float, float]:
    """Return the integrated loudness (LUFS) and the sample peak (dBFS) of a film."""
    command = [ffmpeg.find_binary(), "-hide_banner", "-nostats", "-i", film, "-vn", "-af"]
    command += ["ebur128=peak=sample:framelog=quiet", "-f", "null", "-"]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return tuple(float(re.findall(rf"{name}:\s+(-?[\d.]+)", report)[-1]) for name in ("I", "Peak"))
