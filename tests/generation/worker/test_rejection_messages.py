"""Messages about rejected requests: the form field and the quoted reason."""

from dataclasses import replace

import pytest

from generation.providers import input_files
from generation.providers.base import Capability, ClipRequest, Mode
from generation.providers.errors import Fault, RemoteError
from generation.worker import charging, messages
from generation.worker.submission import load_submission
from jobs.models import State
from tests.fakes.echo import EchoProvider
from tests.fakes.server import Reply
from tests.generation.worker.helpers import LIMIT

MODEL = Capability("one", "One", frozenset(Mode), ("16:9",), (5, 8), (720, 1080), prompt_limit=10, never=((8, 1080),))


def reject_with(fake, message):
    fake.fault_rejected = lambda request, act: Reply(422, {"kind": "invalid_input", "error": message})
    fake.next("submit", "rejected")


@pytest.mark.django_db
def test_rejection_names_the_field_and_quotes_the_reason(fake, site, create_job, run_job, get_balance):
    reject_with(fake, "duration must be one of 5, 10")

    job = run_job(create_job(site))

    assert (job.state, get_balance()) == (State.FAILED, LIMIT)
    assert job.error_public == (
        "Echo cannot process this request. Change the setting it names and try again. The problem is in "
        "“Length”. Nothing was charged."
    )
    assert job.error_details == "The provider’s message: “duration must be one of 5, 10”."


@pytest.mark.django_db
def test_quoted_rejection_hides_keys_and_urls_and_is_shortened(fake, site, create_job, run_job):
    text = f"bad seed, see https://docs.echo.example/errors or mail help@echo.example, Bearer {fake.key} {'x' * 900}"
    reject_with(fake, text)

    job = run_job(create_job(site))

    assert job.error_details.startswith("The provider’s message: “bad seed, see … or mail …,")
    assert job.error_details.endswith("…”.")
    assert fake.key not in str(job.error_message) and "echo.example" not in str(job.error_message)
    assert "“Seed”" in job.error_public


@pytest.mark.django_db
def test_rejection_of_a_choice_does_not_quote_the_prompt(fake, site, create_job, run_job):
    reject_with(fake, "mode pro is not supported with Twelve cranes")
    job = create_job(site)
    job.clip.options = {"mode": "pro", "title": "Twelve cranes"}
    job.clip.save()

    assert run_job(job).error_details == "The provider’s message: “mode pro is not supported with …”."


@pytest.mark.django_db
def test_local_rejection_reason_is_shown(site, create_job, run_job, monkeypatch):
    monkeypatch.setattr(EchoProvider, "prepare", lambda *_: input_files.check_prompt("x" * 11, MODEL))

    assert run_job(create_job(site)).error_public == (
        "One accepts at most 10 characters; with the text of the style, this prompt has 11. Nothing was charged."
    )


def rejection(code="", detail="", **more) -> str:
    """Return the message with its details."""
    message = messages.rejection_message(RemoteError(Fault.INVALID, code, detail, **more), "Kling")
    return f"{message} {message.details}".strip()


@pytest.mark.parametrize(
    ("mode", "named"),
    [
        (Mode.WORDS, "rejected the prompt under its rules"),
        (Mode.PICTURE, "rejected the prompt or the image under its rules"),
        (Mode.REFERENCES, "rejected the prompt or the image under its rules"),
        (Mode.VIDEO, "rejected the prompt or the video under its rules"),
    ],
)
def test_moderation_message_names_only_what_was_sent(mode, named):
    assert named in messages.rejection_message(RemoteError(Fault.MODERATION, "blocked"), "Kling", mode)


@pytest.mark.django_db
def test_failure_of_a_moderated_clip_names_the_image_it_started_from(site, create_job):
    submission = load_submission(create_job(site))
    moderated = RemoteError(Fault.MODERATION, "blocked")
    assert "the image" not in charging.build_failure(submission, moderated, was_accepted=False).message

    submission.clip.continues = create_job(site).clip

    assert "the prompt or the image" in charging.build_failure(submission, moderated, was_accepted=False).message


def test_seconds_invalid_between_two_pictures_are_rejected_on_page_and_service():
    model = replace(MODEL, framed_seconds=5)
    request = ClipRequest("a cat", "16:9", 8, 720, seed=1, mode=Mode.FIRST_LAST)

    assert "at most 5 seconds with a first and a last frame" in model.find_conflicts(request)["seconds"]
    with pytest.raises(RemoteError):
        input_files.check_length(request, model)
    for accepted in (replace(request, seconds=5), replace(request, mode=Mode.PICTURE)):
        assert model.find_conflicts(accepted) == {}


@pytest.mark.parametrize(
    ("detail", "label"),
    [
        ("input.duration: must be one of 5, 10", "Length"),
        ("The parameter aspect_ratio is illegal.", "Aspect ratio"),
        ("negative_prompt is too long", "Negative prompt"),
        ("prompt: Field required", "Prompt"),
        ("promptImage has a wrong format", "First frame"),
        ("end_image_url cannot be read", "Last frame"),
        ("resolution 4k is not supported", "Resolution"),
    ],
)
def test_rejected_field_is_recognized_from_the_provider_name(detail, label):
    assert f"The problem is in “{label}”." in rejection(detail=detail)


def test_ambiguous_rejected_field_is_not_guessed():
    both = "duration 8 does not go with resolution 1080p"

    assert "The problem is in" not in rejection(detail=both) and both in rejection(detail=both)
    assert "“Last frame”" in rejection(detail="bad image", field="last_frame")


def test_html_error_page_is_not_quoted():
    assert (
        rejection(detail="<html><body>400</body></html>")
        == rejection()
        == ("Kling cannot process this request and does not say why. Change it and try again.")
    )


def test_seconds_that_conflict_are_rejected_on_the_form_and_in_the_worker():
    request = ClipRequest("a cat", "16:9", 8, 1080, 7)
    message = "One doesn’t support 8 seconds at 1080p."

    assert MODEL.find_conflicts(request) == {"seconds": message}
    with pytest.raises(RemoteError) as caught:
        input_files.check_length(request, MODEL)
    assert caught.value.message == message


def test_quoted_rejection_hides_paths_and_accounts():
    text = (
        r"cannot read C:\Users\Mika Ito\models\wan.bin or ~/ComfyUI/models/b.bin at 10.0.0.7:8188 or gpu.lan, "
        "org-Ab12Cd34, sk-ab***wxyz"
    )

    assert "“cannot read …/wan.bin or …/b.bin at … or …, …, …”" in rejection(detail=text)


def test_text_that_resembles_a_path_is_quoted_unchanged():
    text = "ratio must be one of 16:9, 9:16 and/or 1:1; max_tokens:4096, org_unverified, **seed** of 'a/b.bin'"

    assert f"“{text}”" in rejection(detail=text)
