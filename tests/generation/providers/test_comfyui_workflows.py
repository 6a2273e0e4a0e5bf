"""Uploaded ComfyUI workflows: validated, understood by titles and classes, filled, and kept per workspace."""

import json
import re
from dataclasses import replace

import pytest

from generation.offers import pricing
from generation.offers.offer import Offer
from generation.providers import catalogue
from generation.providers.adapters.comfyui import filling, graph, workflows
from generation.providers.adapters.comfyui import slots as comfyui_slots
from generation.providers.adapters.comfyui.provider import ComfyUIProvider
from generation.providers.base import Mode
from generation.providers.errors import Fault, RemoteError
from generation.providers.models import Connection, Workflow
from tests.factories import UserFactory
from tests.generation.providers.contract import COMFYUI


@pytest.fixture
def harness(build_harness):
    return build_harness(COMFYUI)


def build_workflow(**changes) -> dict:
    """Return a workflow without node titles."""
    workflow = {
        "4": {"class_type": "CLIPTextEncode", "inputs": {"text": "a cat", "clip": ["2", 0]}},
        "5": {"class_type": "CLIPTextEncode", "inputs": {"text": "ugly", "clip": ["2", 0]}},
        "2": {"class_type": "CLIPLoader", "inputs": {"clip_name": "umt5.safetensors", "type": "wan"}},
        "20": {"class_type": "LoadImage", "inputs": {"image": "cat.png"}},
        "6": {
            "class_type": "WanImageToVideo",
            "inputs": {
                **{"positive": ["4", 0], "negative": ["5", 0], "start_image": ["20", 0]},
                **{"width": 640, "height": 640, "length": 81, "batch_size": 1},
            },
        },
        "8": {"class_type": "KSampler", "inputs": {"seed": 5, "steps": 20, "positive": ["6", 0], "negative": ["6", 1]}},
        "10": {"class_type": "CreateVideo", "inputs": {"images": ["8", 0], "fps": 16}},
        "11": {"class_type": "SaveVideo", "inputs": {"video": ["10", 0], "filename_prefix": "mine"}},
    }
    return workflow | changes


def read(workflow: object) -> dict:
    return graph.read_graph(json.dumps(workflow).encode())


# --- reading a workflow ---------------------------------------------------------------------------------------------


def test_inputs_are_found_without_titles():
    found = comfyui_slots.find_slots(read(build_workflow()))
    assert found == {
        "PROMPT": [("4", "text")],
        "NEGATIVE": [("5", "text")],
        "FIRST_FRAME": [("20", "image")],
        "SEED": [("8", "seed")],
        "WIDTH": [("6", "width")],
        "HEIGHT": [("6", "height")],
        "LENGTH": [("6", "length")],
    }
    assert comfyui_slots.find_modes(found) == {Mode.PICTURE}


def test_title_takes_precedence_over_the_graph():
    title = {"_meta": {"title": "Prompt"}}
    workflow = build_workflow(**{"9": {"class_type": "StringNode", "inputs": {"value": ""}, **title}})
    assert comfyui_slots.find_slots(read(workflow))["PROMPT"] == [("9", "value")]


def test_titles_match_in_any_spelling(subtests):
    for title, slot in (
        ("First frame", "FIRST_FRAME"),
        ("END-FRAME", "LAST_FRAME"),
        ("reference 2", "REFERENCE_2"),
    ):
        with subtests.test(title=title, slot=slot):
            workflow = build_workflow(
                **{"30": {"class_type": "LoadImage", "inputs": {"image": "x.png"}, "_meta": {"title": title}}}
            )
            assert ("30", "image") in comfyui_slots.find_slots(read(workflow))[slot]


def test_titled_node_is_set_by_its_only_whole_number():
    title = {"_meta": {"title": "LENGTH"}}
    repeat = {"class_type": "RepeatImageBatch", "inputs": {"image": ["20", 0], "amount": 5, "on": True}, **title}

    assert comfyui_slots.find_slots(read(build_workflow(**{"9": repeat})))["LENGTH"] == [("9", "amount")]


def test_titled_node_with_several_unknown_numbers_is_refused():
    title = {"_meta": {"title": "LENGTH"}}
    node = {"class_type": "Cut", "inputs": {"start": 0, "end": 5}, **title}

    with pytest.raises(graph.GraphRefused, match="LENGTH"):
        comfyui_slots.find_slots(read(build_workflow(**{"9": node})))


def test_workflow_without_a_prompt_is_accepted_and_gets_none(harness):
    workflow = build_workflow()
    for key in ("4", "5"):
        workflow[key] = {"class_type": "ConditioningZeroOut", "inputs": {"conditioning": ["2", 0]}}

    facts = workflows.read_parameters(read(workflow))

    assert "PROMPT" not in facts["slots"]
    request = harness.request(prompt="a lantern festival", negative_prompt="")
    assert request.prompt not in json.dumps(filling.fill_graph(read(workflow), request, {}, "ref"))


def test_workflow_saved_as_an_api_call_is_accepted():
    assert read({"prompt": build_workflow(), "client_id": "x"}) == build_workflow()


def test_workflow_not_in_api_format_is_refused_with_a_message(subtests):
    for workflow, message in (
        ({"nodes": [], "links": []}, "Export (API)"),
        ({"version": 0.4, "nodes": [{"id": 1}], "links": [[1, 1, 0, 2, 0, "MODEL"]]}, "Export (API)"),
        ([], "API format"),
        ({}, "API format"),
        ({"1": {"inputs": {}}}, "API format"),
        ({"1": {"class_type": "X", "inputs": []}}, "API format"),
        ({"../1": {"class_type": "X", "inputs": {}}}, "API format"),
        ({str(n): {"class_type": "X", "inputs": {}} for n in range(501)}, "500"),
        (build_workflow(**{"11": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x"}}}), "saves no video"),
        (build_workflow(**{"8": {"class_type": "KSampler", "inputs": {"model": ["77", 0]}}}), "missing from the file"),
    ):
        with (
            subtests.test(workflow=workflow, message=message),
            pytest.raises(graph.GraphRefused, match=re.escape(message)),
        ):
            read(workflow)


def test_path_outside_the_folders_is_refused(subtests):
    for value in (
        "/etc/passwd",
        "C:\\Windows\\win.ini",
        "..\\..\\secret",
        "models/../../secret",
        "~/.ssh/id_rsa",
        "http://169.254.169.254/latest/",
        "file:///etc/passwd",
        "\\\\host\\share",
        ["x", "/etc/passwd", 1],
        {"path": "../up"},
    ):
        with subtests.test(value=value):
            workflow = build_workflow(**{"20": {"class_type": "LoadImage", "inputs": {"image": value}}})
            with pytest.raises(graph.GraphRefused, match="outside"):
                read(workflow)


def build_linked_workflow(title: str = "", **inputs) -> dict:
    """Return a workflow whose text node "30" is linked to ``inputs`` of a loader, through a node that joins texts."""
    text = {"class_type": "PrimitiveString", "inputs": {"value": "/etc/passwd"}, "_meta": {"title": title}}
    join = {"class_type": "StringConcatenate", "inputs": {"string_a": ["30", 0], "string_b": "x"}}
    return build_workflow(**{"30": text, "31": join, "32": {"class_type": "LoadImagesFromPath", "inputs": inputs}})


def test_path_that_reaches_an_input_through_links_is_refused(subtests):
    for key in ("30", "31"):
        with subtests.test(key=key), pytest.raises(graph.GraphRefused, match="outside"):
            read(build_linked_workflow(path=[key, 0]))
    with pytest.raises(graph.GraphRefused, match="outside"):  # the node reads the path itself
        read(
            build_workflow(
                **{
                    "30": {"class_type": "LoadImageFromPath", "inputs": {"value": "/etc/passwd"}},
                    "31": {"class_type": "VAEEncode", "inputs": {"pixels": ["30", 0]}},
                }
            )
        )


def test_path_of_a_picture_for_a_text_encoder_is_refused():
    loader = {"class_type": "LoadImageFromPath", "inputs": {"value": "/etc/passwd"}}
    encoder = {"class_type": "TextEncodeQwenImageEdit", "inputs": {"prompt": "", "image": ["30", 0]}}
    with pytest.raises(graph.GraphRefused, match="outside"):
        read(build_workflow(**{"30": loader, "31": encoder}))


def test_text_that_only_reaches_a_prompt_may_look_like_a_path():
    workflow = build_linked_workflow(text=["31", 0])
    workflow["4"]["inputs"]["text"] = ["31", 0]
    workflow["5"]["inputs"]["text"] = "~ no rain"

    assert read(workflow) == workflow


def test_prompt_that_reaches_a_path_is_refused(harness, subtests):
    workflow = build_linked_workflow("PROMPT", path=["31", 0])
    workflow["30"]["inputs"]["value"] = "cat.png"
    for prompt in ("/etc/passwd", "tapwari/0f6e5c1e/first_frame.png"):
        with subtests.test(prompt=prompt):
            with pytest.raises(RemoteError) as caught:
                filling.fill_graph(read(workflow), harness.request(prompt=prompt), {}, "ref")
            assert (caught.value.fault, caught.value.field) == (Fault.INVALID, "prompt")
    filled = filling.fill_graph(read(workflow), harness.request(prompt="dog.png"), {}, "ref")
    assert filled["30"]["inputs"]["value"] == "dog.png"


def test_workflow_that_names_the_upload_folder_is_refused(subtests):
    for name, value in (
        ("image", "tapwari"),
        ("image", "Tapwari/ab12/first_frame.png"),
        ("image", "tapwari [input]"),
        ("directory", "./tapwari/"),
        ("directory", "x\\TAPWARI.\\y"),
        ("value", "tapwari"),
        ("paths", ["tapwari/ab12"]),
    ):
        with subtests.test(name=name, value=value):
            workflow = build_workflow(
                **{"20": {"class_type": "LoadImage", "inputs": {"image": "cat.png", name: value}}}
            )
            with pytest.raises(graph.GraphRefused, match="points to the folder of uploaded files"):
                read(workflow)


def test_text_and_file_prefix_are_not_taken_for_a_folder():
    workflow = build_workflow()
    workflow["4"]["inputs"]["text"] = "a poster that says tapwari, and tapwaris"
    workflow["11"]["inputs"]["filename_prefix"] = "tapwari/0f6e5c1e"

    assert read(workflow)["11"]["inputs"]["filename_prefix"] == "tapwari/0f6e5c1e"


def test_name_inside_comfyui_folders_is_accepted(subtests):
    for value in (
        "Wan\\wan2.2.safetensors",
        "sub/folder/cat.png",
        "a..b.png",
        "cat.png [input]",
    ):
        with subtests.test(value=value):
            workflow = build_workflow(**{"20": {"class_type": "LoadImage", "inputs": {"image": value}}})

            assert read(workflow)["20"]["inputs"]["image"] == value


def test_rubbish_is_refused_with_a_message(subtests):
    for content in (
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"1": {"class_type": "X", "inputs": {"a": NaN}}}',
        b"{" + b" " * 1_000_001,
    ):
        with subtests.test(content=content), pytest.raises(graph.GraphRefused):
            graph.read_graph(content)


def test_workflow_with_a_value_that_cannot_be_stored_is_refused(subtests):
    for value in (
        "[" * 1500 + "]" * 1500,
        "[" * 300 + "]" * 300,
        "1e400",
        "[-1e400]",
    ):
        with subtests.test(value=value):
            written = json.dumps(build_workflow()).replace('"fps": 16', f'"fps": {value}').encode()
            assert value.encode() in written

            with pytest.raises(graph.GraphRefused, match="not JSON"):
                graph.read_graph(written)


def test_workflow_that_is_too_large_or_contains_nan_is_refused():
    """The samples are valid otherwise."""
    written = json.dumps(build_workflow()).encode()
    assert graph.read_graph(written + b" " * (graph.LIMIT - len(written)))
    with pytest.raises(graph.GraphRefused, match="at most 1 MB"):
        graph.read_graph(written + b" " * graph.LIMIT)
    with pytest.raises(graph.GraphRefused, match="not JSON"):
        graph.read_graph(written.replace(b'"fps": 16', b'"fps": NaN'))


def test_characters_that_cannot_be_stored_are_refused():
    for text in ("\x00", "\ud800"):
        with pytest.raises(graph.GraphRefused):
            read(build_workflow(**{"4": {"class_type": "CLIPTextEncode", "inputs": {"text": text}}}))


def test_workflow_needs_an_input_for_every_required_value(subtests):
    for missing, message in (
        ("LENGTH", "LENGTH"),
        ("FIRST_FRAME", "FIRST_FRAME"),
    ):
        with subtests.test(missing=missing, message=message):
            found = comfyui_slots.find_slots(read(build_workflow()))
            found["LAST_FRAME"] = found["FIRST_FRAME"]
            del found[missing]
            with pytest.raises(graph.GraphRefused, match=message):
                comfyui_slots.check_slots(found)


# --- filling it -----------------------------------------------------------------------------------------------------


def test_every_built_in_workflow_has_all_inputs_by_title(subtests):
    for path in sorted(workflows.SHIPPED.glob("*.json")):
        with subtests.test(path=path):
            workflow = graph.read_graph(path.read_bytes())
            found = comfyui_slots.find_slots(workflow)
            comfyui_slots.check_slots(found)
            facts = {facts["model"]: facts for facts in catalogue.built_in_models("comfyui")}[path.stem]
            assert {str(mode) for mode in comfyui_slots.find_modes(found)} == set(facts["modes"])
            assert {"PROMPT", "NEGATIVE", "SEED", "WIDTH", "HEIGHT", "LENGTH"} <= set(found)
            file_of = {"first_last": "LAST_FRAME", "picture": "FIRST_FRAME", "video": "VIDEO"}
            assert file_of.get(facts["modes"][0], "SEED") in found


def test_built_in_workflows_cover_text_picture_frames_and_video(db):
    ready = [model for model in ComfyUIProvider().capabilities() if model.model.startswith("wan")]

    offered = {mode for model in ready for mode in model.modes}
    assert offered >= {Mode.WORDS, Mode.PICTURE, Mode.FIRST_LAST, Mode.VIDEO}


def test_frame_count_is_rounded_up_to_4n_plus_1(subtests):
    for fps, seconds, frames in (
        (16, 5, 81),
        (24, 5, 121),
        (15, 1, 17),
        (30, 3, 93),
    ):
        with subtests.test(fps=fps, seconds=seconds, frames=frames):
            assert filling.count_frames(fps, seconds) == frames


def test_negative_prompt_without_an_input_is_refused(harness):
    workflow = {key: node for key, node in build_workflow().items() if key != "5"}
    workflow["6"]["inputs"].pop("negative")
    workflow["8"]["inputs"].pop("negative")
    with pytest.raises(RemoteError) as caught:
        filling.fill_graph(read(workflow), harness.request(negative_prompt="rain"), {}, "ref")
    assert caught.value.fault == Fault.INVALID


def test_sizes_fit_the_model_and_uploads_are_named_after_the_job(harness):
    prepared, ref = harness.prepare(harness.request(model="wan22-words-5b", resolution=720))
    body = prepared.body
    assert (body["6"]["inputs"]["width"], body["6"]["inputs"]["height"]) == (1280, 704)
    assert body["11"]["inputs"]["filename_prefix"] == f"tapwari/{ref}"


# --- uploaded workflows ---------------------------------------------------------------------------------------------


@pytest.fixture
def uploaded(db):
    mika = UserFactory(name="Mika")
    workflow = read(build_workflow())
    return Workflow.objects.create(
        workspace=mika.workspaces.get(), title="My cat", graph=workflow, facts=workflows.read_parameters(workflow)
    )


def test_clip_of_an_uploaded_workflow_is_free(uploaded, harness):
    engine, request = ComfyUIProvider(), harness.request(Mode.PICTURE, uploaded.model)
    connection = Connection(provider="comfyui")

    cost = pricing.estimate_cost(Offer(engine, (connection,), connection), request, 3)

    assert (cost["price"], cost["is_known"], cost["mark"]) == ("free", True, "0 USD")
    assert "not known" not in cost["note"]


def test_clip_is_made_with_an_uploaded_workflow(uploaded, harness):
    request = harness.request(Mode.PICTURE, uploaded.model)
    body = harness.prepare(request)[0].body
    assert body["4"]["inputs"]["text"] == request.prompt
    assert harness.fake.files[body["20"]["inputs"]["image"]] == request.start.read_bytes()
    assert body["8"]["inputs"]["seed"] == request.seed
    assert uploaded.graph["4"]["inputs"]["text"] == "a cat"


@pytest.fixture
def with_references(uploaded):
    """A workflow of Mika's with slots for two references and none for a first frame."""
    workflow = build_workflow()
    del workflow["20"], workflow["6"]["inputs"]["start_image"]
    for key, title in (("30", "Reference 1"), ("31", "Reference 2")):
        workflow[key] = {"class_type": "LoadImage", "inputs": {"image": "authors-own.png"}, "_meta": {"title": title}}
    return Workflow.objects.create(
        workspace=uploaded.workspace, title="Who", graph=read(workflow), facts=workflows.read_parameters(read(workflow))
    )


@pytest.mark.parametrize("n", [1, 2])
def test_unused_reference_inputs_keep_no_sample_picture(with_references, harness, n):
    request = harness.request(Mode.REFERENCES, with_references.model)
    request = replace(request, references=request.references[:n])

    body = harness.prepare(request)[0].body

    pictures = [harness.fake.files[body[key]["inputs"]["image"]] for key in ("30", "31")]
    assert pictures == [request.references[0].read_bytes(), request.references[n - 1].read_bytes()]


def test_more_references_than_inputs_are_refused_before_sending(with_references, harness):
    request = harness.request(Mode.REFERENCES, with_references.model)

    with pytest.raises(RemoteError) as caught:
        harness.prepare(replace(request, references=request.references * 2))

    assert (caught.value.fault, caught.value.field) == (Fault.INVALID, "references")
    assert harness.fake.calls == []


def test_picture_without_an_input_is_refused(uploaded, harness):
    with pytest.raises(RemoteError) as caught:
        filling.fill_graph(
            uploaded.graph, harness.request(Mode.PICTURE, uploaded.model), {"LAST_FRAME": "x.png"}, "ref"
        )

    assert "LAST_FRAME" in caught.value.message


def test_unknown_workflow_is_refused_before_sending(harness, db):
    for model in ("workflow-zz", "workflow-5e0f5d0e-3a3c-4f0a-9d0c-2f5f6b7a8c9d", "../../models"):
        with pytest.raises((RemoteError, KeyError)):
            harness.provider.prepare(harness.connection, replace(harness.request(), model=model), "r")
    assert harness.fake.calls == []
