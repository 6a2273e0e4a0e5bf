"""What every adapter makes of refusals, lost answers and broken transfers; what it must never let out."""

import copy
import logging
import re
import traceback

import pytest
from django.utils import translation

from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError, words_for
from generation.providers.remote import Stage, Stopping
from generation.worker.refusal_messages import words as in_words
from tests.fakes.server import Reply
from tests.fakes.trouble import HTML
from tests.generation.providers.contract import CONTRACT, KINDS
from tests.processes import until

CHINESE = re.compile("[\u4e00-\u9fff]")
FILMS_AT_HOME = {"comfyui", "openai-compatible"}  # these serve their films themselves, and want the key there
NO_TROUBLE_YET = (RemoteError, NoAnswer, NotSent)


def refused(act) -> RemoteError:
    with pytest.raises(RemoteError) as caught:
        act()
    return caught.value


def at_submit(desk, fault):
    prepared, ref = desk.prepare()
    desk.fake.next("submit", fault)
    return lambda: desk.engine.submit(desk.account, prepared, ref)


def at_poll(desk, fault):
    done = desk.submit()
    desk.fake.next("poll", fault)
    return lambda: desk.poll(done)


@pytest.mark.parametrize(
    ("entry", "kind"),
    [pytest.param(e, k, id=f"{e.slug}-{k}") for e in CONTRACT for k in KINDS if k not in e.not_refused],
)
def test_each_refusal_of_a_submission_is_told_apart(entry, kind, desk_of):
    desk = desk_of(entry)
    error = refused(at_submit(desk, kind))
    assert error.fault == entry.fault(kind), error
    assert error.code
    assert desk.submissions == 1


def test_a_submission_to_a_model_that_is_not_there_any_more_is_known_as_that(desk):
    if desk.entry.slug == "gemini":
        desk.fake.models = ()  # a bare 404 means its version of the API
    else:
        desk.fake.next("submit", "gone")
    error = refused(desk.submit)
    assert error.fault == Fault.INVALID and error.names_no_model


@pytest.mark.parametrize(
    ("said", "is_gone"),
    [
        ("models/veo-3.1 is no longer available", True),
        ("This model was retired", True),
        ("Model not exist.", True),
        ("model_not_found", True),
        ("The model could not draw it: no face was found", False),
        ("image is no longer available", False),
    ],
)
def test_a_model_that_is_gone_is_known_by_what_is_said_too(said, is_gone):
    assert RemoteError(Fault.INVALID, "http_400", said, status=400).names_no_model == is_gone
    assert not RemoteError(Fault.LOST, "http_404", said, status=404).names_no_model


@pytest.mark.parametrize("entry", CONTRACT, ids=lambda entry: entry.slug)
def test_a_person_reads_what_the_provider_said_of_a_request_that_it_refused(entry, desk_of):
    desk = desk_of(entry)
    error = refused(at_submit(desk, "invalid"))
    read = in_words(error, str(desk.engine.label))
    assert error.detail[:30] in read, read
    if "duration" in error.detail:
        assert "“Length”" in read, read


@pytest.mark.parametrize("status", [408, 499, 500, 502, 503, 504])
def test_a_server_in_trouble_is_not_believed_that_it_refused(status, desk):
    """Whoever stands before the provider may have said it after the task was created, in whatever words."""
    prepared, ref = desk.prepare()
    for kind in sorted(set(KINDS) - desk.entry.not_refused):
        reply = desk.fake.refusal(kind)
        desk.fake.fault_behind = lambda request, act, reply=reply: Reply(status, reply.body)
        desk.fake.next("submit", "behind")
        error = refused(lambda: desk.engine.submit(desk.account, prepared, ref))
        assert error.fault == Fault.UNKNOWN, (kind, error)


def test_busy_with_a_time_says_when_to_come_back(desk):
    error = refused(at_submit(desk, "busy_retry_after"))
    assert error.retry_after == 1.0
    assert error.fault == (Fault.TRANSIENT if desk.engine.manners.busy_never_creates else Fault.UNKNOWN)


@pytest.mark.parametrize("kind", ["auth", "busy", "broken", "html_502"])
def test_trouble_while_asking_how_it_stands_changes_nothing(kind, desk):
    done = desk.submit()
    desk.fake.next("poll", kind)
    error = refused(lambda: desk.poll(done))
    assert error.fault == (Fault.AUTH if kind == "auth" else Fault.TRANSIENT), error
    assert desk.poll(done).stage == Stage.SUCCEEDED


@pytest.mark.parametrize("kind", ["cut", "hang", "huge_answer", "redirect_inside"])
def test_a_lost_answer_while_asking_changes_nothing(kind, desk, settings):
    done = desk.submit()
    desk.fake.next("poll", kind)
    if kind == "hang":
        settings.PROVIDER_SECONDS = 3
    try:
        desk.poll(done)
        pytest.fail("an answer was made up")
    except NoAnswer:
        pass
    except RemoteError as error:
        assert error.fault == Fault.TRANSIENT, error
    until(lambda: not desk.fake.faults["poll"])
    settings.PROVIDER_SECONDS = 20
    assert desk.poll(done).stage == Stage.SUCCEEDED


@pytest.mark.parametrize(
    ("entry", "kind"),
    [pytest.param(entry, kind, id=f"{entry.slug}-{kind}") for entry in CONTRACT for kind in entry.lost],
)
def test_a_lost_answer_leaves_the_outcome_open_and_is_asked_for_once(entry, kind, desk_of, settings):
    desk = desk_of(entry)
    send = at_submit(desk, kind)
    if kind.startswith("hang"):
        settings.PROVIDER_SECONDS = 3
    try:
        send()
        pytest.fail("an answer was made up")
    except NoAnswer:
        pass
    except RemoteError as error:
        assert error.fault == Fault.UNKNOWN, error
    until(lambda: desk.submissions)  # it may have arrived only now
    assert desk.submissions == 1
    assert len(desk.fake.created) == (0 if kind == "redirect_inside" else 1)


@pytest.mark.parametrize("wrong", [True, 1.5, None, [], {}, "", "a\x00b"], ids=repr)
def test_what_is_no_name_of_a_task_is_not_taken_for_one(wrong, desk):
    """It said yes and named nothing that can be asked for: it may have been made, and nobody knows it."""

    def misnamed(request, act):
        reply = act()
        [task] = desk.fake.created
        reply.body = _renamed(copy.deepcopy(reply.body), task.id, wrong)
        return reply

    desk.fake.fault_misnamed = misnamed
    with pytest.raises(RemoteError) as caught:
        at_submit(desk, "misnamed")()
    assert caught.value.fault == Fault.UNKNOWN


def _renamed(body, name: str, wrong):
    if isinstance(body, dict):
        return {key: _renamed(value, name, wrong) for key, value in body.items()}
    if isinstance(body, list):
        return [_renamed(value, name, wrong) for value in body]
    return wrong if str(body) == name else body


def test_an_address_where_nobody_listens_proves_that_nothing_was_sent(desk, settings):
    prepared, ref = desk.prepare()
    settings.PROVIDER_PRIVATE_HOSTS = ["127.0.0.1:9"]
    with pytest.raises(NotSent):
        desk.engine.submit(desk.account_at("http://127.0.0.1:9"), prepared, ref)
    assert desk.submissions == 0


@pytest.mark.parametrize("kind", ["expired", "gone"])
def test_an_expired_address_is_lost_and_a_fresh_one_works(kind, desk, film):
    done = desk.submit()
    desk.fake.next("film", kind)
    error = refused(lambda: desk.fetch(desk.poll(done).output))
    assert error.fault == Fault.LOST
    assert desk.fetch(desk.poll(done).output) == film


def test_a_transfer_that_breaks_is_told_and_can_be_repeated(desk, film):
    done = desk.submit()
    seen = desk.poll(done)
    desk.fake.next("film", "cut", "html_502", "cut_short")
    desk.fake.fault_cut_short = lambda request, act: Reply(
        200, film[:99], {"Content-Length": str(len(film)), "Connection": "close"}
    )
    for _ in range(3):
        with pytest.raises(NoAnswer):
            desk.fetch(seen.output)
    assert desk.fetch(seen.output) == film


def test_the_key_is_never_shown_to_the_host_of_the_film(desk):
    done = desk.submit()
    desk.fetch(desk.poll(done).output)
    ours = desk.account.base_url.removeprefix("http://").split("/")[0]
    elsewhere = [call for call in desk.fake.calls if call.headers["host"] != ours]
    assert elsewhere or desk.entry.slug in FILMS_AT_HOME, "the film came from no other host: this proves nothing"
    for call in elsewhere:
        shown = f"{call.path} {call.query} {call.headers} {call.body!r}"
        assert not [secret for secret in desk.secrets if secret in shown]


def test_the_key_is_in_no_error_and_no_log(desk, caplog, settings):
    """Also where a provider quotes it in its answer."""
    caplog.set_level(logging.DEBUG)
    desk.submit()
    shown = [secret for secret in desk.secrets if any(secret in str(call.headers) for call in desk.fake.calls)]
    quoted = " ".join(f"no such key: {secret}; you sent Authorization: Key {secret}" for secret in shown)
    quoted = f"cannot call {desk.account.webhook} back; {quoted}" if desk.account.webhook else quoted
    desk.fake.fault_quoting = lambda request, act: Reply(401, quoted)
    desk.fake.fault_quoting_json = lambda request, act: Reply(
        400, {"detail": quoted, "message": quoted, "error": {"code": quoted, "message": quoted}}
    )
    seen = []
    for kind in (
        "auth",
        "broken",
        "quoting",
        "quoting_json",
        "cut",
        "html_502",
        "redirect_inside",
        "no_id_after_create",
    ):
        for trouble_with in (at_submit, at_poll):
            act = trouble_with(desk, kind)
            try:
                act()
            except NO_TROUBLE_YET as error:
                seen += [str(error), repr(error), str(vars(error)), *traceback.format_exception(error)]
    assert len(seen) > 30
    everything = "\n".join([*seen, caplog.text, repr(desk.account), *(repr(vars(each)) for each in caplog.records)])
    for secret in desk.secrets:
        assert secret not in everything
        assert secret[-12:] not in everything


def test_trouble_there_while_it_is_asked_to_stop_is_not_taken_for_too_late(desk, monkeypatch):
    if desk.engine.manners.stopping == Stopping.NONE:
        pytest.skip("it never stops anything")
    desk.fake.queued = 1000
    done, answer = desk.submit(), desk.fake.answer

    def down(request):
        return answer(request) if request.method == "GET" else Reply(502, HTML)

    monkeypatch.setattr(desk.fake, "answer", down)
    try:
        stopped = desk.engine.cancel(desk.account, done.handle)
    except NoAnswer:
        return
    except RemoteError as error:
        assert error.fault in (Fault.TRANSIENT, Fault.UNKNOWN)
        return
    pytest.fail(f"a bad gateway was taken for an answer: {stopped}")


def test_every_fault_has_words_of_its_own_for_people_in_both_languages(desk):
    name = str(desk.engine.label)
    english = {fault: words_for(fault, name) for fault in Fault}
    with translation.override("zh-hans"):
        named = str(desk.engine.label)
        chinese = {fault: words_for(fault, named) for fault in Fault}
    for words, label in ((english, name), (chinese, named)):
        assert len(set(words.values())) == len(Fault)
        assert all(label in each for each in words.values())
    for fault in Fault:
        assert not CHINESE.search(english[fault].replace(name, "")), english[fault]
        assert len(CHINESE.findall(chinese[fault].replace(named, ""))) > 5, f"{fault}: {chinese[fault]}"


@pytest.mark.parametrize(
    ("entry", "kind"),
    [pytest.param(e, k, id=f"{e.slug}-{k}") for e in CONTRACT for k in KINDS if k not in e.not_refused],
)
def test_what_a_person_reads_of_a_refusal_is_in_their_language(entry, kind, desk_of):
    """Also where the adapter has words of its own."""
    seen = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            desk = desk_of(entry)
            error = refused(at_submit(desk, kind))
            seen[language] = (error.words or words_for(error.fault, "")).replace(str(desk.engine.label), "")
    assert not CHINESE.search(seen["en"]) and len(seen["en"].split()) > 3
    assert len(CHINESE.findall(seen["zh-hans"])) > 5, seen
