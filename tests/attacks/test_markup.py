"""Names given by users, operators and providers are text on every page, in the admin too, and never markup."""

import pytest
from django import forms
from django.template import Context, Template
from django.test import Client

from accounts.models import User
from common import secrets
from generation.models import Clip
from generation.providers import styles
from generation.providers.adapters.comfyui import uploads as workflow_uploads
from generation.providers.adapters.comfyui.workflows import load_shipped
from generation.providers.adapters.kling.provider import KlingProvider
from generation.providers.models import Connection, ConnectionKey, ProviderModel
from jobs.models import Job, JobEvent
from jobs.views import cards

pytestmark = pytest.mark.django_db
BOLD = "<b>x</b>"
ADMIN = "/admin/generation"


@pytest.fixture
def connection(mika):
    """``connection("kling", mika)``: a connection of hers with a name of markup; without her, one of the site."""

    def make(provider, owner=None):
        made = Connection.objects.create(
            provider=provider, label=BOLD, owner=owner, base_url="" if provider == "kling" else "http://127.0.0.1:8188"
        )
        sealed = secrets.encrypt({"keys": {"api_key": BOLD}, "headers": {BOLD: BOLD}})
        ConnectionKey.objects.create(connection=made, version=0, sealed=sealed)
        return made

    return make


@pytest.fixture
def bold(mika, ask, connection, monkeypatch):
    """A studio where every name is markup."""
    monkeypatch.setattr(KlingProvider, "label", BOLD)
    monkeypatch.setitem(styles.NAMES, "cel", BOLD)
    model = ProviderModel.objects.create(provider="kling", model=BOLD, label=BOLD, facts={})
    graph = load_shipped("wan22-picture-14b")
    workflow_uploads.store_workflow(
        workspace=mika.workspaces.get(), by=mika, title=BOLD, graph=graph, facts=workflow_uploads.read_facts(graph)
    )
    [clip] = ask(mika, prompt=f"a cat {BOLD}")
    kling, comfy, site = connection("kling", mika), connection("comfyui", mika), connection("kling")
    facts = {"provider": "kling", "model": BOLD, "title": BOLD}
    Clip.objects.update(connection=kling, **facts)
    Job.objects.update(error_public=BOLD, state="failed", kind="clip_elsewhere", progress_note=BOLD, **facts)
    JobEvent.objects.create(job=clip.job, old="failed", new="failed", actor=BOLD, reason=f"kept_as_delivered|{BOLD}")
    return {"model": model, "clip": clip, "kling": kling, "comfy": comfy, "site": site}


def test_names_are_text_on_pages_of_users(bold, mika, sign_in):
    of = f"/settings/connections/of/{bold['clip'].workspace_id}/"
    pages = [
        f"/create/?provider=kling&connection={bold['kling'].pk}", "/create/?provider=comfyui", "/clips/", "/jobs/",
        bold["clip"].get_absolute_url(), f"/jobs/{bold['clip'].job_id}/", "/settings/connections/", of,
        f"{of}workflows/", f"/settings/connections/{bold['kling'].pk}/",
        "/settings/connections/add/?provider=kling", "/stories/new/",
    ]  # fmt: skip

    assert shown(sign_in(mika), pages) == []


def test_names_are_text_on_pages_of_operators(bold, settings):
    settings.IS_EMBEDDED = True  # elsewhere the admin wants a second factor first
    browser = Client()
    browser.force_login(User.objects.create_superuser("op@tapwari.example", "pw-of-the-operator"))
    pages = [
        f"{ADMIN}/providermodel/", f"{ADMIN}/providermodel/{bold['model'].pk}/change/",
        f"{ADMIN}/providermodel/add/?provider=kling&model={BOLD}&label={BOLD}", f"{ADMIN}/provideroverride/",
        f"{ADMIN}/provideroverride/add/?provider=kling", f"{ADMIN}/workflow/", f"{ADMIN}/connection/",
        f"{ADMIN}/connection/{bold['site'].pk}/change/", "/admin/jobs/job/",
        f"/admin/jobs/job/{bold['clip'].job_id}/change/", "/admin/jobs/heartbeat/",
    ]  # fmt: skip

    assert shown(browser, pages) == []


def shown(browser, pages):
    """Return the pages that show markup; each must open, and most must show the name as text."""
    answers = {page: browser.get(page) for page in pages}
    assert {page: answer.status_code for page, answer in answers.items() if answer.status_code != 200} == {}
    assert sum("&lt;b&gt;x" in answer.text for answer in answers.values()) > len(pages) // 2, "nothing was called so"
    return [page for page, answer in answers.items() if BOLD in answer.text]


def test_names_are_text_in_cards_sent_to_open_pages(bold):
    job = Job.objects.get()
    job.can_change = True

    sent = cards.partials([job])

    assert "&lt;b&gt;x" in sent and BOLD not in sent


def test_help_text_of_a_field_is_text():
    class Form(forms.Form):
        name = forms.CharField(help_text=BOLD)

    page = Template('{% include "components/field.html#notes" with field=form.name only %}')

    assert "&lt;b&gt;x" in page.render(Context({"form": Form()}))
