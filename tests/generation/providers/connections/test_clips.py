"""Clips made through a connection: their pages, retakes, remixes and cancellation."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from generation import maintenance
from generation.models import Clip, Picture
from jobs.lifecycle import engine
from jobs.models import Job
from tests.generation.providers.connections.create_page import (
    FORM,
    SECOND_MODEL_FORM,
    list_chosen,
    picture_file,
    read_text,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("state", "shows_note"), [("running", True), ("fetching", False)])
def test_unknown_progress_is_not_shown(sign_in, mika, connect, state, shows_note):
    connect(mika)
    browser = sign_in(mika)
    browser.post("/create/", FORM)
    clip = Clip.objects.get()
    Job.objects.filter(pk=clip.job_id).update(state=state, progress=0, progress_text="Echo is drawing")

    for path in (f"/clips/{clip.pk}/card/", clip.get_absolute_url(), "/jobs/"):
        page = browser.get(path).text
        assert ("Echo is drawing" in page) is shows_note
        assert "0 %" not in page
        assert 'class="progress-bar' in page
        assert not re.search(r'class="progress-bar[^>]* value=', page)


def test_remix_restores_provider_model_connection_and_pictures(sign_in, mika, connect):
    connect(label="House")
    own = connect(mika, label="Mine")
    browser = sign_in(mika)
    browser.post("/create/", SECOND_MODEL_FORM | {"reference_files": [picture_file()], "connection": str(own.pk)})
    clip = Clip.objects.get()

    page = browser.get("/create/", {"from": clip.pk}).content.decode()

    assert list_chosen(page, "model") == ["echo-2"] and list_chosen(page, "connection") == [str(own.pk)]
    assert list_chosen(page, "references") == [str(clip.references.get().picture_id)]


def test_remix_of_a_clip_without_its_connection_says_what_is_missing(sign_in, mika, connect):
    connection = connect(mika)
    browser = sign_in(mika)
    browser.post("/create/", FORM)
    browser.post(f"/settings/connections/{connection.pk}/delete/")

    answer = browser.get("/create/", {"from": Clip.objects.get().pk})

    assert "Echo is not connected" in read_text(answer)
    assert FORM["prompt"] in answer.content.decode()


@pytest.mark.parametrize(
    ("billing", "form", "expected", "absent"),
    [
        ("undeclared", FORM, "no charge recorded here", "not charged"),
        ("submit", FORM, "no charge recorded here", "not charged"),
        ("success", FORM, "not charged", "no charge recorded"),
        ("undeclared", SECOND_MODEL_FORM, "price unknown", "free"),
        ("free", SECOND_MODEL_FORM, "free", "price unknown"),
    ],
)
def test_cancelled_clip_follows_the_billing_rule_of_its_provider(
    sign_in, mika, connect, stub, monkeypatch, billing, form, expected, absent
):
    from dataclasses import replace

    from generation.providers.remote import Billing

    connect(mika)
    monkeypatch.setattr(stub, "declared", replace(stub.declared, billing=Billing(billing)))
    browser = sign_in(mika)
    clip_page = browser.post("/create/", form).url
    Job.objects.update(state="cancelled", finished_at=timezone.now())

    section = browser.get(clip_page).content.decode().partition('id="clip-bag"')[2].partition("</section>")[0]

    assert expected in section and absent not in section


def test_pictures_used_by_a_clip_are_not_deleted(sign_in, mika, connect):
    connect(mika)
    browser = sign_in(mika)
    browser.post("/create/", FORM | {"picture_file": picture_file(1), "last_picture_file": picture_file(2)})
    browser.post("/create/", SECOND_MODEL_FORM | {"reference_files": [picture_file(3)]})
    Picture.objects.update(created_at=timezone.now() - timedelta(days=9))

    maintenance.delete_unused_pictures()

    assert Picture.objects.count() == 3


def test_clip_waiting_for_a_deleted_connection_is_refunded(sign_in, mika, connect):
    connection = connect(mika)
    browser = sign_in(mika)
    browser.post("/create/", FORM)
    browser.post(f"/settings/connections/{connection.pk}/delete/")

    engine.advance(Job.objects.get().pk)

    job = Job.objects.get()
    assert (job.state, job.price_charged) == ("failed", 0)
    assert "The connection used for this job was removed. Nothing was charged." in job.error_public


def test_more_takes_show_their_price_first(sign_in, mika, connect):
    connect(mika)
    browser = sign_in(mika)
    clip_page = browser.post("/create/", FORM).url

    text = read_text(browser.get(clip_page))

    assert "Make another take $0.20" in text and "Make 3 variations $0.60" in text
    assert "Billed to your Echo account" in text


def test_more_takes_without_a_connection_link_to_connect(sign_in, mika, connect):
    connection = connect(mika)
    browser = sign_in(mika)
    clip_page = browser.post("/create/", FORM).url
    browser.post(f"/settings/connections/{connection.pk}/delete/")

    page = browser.get(clip_page)

    assert "Echo is not connected, so no more takes can be made." in read_text(page)
    assert f"{clip_page}retry/" not in page.content.decode()
    assert browser.post(f"{clip_page}retry/", {"idem_key": "again"}).status_code == 409
    assert Clip.objects.count() == 1


@pytest.mark.parametrize(
    ("form", "model", "shows_seed"),
    [(FORM, "echo-1", False), (SECOND_MODEL_FORM, "echo-2", True), (FORM, "gone", True)],
)
def test_seed_is_shown_only_if_the_model_has_one(sign_in, mika, connect, form, model, shows_seed):
    """An unknown model is assumed to have none; a withdrawn one is still known."""
    connect(mika)
    browser = sign_in(mika)
    page = browser.post("/create/", form).url
    Clip.objects.update(model=model)

    assert ("seed-words" in browser.get(page).content.decode()) is shows_seed
