"""Video to video and uploaded workflows, with a fake ComfyUI."""

import json
import re

import pytest
from playwright.sync_api import expect

from generation.providers.adapters.comfyui.workflows import load_shipped
from tests.browser.media import moving_video, mp4_upload


@pytest.fixture
def comfyui_user(mika, providers):
    page = mika.open("/settings/connections/add/?provider=comfyui").page
    page.locator("input[name=key_token]").fill(providers.comfyui.key)
    page.locator("input[name=base_url]").fill(providers.fake_server.url("comfyui"))
    page.get_by_role("button", name="Connect", exact=True).click()
    page.wait_for_url("**/settings/connections/")
    return mika


def upload(page, content):
    page.locator("input[name=video_file]").set_input_files(mp4_upload(content))


def add_workflow(comfyui_user):
    """Upload a workflow, which becomes a model on Create."""
    page = comfyui_user.open("/settings/connections/").page
    page.locator(".chips a.chip:not([aria-current])").first.click()
    page.get_by_role("link", name="Workflows for ComfyUI").click()
    content = json.dumps(load_shipped("wan22-picture-14b")).encode()
    page.locator("input[name=file]").set_input_files(
        {"name": "Night train.json", "mimeType": "application/json", "buffer": content}
    )
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("article", has_text="Night train")).to_contain_text("from an image")
    assert comfyui_user.axe_violations() == []
    for width in (320, 768, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        assert comfyui_user.overflow() <= 0
    page.goto("/create/?provider=comfyui")
    expect(page.locator("#model")).to_contain_text("Night train")


def test_uploaded_workflow_becomes_a_model_and_an_uploaded_video_a_clip(comfyui_user):
    add_workflow(comfyui_user)
    page = comfyui_user.page
    page.set_viewport_size({"width": 375, "height": 900})
    page.emulate_media(color_scheme="dark")
    page.goto("/create/")
    page.get_by_role("link", name="Video").click()
    page.wait_for_url("**tab=video")
    comfyui_user.expected = ("415",)
    upload(page, b"not a video at all")
    expect(page.locator("[data-video-error]")).to_contain_text("not an MP4")
    expect(page.get_by_label("Choose a video")).to_be_enabled()
    assert comfyui_user.overflow() <= 0

    page.locator("#prompt").fill("as anime")
    upload(page, moving_video(2))
    expect(page.locator("#video-state img")).to_be_visible()
    expect(page.locator("#prompt")).to_have_value("as anime")
    assert comfyui_user.axe_violations() == []
    assert comfyui_user.overflow() <= 0
    page.locator("input[name=seconds]").first.evaluate("input => { input.value = 2 }")
    page.get_by_role("button", name=re.compile("Generate")).click()
    comfyui_user.wait_until_done("as anime")


@pytest.mark.deep
def test_video_is_uploaded_without_scripts(new_user, comfyui_user):
    plain = new_user(java_script_enabled=False, storage_state=comfyui_user.page.context.storage_state())
    page = plain.open("/create/?tab=video").page
    upload(page, moving_video(1.5))
    page.get_by_role("button", name="Upload video").click()
    checked = page.locator("#video-state img")  # the worker may be fast
    expect(page.get_by_text("Checking").or_(checked).first).to_be_visible()
