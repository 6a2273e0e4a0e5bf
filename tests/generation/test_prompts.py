"""The page of prompts: templates with blanks, stars, and their import and export."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Membership
from generation.models import PromptTemplate

pytestmark = pytest.mark.django_db
FORM = {"kind": "template", "title": "Wide", "text": "{who} waits by the sea", "category": "Openings"}


@pytest.fixture
def template(mika):
    return PromptTemplate.objects.create(owner=mika, **FORM)


def test_template_is_kept_used_and_deleted(sign_in, mika):
    browser = sign_in(mika)
    assert browser.post("/prompts/new/", FORM | {"text": " "}).status_code == 422
    assert browser.post("/prompts/new/", FORM).status_code == 302
    template = PromptTemplate.objects.get()

    page = browser.get("/prompts/?q=sea wide&category=Openings").text
    assert "<mark>who</mark> waits by the sea" in page and "Rain alley" not in page

    create = browser.post("/prompts/use/", {"key": template.pk}).url
    assert "{who} waits by the sea" in browser.get(create).text
    assert browser.post(f"/prompts/{template.pk}/", FORM | {"title": "Far"}).status_code == 302
    template.refresh_from_db()
    assert (template.uses, template.title, template.owner) == (1, "Far", mika)
    browser.post(f"/prompts/{template.pk}/delete/")
    assert not PromptTemplate.objects.exists()


def test_personal_prompts_are_private_and_shared_ones_of_the_workspace(sign_in, mika, ren, template):
    home = mika.workspaces.get()
    sign_in(mika).post("/prompts/new/", FORM | {"title": "Shared", "is_shared": "on"})
    shared = PromptTemplate.objects.get(workspace=home, owner=None, created_by=mika)
    stranger = sign_in(ren)
    for row in (template, shared):
        for path, form in ((f"{row.pk}/", FORM), (f"{row.pk}/delete/", {}), ("use/", {"key": row.pk}),
                           ("star/", {"key": row.pk, "on": "1"})):  # fmt: skip
            assert stranger.post(f"/prompts/{path}", form).status_code == 404
    Membership.objects.create(user=ren, workspace=home, role="viewer")

    assert set(PromptTemplate.objects.visible_to(ren)) == {shared}
    assert PromptTemplate.objects.count() == 2


def test_star_is_kept_for_each_user(sign_in, mika, ren, template):
    browser = sign_in(mika)
    for form in ({"key": template.pk}, {"key": "studio-wide-wind"}, {"text": "a cat on a roof"}):
        browser.post("/prompts/star/", form | {"on": "1"})

    starred = browser.get("/prompts/?starred=1").text
    assert "waits by the sea" in starred and "Wide, wind, waiting" in starred and "Rain alley" not in starred
    assert "a cat on a roof" in browser.get("/prompts/?tab=history&starred=1").text
    assert "a cat on a roof" not in sign_in(ren).get("/prompts/?tab=history&starred=1").text
    browser.post("/prompts/star/", {"key": template.pk, "on": "0"})
    assert "waits by the sea" not in browser.get("/prompts/?starred=1").text


def test_export_can_be_imported_and_a_bad_file_changes_nothing(sign_in, mika, ren, template, settings):
    content = sign_in(mika).get("/prompts/export/").content
    browser = sign_in(ren)
    assert "nothing to export" in browser.get("/prompts/export/", follow=True).text  # instead of a file without prompts

    def send(content):
        return browser.post("/prompts/import/", {"file": SimpleUploadedFile("prompts.json", content)})

    rows = json.loads(content)["prompts"]
    bad = [b"\xff", b"[]", b'{"format": "tapwari-prompts", "version": 1, "prompts": []}']
    for change in ({"text": ""}, {"kind": "film"}, {"title": "x" * 81}, {"category": 1}):
        changed = json.loads(content) | {"prompts": [*rows, rows[0] | change]}
        bad.append(json.dumps(changed).encode())
    assert [send(file).status_code for file in bad] == [422] * len(bad)
    settings.PROMPT_TEMPLATES_PER_OWNER = 0
    assert send(content).status_code == 422
    del settings.PROMPT_TEMPLATES_PER_OWNER
    assert not PromptTemplate.objects.filter(owner=ren).exists()

    assert send(content).status_code == 302
    assert PromptTemplate.objects.get(owner=ren).text == template.text
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"upload": "1/m/user"}
    send(content)
    send(content)  # one too many
    assert PromptTemplate.objects.filter(owner=ren).count() == 2
