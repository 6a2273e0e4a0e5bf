"""A video drawn anew and a workflow of one's own, in a real browser, with a ComfyUI played on this machine."""

import json
import re

import pytest
from playwright.sync_api import expect

from generation.providers.adapters.comfyui.workflows import shipped
from tests.browser.site import running_site
from tests.fakes.comfyui import ComfyUIFake
from tests.fakes.server import Town
from tests.generation.test_videos import film


@pytest.fixture(scope="module")
def comfy():
    fake = ComfyUIFake(film(2, size=(320, 180)), running=2)
    with Town([fake]) as town:
        fake.town = town
        yield fake


@pytest.fixture(scope="module")
def site(tmp_path_factory, comfy):
    hosts = ",".join(f"{host}:{comfy.town.server_port}" for host in ("127.0.0.1", "localhost"))
    with running_site(tmp_path_factory.mktemp("videos"), PROVIDER_PRIVATE_HOSTS=hosts) as running:
        yield running


@pytest.fixture
def connected(mika, comfy):
    page = mika.go("/settings/connections/add/?provider=comfyui").page
    page.locator("input[name=key_token]").fill(comfy.key)
    page.locator("input[name=base_url]").fill(comfy.town.url("comfyui"))
    page.get_by_role("button", name="Connect").click()
    page.wait_for_url("**/settings/connections/")
    return mika


def choose(page, content, name="my cat.mp4"):
    page.locator("input[name=video_file]").set_input_files({"name": name, "mimeType": "video/mp4", "buffer": content})


@pytest.mark.parametrize(("width", "theme"), [(375, "dark"), (1280, "light")])
def test_a_video_is_chosen_checked_and_drawn_anew(connected, width, theme):
    page = connected.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    page.goto("/create/")
    page.get_by_role("link", name="Video").click()
    page.wait_for_url("**tab=video")
    assert connected.violations() == []
    assert connected.overflow() <= 0
    page.locator("#prompt").fill(f"as anime {width}")
    choose(page, film(2 + width / 10000))
    expect(page.locator("#video-state img")).to_be_visible(timeout=60_000)
    expect(page.locator("#prompt")).to_have_value(f"as anime {width}")
    assert connected.violations() == []
    assert connected.overflow() <= 0
    page.locator("input[name=seconds]").first.evaluate("each => { each.value = 2 }")
    page.get_by_role("button", name=re.compile("Generate")).click()
    connected.wait_until_done(f"as anime {width}")


def test_what_is_no_video_is_refused_where_one_stands(connected):
    connected.expected = ("415",)
    page = connected.go("/create/?tab=video").page
    choose(page, b"not a video at all")
    expect(page.locator("[data-video-error]")).to_contain_text("not an MP4")
    expect(page.get_by_label("Choose a video")).to_be_enabled()


def test_a_video_is_sent_without_any_script(person, connected):
    plain = person(java_script_enabled=False, storage_state=connected.page.context.storage_state())
    page = plain.go("/create/?tab=video").page
    choose(page, film(1.5))
    page.get_by_role("button", name="Upload video").click()
    checked = page.locator("#video-state img")  # where it was quick
    expect(page.get_by_text("Checking").or_(checked).first).to_be_visible()


def test_a_workflow_is_brought_and_becomes_a_model(connected):
    page = connected.go("/settings/connections/").page
    page.locator(".chips a.chip:not([aria-current])").first.click()
    page.get_by_role("link", name="Workflows for ComfyUI").click()
    content = json.dumps(shipped("wan22-picture-14b")).encode()
    page.locator("input[name=file]").set_input_files(
        {"name": "Night train.json", "mimeType": "application/json", "buffer": content}
    )
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("article", has_text="Night train")).to_contain_text("from an image")
    assert connected.violations() == []
    for width in (320, 768, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        assert connected.overflow() <= 0
    page.goto("/create/?provider=comfyui")
    expect(page.locator("#model")).to_contain_text("Night train")
