"""Contract of every adapter: refusals, lost answers and unusable task ids; no secret appears in errors or logs."""

import copy
import logging
import re
import traceback

import pytest
from django.utils import translation

from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError, message_for
from generation.providers.remote import Stage
from generation.worker.messages import rejection_message
from tests.fakes.server import Reply
from tests.generation.providers.contract import CONTRACT, KINDS
from tests.processes import until

CHINESE = re.compile("[\u4e00-\u9fff]")
FAULTS = (RemoteError, NoAnswer, NotSent)


def refused(act) -> RemoteError:
    with pytest.raises(RemoteError) as caught:
        act()
    return caught.value


def at_submit(harness, fault):
    prepared, ref = harness.prepare()
    harness.fake.next("submit", fault)
    return lambda: harness.provider.submit(harness.connection, prepared, ref)


def at_poll(harness, fault):
    submitted = harness.submit()
    harness.fake.next("poll", fault)
    return lambda: harness.poll(submitted)


def assert_outcome_open(act, *faults):
    """``act`` gets no answer or one of these faults, never a result."""
    with pytest.raises((NoAnswer, RemoteError)) as caught:
        act()
    assert isinstance(caught.value, NoAnswer) or caught.value.fault in faults, caught.value


# --- refusals -------------------------------------------------------------------------------------------------------


def test_each_refusal_on_submit_has_its_fault_and_a_message_in_english_and_chinese(entry, build_harness, subtests):
    for kind in sorted(set(KINDS) - entry.missing_refusals):
        with subtests.test(kind=kind):
            messages = {}
            for language in ("en", "zh-hans"):
                with translation.override(language):
                    harness = build_harness(entry)
                    error = refused(at_submit(harness, kind))
                    assert error.fault == entry.fault(kind), error
                    assert error.code
                    assert harness.submissions == 1
                    label = str(harness.provider.label)
                    messages[language] = (error.message or message_for(error.fault, "")).replace(label, "")
            assert not CHINESE.search(messages["en"]) and len(messages["en"].split()) > 3
            assert len(CHINESE.findall(messages["zh-hans"])) > 5, messages


def test_refusal_message_quotes_the_provider_and_names_the_field(harness):
    error = refused(at_submit(harness, "invalid"))
    message = rejection_message(error, str(harness.provider.label))
    assert error.detail[:30] in f"{message} {message.details}"
    if "duration" in error.detail:
        assert "“Length”" in message


def test_busy_with_retry_after_says_when_to_retry(harness):
    error = refused(at_submit(harness, "busy_retry_after"))
    assert error.retry_after == 1.0
    assert error.fault == (Fault.TRANSIENT if harness.provider.traits.is_busy_refusal else Fault.UNKNOWN)


def test_submission_to_a_withdrawn_model_is_recognised(build_harness, subtests):
    for entry in CONTRACT:
        with subtests.test(entry.slug):
            harness = build_harness(entry)
            if entry.slug == "gemini":
                harness.fake.models = ()  # a bare 404 means its API version
            else:
                harness.fake.next("submit", "gone")
            error = refused(harness.submit)
            assert error.fault == Fault.INVALID and error.is_model_missing


def test_withdrawn_model_is_recognised_by_the_detail(subtests):
    for detail, is_withdrawn in (
        ("models/veo-3.1 is no longer available", True),
        ("This model was retired", True),
        ("Model not exist.", True),
        ("model_not_found", True),
        ("The model could not draw it: no face was found", False),
        ("image is no longer available", False),
    ):
        with subtests.test(detail=detail, is_withdrawn=is_withdrawn):
            assert RemoteError(Fault.INVALID, "http_400", detail, status=400).is_model_missing == is_withdrawn
            assert not RemoteError(Fault.LOST, "http_404", detail, status=404).is_model_missing


def test_gateway_errors_leave_a_submission_open_whatever_the_body_says(harness, subtests):
    """A proxy in front of the provider may have answered after the task was created."""
    prepared, ref = harness.prepare()
    for status in (408, 499, 500, 502, 503, 504):
        for kind in sorted(set(KINDS) - harness.entry.missing_refusals):
            with subtests.test(status=status, kind=kind):
                body = harness.fake.refusal(kind).body
                harness.fake.fault_behind_gateway = lambda request, act, body=body, status=status: Reply(status, body)
                harness.fake.next("submit", "behind_gateway")
                error = refused(lambda: harness.provider.submit(harness.connection, prepared, ref))
                assert error.fault == Fault.UNKNOWN, error


def test_every_fault_has_its_own_message_in_english_and_chinese(subtests):
    for entry in CONTRACT:
        with subtests.test(entry.slug):
            label = entry.load_provider().label
            name = str(label)
            english = {fault: message_for(fault, name) for fault in Fault}
            with translation.override("zh-hans"):
                chinese_name = str(label)
                chinese = {fault: message_for(fault, chinese_name) for fault in Fault}
            for messages, shown in ((english, name), (chinese, chinese_name)):
                assert len(set(messages.values())) == len(Fault)
                assert all(shown in message for message in messages.values())
            for fault in Fault:
                assert not CHINESE.search(english[fault].replace(name, "")), english[fault]
                assert len(CHINESE.findall(chinese[fault].replace(chinese_name, ""))) > 5, chinese[fault]


# --- lost answers ---------------------------------------------------------------------------------------------------


def test_failed_polls_change_nothing(harness, subtests):
    submitted = harness.submit()
    for kind in ("auth", "busy", "broken", "html_502", "cut", "huge_answer", "redirect_inside"):
        with subtests.test(kind=kind):
            harness.fake.next("poll", kind)
            assert_outcome_open(lambda: harness.poll(submitted), Fault.AUTH if kind == "auth" else Fault.TRANSIENT)
            assert harness.poll(submitted).stage == Stage.SUCCEEDED


def test_poll_without_an_answer_ends_in_time_and_changes_nothing(shared_harness, settings):
    harness = shared_harness
    submitted = harness.submit()
    harness.fake.next("poll", "hang")
    settings.PROVIDER_SECONDS = 1
    assert_outcome_open(lambda: harness.poll(submitted), Fault.TRANSIENT)
    until(lambda: not harness.fake.faults["poll"])
    settings.PROVIDER_SECONDS = 20
    assert harness.poll(submitted).stage == Stage.SUCCEEDED


def test_lost_answer_to_a_submission_leaves_the_outcome_open_and_is_sent_once(entry, build_harness, subtests):
    for kind in entry.lost:
        with subtests.test(kind=kind):
            harness = build_harness(entry)
            assert_outcome_open(at_submit(harness, kind), Fault.UNKNOWN)
            assert harness.submissions == 1
            assert len(harness.fake.created) == (0 if kind == "redirect_inside" else 1)


def test_submission_without_an_answer_ends_in_time_and_is_sent_once(shared_harness, settings):
    harness = shared_harness
    submit = at_submit(harness, "hang_after_create")
    settings.PROVIDER_SECONDS = 1
    assert_outcome_open(submit, Fault.UNKNOWN)
    until(lambda: harness.fake.created)  # the request may arrive only now
    assert (harness.submissions, len(harness.fake.created)) == (1, 1)


def test_accepted_submission_without_a_usable_task_id_stays_open(entry, build_harness, subtests):
    for wrong in (True, 1.5, None, [], {}, "", "a\x00b"):
        with subtests.test(task_id=wrong):
            harness = build_harness(entry)

            def replace_id(request, act, harness=harness, wrong=wrong):
                reply = act()
                [task] = harness.fake.created
                reply.body = replace_value(copy.deepcopy(reply.body), task.id, wrong)
                return reply

            harness.fake.fault_replaced_id = replace_id
            assert refused(at_submit(harness, "replaced_id")).fault == Fault.UNKNOWN


def replace_value(body, value: str, other):
    """Replace ``value`` wherever it occurs in an answer."""
    if isinstance(body, dict):
        return {key: replace_value(inner, value, other) for key, inner in body.items()}
    if isinstance(body, list):
        return [replace_value(inner, value, other) for inner in body]
    return other if str(body) == value else body


def test_refused_connection_proves_that_nothing_was_sent(shared_harness, settings):
    prepared, ref = shared_harness.prepare()
    settings.PROVIDER_PRIVATE_HOSTS = ["127.0.0.1:9"]
    with pytest.raises(NotSent):
        shared_harness.provider.submit(shared_harness.connection_at("http://127.0.0.1:9"), prepared, ref)
    assert shared_harness.submissions == 0


# --- secrets --------------------------------------------------------------------------------------------------------

FAILURES = (
    "auth", "broken", "quoting", "quoting_json", "cut", "html_502", "redirect_inside", "no_id_after_create",
)  # fmt: skip


def test_key_appears_in_no_error_and_no_log_even_if_quoted(harness, caplog):
    caplog.set_level(logging.DEBUG)
    harness.submit()
    sent = [secret for secret in harness.secrets if any(secret in str(call.headers) for call in harness.fake.calls)]
    quoted = " ".join(f"no such key: {secret}; you sent Authorization: Key {secret}" for secret in sent)
    quoted = f"cannot call {harness.connection.webhook} back; {quoted}" if harness.connection.webhook else quoted
    harness.fake.fault_quoting = lambda request, act: Reply(401, quoted)
    harness.fake.fault_quoting_json = lambda request, act: Reply(
        400, {"detail": quoted, "message": quoted, "error": {"code": quoted, "message": quoted}}
    )
    errors = []
    for kind in FAILURES:
        for fail in (at_submit, at_poll):
            act = fail(harness, kind)
            try:
                act()
            except FAULTS as error:
                errors += [str(error), repr(error), str(vars(error)), *traceback.format_exception(error)]
    assert len(errors) > 30
    output = "\n".join(
        [*errors, caplog.text, repr(harness.connection), *(repr(vars(record)) for record in caplog.records)]
    )
    for secret in harness.secrets:
        assert secret not in output
        assert secret[-12:] not in output
