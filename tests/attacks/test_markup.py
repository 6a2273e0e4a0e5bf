"""Names given by users, administrators and providers are never markup on any page or in the admin."""

import pytest
from django import forms
from django.template import Context, Template
from django.test import Client

from accounts.models import User
from common import secrets
from generation.models import Clip
from generation.providers import styles
from generation.providers.adapters.comfyui import uploads as workflow_uploads
from generation.providers.adapters.comfyui.workflows import load_shipped, read_parameters
from generation.providers.adapters.kling.provider import KlingProvider
from generation.providers.models import Connection, ConnectionKey, ProviderModel
from jobs.models import Job, JobEvent
from jobs.views import cards

pytestmark = pytest.mark.django_db
MARKUP = "<b>x</b>"
ADMIN = "/admin/generation"


@pytest.fixture
def connection(mika):
    """``connection("kling", mika)`` creates a connection named by markup; without an owner, one of the site."""

    def create(provider, owner=None):
        created = Connection.objects.create(
            provider=provider,
            label=MARKUP,
            owner=owner,
            base_url="" if provider == "kling" else "http://127.0.0.1:8188",
        )
        encrypted = secrets.encrypt({"keys": {"api_key": MARKUP}, "headers": {MARKUP: MARKUP}})
        ConnectionKey.objects.create(connection=created, version=0, sealed=encrypted)
        return created

    return create


@pytest.fixture
def rows(mika, request_clips, connection, monkeypatch):
    """Rows in which every name is markup."""
    monkeypatch.setattr(KlingProvider, "label", MARKUP)
    monkeypatch.setitem(styles.NAMES, "cel", MARKUP)
    model = ProviderModel.objects.create(provider="kling", model=MARKUP, label=MARKUP, facts={})
    graph = load_shipped("wan22-picture-14b")
    workflow_uploads.store_workflow(
        workspace=mika.workspaces.get(), by=mika, title=MARKUP, graph=graph, facts=read_parameters(graph)
    )
    [clip] = request_clips(mika, prompt=f"a cat {MARKUP}")
    kling, comfy, site = connection("kling", mika), connection("comfyui", mika), connection("kling")
    fields = {"provider": "kling", "model": MARKUP, "title": MARKUP}
    Clip.objects.update(connection=kling, **fields)
    Job.objects.update(error_text=MARKUP, state="failed", kind="clip_elsewhere", progress_text=MARKUP, **fields)
    JobEvent.objects.create(
        job=clip.job, old="failed", new="failed", actor=MARKUP, reason=f"kept_as_delivered|{MARKUP}"
    )
    return {"model": model, "clip": clip, "kling": kling, "comfy": comfy, "site": site}


def test_names_are_text_on_pages_of_users(rows, mika, sign_in):
    workspace_url = f"/settings/connections/of/{rows['clip'].workspace_id}/"
    pages = [
        f"/create/?provider=kling&connection={rows['kling'].pk}", "/create/?provider=comfyui", "/clips/", "/jobs/",
        rows["clip"].get_absolute_url(), f"/jobs/{rows['clip'].job_id}/", "/settings/connections/", workspace_url,
        f"{workspace_url}workflows/", f"/settings/connections/{rows['kling'].pk}/",
        "/settings/connections/add/?provider=kling", "/stories/new/", "/stories/new/blank/",
    ]  # fmt: skip

    assert find_pages_with_markup(sign_in(mika), pages) == []


def test_names_are_text_on_admin_pages(rows, settings):
    settings.IS_EMBEDDED = True  # no second factor needed
    browser = Client()
    browser.force_login(User.objects.create_superuser("op@tapwari.example", "pw-of-the-operator"))
    pages = [
        f"{ADMIN}/providermodel/", f"{ADMIN}/providermodel/{rows['model'].pk}/change/",
        f"{ADMIN}/providermodel/add/?provider=kling&model={MARKUP}&label={MARKUP}", f"{ADMIN}/provideroverride/",
        f"{ADMIN}/provideroverride/add/?provider=kling", f"{ADMIN}/workflow/", f"{ADMIN}/connection/",
        f"{ADMIN}/connection/{rows['site'].pk}/change/", "/admin/jobs/job/",
        f"/admin/jobs/job/{rows['clip'].job_id}/change/", "/admin/jobs/heartbeat/",
    ]  # fmt: skip

    assert find_pages_with_markup(browser, pages) == []


def find_pages_with_markup(browser, pages):
    """Return the pages that contain the markup. All pages must open, and most must show it as text."""
    responses = {page: browser.get(page) for page in pages}
    assert {page: response.status_code for page, response in responses.items() if response.status_code != 200} == {}
    assert sum("&lt;b&gt;x" in response.text for response in responses.values()) > len(pages) // 2, (
        "no page shows the name"
    )
    return [page for page, response in responses.items() if MARKUP in response.text]


def test_names_are_text_in_cards_sent_to_open_pages(rows):
    job = Job.objects.get()
    job.can_change = True

    html = cards.partials([job])

    assert "&lt;b&gt;x" in html and MARKUP not in html


def test_help_text_of_a_field_is_text():
    class Form(forms.Form):
        name = forms.CharField(help_text=MARKUP)

    page = Template('{% include "components/field.html#notes" with field=form.name only %}')

    assert "&lt;b&gt;x" in page.render(Context({"form": Form()}))
