"""ComfyUI workflows on the connections page: uploads by editors, refusals, and privacy."""

import json
from copy import deepcopy
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from generation.clip_spec import ClipSpec
from generation.models import Clip
from generation.providers.adapters.comfyui import uploads as workflow_uploads
from generation.providers.adapters.comfyui.workflows import load_shipped, read_parameters
from generation.providers.models import Connection, Workflow
from generation.services.clips import create_clips
from jobs.services import JobRefused


def workflow_file(content, name="My own.json"):
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    return SimpleUploadedFile(name, content, "application/json")


@pytest.fixture
def graph():
    return load_shipped("wan22-picture-14b")


@pytest.fixture
def home(mika):
    return mika.workspaces.get()


@pytest.fixture
def page(home):
    return reverse("generation:workflows_of", args=[home.pk])


@pytest.fixture
def workflow(home, mika, graph):
    facts = read_parameters(graph)
    return workflow_uploads.store_workflow(workspace=home, by=mika, title="Mika's cat", graph=graph, facts=facts)


def test_editor_uploads_a_workflow_and_sees_its_contents(mika, sign_in, page, graph):
    browser = sign_in(mika)
    assert browser.post(page, {"file": workflow_file(graph)}).status_code == 302
    stored = Workflow.objects.get()
    assert (stored.title, stored.workspace, stored.created_by) == ("My own", mika.workspaces.get(), mika)
    assert stored.graph == graph
    page_text = browser.get(page).content.decode()
    assert "My own" in page_text
    assert "from an image" in page_text
    assert "FIRST_FRAME" in page_text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"nodes": [], "links": []}, "Export (API)"),
        (b"not json", "not JSON"),
        (b"x" * 1_000_002, "at most 1 MB"),
        ({"1": {"class_type": "SaveVideo", "inputs": {"filename_prefix": "x"}}}, "no input for the length"),
        ({"1": {"class_type": "SaveVideo", "inputs": {"filename_prefix": "../../x"}}}, "points outside"),
    ],
)
def test_invalid_workflow_is_refused_with_a_reason(mika, sign_in, page, content, message):
    answer = sign_in(mika).post(page, {"file": workflow_file(content)})
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not Workflow.objects.exists()


def test_workflow_without_a_prompt_is_marked_on_its_page(mika, home, sign_in, page, graph):
    graph = deepcopy(graph)  # the shipped one is cached
    for node in graph.values():
        if node["class_type"] == "CLIPTextEncode":
            node["class_type"], node["inputs"], node["_meta"] = "EmptyConditioning", {}, {}
    note = "This workflow ignores the prompt."
    browser = sign_in(mika)
    assert browser.post(page, {"file": workflow_file(graph)}).status_code == 302
    assert note in browser.get(page).content.decode()
    Workflow.objects.update(facts={"slots": {"PROMPT": ["Prompt"]}})
    assert note not in browser.get(page).content.decode()


def test_workflow_names_are_escaped(mika, sign_in, page, graph):
    malicious = json.loads(json.dumps(graph))
    malicious["30"] = {"class_type": "X", "inputs": {"value": ""}, "_meta": {"title": "<script>alert(1)</script>"}}
    malicious["4"]["_meta"]["title"] = "<img src=x>"
    sign_in(mika).post(page, {"file": workflow_file(malicious), "title": "<b>bold</b>"})
    page_text = sign_in(mika).get(page).content.decode()
    assert "<b>bold" not in page_text
    assert "<img src=x>" not in page_text


def test_workflow_count_is_limited(mika, sign_in, page, workflow, graph, settings):
    settings.WORKFLOWS_PER_WORKSPACE = 1
    answer = sign_in(mika).post(page, {"file": workflow_file(graph)})
    assert answer.status_code == 409
    assert "at most 1 workflows" in answer.content.decode()


def connect(user):
    return Connection.objects.create(provider="comfyui", label="Desk", owner=user, base_url="http://127.0.0.1:9")


def test_create_offers_a_workflow_only_in_its_workspace(mika, ren, sign_in, workflow):
    for user in (mika, ren):
        connect(user)
    query = {"provider": "comfyui"}
    assert workflow.model in sign_in(mika).get(reverse("generation:create"), query).content.decode()
    rens_page = sign_in(ren).get(reverse("generation:create"), query | {"model": workflow.model}).content.decode()
    assert "Mika" not in rens_page
    assert f'value="{workflow.model}"' not in rens_page


def test_workflow_needs_a_connection_that_create_lists(mika, ren, sign_in, workflow):
    def page(user, **more):
        facts = {"provider": "comfyui", "label": "Desk", "base_url": "http://127.0.0.1:9", "allows_private": True}
        connection = Connection.objects.create(**facts, **more)
        return sign_in(user), reverse("generation:connection", args=[connection.pk])

    for owner in ({"owner": mika}, {"workspace": workflow.workspace}):
        browser, path = page(mika, **owner)
        assert f'value="{workflow.model}"' in browser.get(path).content.decode()
        assert (
            browser.post(path, {"base_url": "http://127.0.0.1:9", "default_model": workflow.model}).status_code == 302
        )
    assert Connection.objects.filter(default_model=workflow.model).count() == 2
    add_url = f"{reverse('generation:connection_add')}?provider=comfyui"
    assert f'value="{workflow.model}"' in sign_in(mika).get(add_url).content.decode()
    browser, path = page(ren, owner=ren)
    assert all(workflow.model not in browser.get(place).content.decode() for place in (path, add_url))


def test_workflow_of_another_workspace_is_refused_by_page_and_service(ren, sign_in, workflow, queue_clips):
    connect(ren)
    form = {"prompt": "x", "provider": "comfyui", "model": workflow.model, "seconds": 2, "resolution": 480}
    assert sign_in(ren).post(reverse("generation:create"), form).status_code == 422
    clips = queue_clips(ren)
    spec = replace(ClipSpec.from_clip(clips[0]), **form)
    with pytest.raises(JobRefused, match="doesn’t offer this model here"):
        create_clips(spec, workspace=ren.workspaces.get(), by=ren, idem_key="other")
    assert Clip.objects.filter(provider="comfyui").count() == 0


def test_removed_workflow_is_not_offered_and_keeps_its_name(mika, sign_in, page, workflow):
    connect(mika)
    assert sign_in(mika).post(reverse("generation:workflow_delete", args=[workflow.pk])).status_code == 302
    page_text = sign_in(mika).get(reverse("generation:create"), {"provider": "comfyui"}).content.decode()
    assert workflow.model not in page_text
    assert Workflow.objects.get().title == "Mika's cat"


def test_operator_uploads_a_shared_workflow(mika, ren, sign_in, graph, django_user_model, settings):
    settings.IS_EMBEDDED = True  # elsewhere the admin requires a second factor
    django_user_model.objects.filter(pk=mika.pk).update(is_staff=True, is_superuser=True)
    connect(ren)
    answer = sign_in(mika).post(
        reverse("admin:generation_workflow_add"), {"title": "For all", "file": workflow_file(graph)}
    )
    assert answer.url == reverse("admin:generation_workflow_changelist")
    stored = Workflow.objects.get()
    assert (stored.workspace, stored.facts["modes"]) == (None, ["picture"])
    assert stored.model in sign_in(ren).get(reverse("generation:create"), {"provider": "comfyui"}).content.decode()
    change = sign_in(mika).get(reverse("admin:generation_workflow_change", args=[stored.pk])).content.decode()
    assert 'name="file"' not in change


def test_admin_hides_personal_workflows(mika, sign_in, workflow, django_user_model, settings):
    settings.IS_EMBEDDED = True
    django_user_model.objects.filter(pk=mika.pk).update(is_staff=True, is_superuser=True)
    browser = sign_in(mika)

    assert not browser.get(reverse("admin:generation_workflow_changelist")).context["cl"].result_list
    assert browser.get(reverse("admin:generation_workflow_change", args=[workflow.pk])).status_code == 302


def test_workflow_list_query_count_is_constant(mika, sign_in, page, home, graph, django_assert_max_num_queries):
    facts = read_parameters(graph)
    for n in range(12):
        workflow_uploads.store_workflow(workspace=home, by=mika, title=f"n{n}", graph=graph, facts=facts)
    browser = sign_in(mika)
    with django_assert_max_num_queries(20):
        browser.get(page)


def test_workflow_page_marks_connections_in_the_menu(mika, sign_in, page):
    menu = sign_in(mika).get(page).text.partition('<nav class="settings-nav"')[2].partition("</nav>")[0]

    assert menu.count("aria-current") == 1
    assert "Connections" in menu.partition("aria-current")[2].partition("</a>")[0]
