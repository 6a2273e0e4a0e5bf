"""A request that outlasts its lease keeps its response and is not sent twice."""

import html
import re
import time

import pytest
from django.utils import timezone

from generation.providers.adapters.language.provider import LanguageProvider
from jobs import maintenance
from jobs import services as jobs
from jobs.lifecycle.lease import Lease
from jobs.models import Job
from studio.director import services as director_services
from studio.director import worker as director_worker
from studio.models import Direction

pytestmark = pytest.mark.django_db
IDEA = "A fox brings letters to an old harbour in winter."


def read_page(browser, story):
    return browser.get(f"/stories/{story.pk}/director/").content.decode()


@pytest.mark.parametrize("fault", ["silent", "silent_in_the_middle"])
def test_the_lease_is_renewed_while_the_model_is_silent(
    post_director, browser, story, model, settings, monkeypatch, fault
):
    """The lease is renewed every second, so that no other worker takes the job."""
    settings.JOB_LEASE_SECONDS = 2
    model.pause, renewals, write = 2.2, [], Lease._write

    def write_and_record(claim, **fields):
        if "lease_until" in fields and fields["lease_until"] is not None:
            renewals.append(time.monotonic())
        write(claim, **fields)

    monkeypatch.setattr(Lease, "_write", write_and_record)
    monkeypatch.setattr(LanguageProvider, "patience", 30)
    model.next("chat", fault)

    post_director("begin", idea=IDEA)

    assert "last letter" in Direction.objects.get().proposal["concept"]
    assert len(renewals) >= 2 and len(model.read_requests()) == 1
    assert "last letter of the winter" in read_page(browser, story)


def test_silence_ends_at_the_request_deadline(post_director, browser, story, model, monkeypatch):
    monkeypatch.setattr(LanguageProvider, "patience", 2)
    model.pause = 60
    model.next("chat", "silent")
    started = time.monotonic()

    post_director("begin", idea=IDEA)

    text = read_page(browser, story)
    assert "stopped in the middle of its response" in text and "may have been charged" in text
    assert len(model.read_requests()) == 1 and Job.objects.get(kind="director").state == "failed"
    assert time.monotonic() - started < 60


def test_cancelling_a_silent_request_reports_a_possible_charge(post_director, browser, story, model, monkeypatch):
    def cancel_while_waiting(listener):
        Job.objects.filter(kind="director").update(cancel_requested_at=timezone.now())
        listener.lease.is_cancelled(at_once=True)
        wait(listener)

    wait = director_worker._ResponseListener.report_progress
    monkeypatch.setattr(director_worker._ResponseListener, "report_progress", cancel_while_waiting)
    model.next("chat", "silent")

    post_director("begin", idea=IDEA)

    text = read_page(browser, story)
    assert Job.objects.get(kind="director").state == "cancelled"
    assert "Cancelled while the model was responding" in text and "may have been charged" in text
    assert len(model.read_requests()) == 1


def test_cancelling_on_the_page_ends_the_stream_and_keeps_the_text(
    post_director, browser, story, model, run_jobs, monkeypatch
):
    post_director("begin", idea=IDEA)
    post_director("accept", step="concept", concept="A fox brings my letter.")
    receive_text, write_and_record = director_worker._ResponseListener.receive_text, []

    def cancel_on_page(listener, text):
        receive_text(listener, text)
        if not write_and_record and len(text) > 100:
            write_and_record.append(read_page(browser, story))
            (action,) = re.findall(r'action="(/jobs/[^"]*/cancel/)"', write_and_record[0])
            browser.post(action)

    monkeypatch.setattr(director_worker._ResponseListener, "receive_text", cancel_on_page)
    model.next("chat", "silent_in_the_middle")
    post_director("ask", step="shots")
    run_jobs()

    text = read_page(browser, story)
    assert "A fox carries a letter." in html.unescape(write_and_record[0]), "text is shown while it arrives"
    assert "Cancelled while the model was responding" in text and "may have been charged" in text
    assert "A fox brings my letter." in text and "A fox carries a letter." in html.unescape(text)
    assert "It knocks." not in text and "/cancel/" not in text
    assert Direction.objects.get().shots == [] and len(model.read_requests()) == 2

    post_director("ask", step="shots")
    assert "It knocks." in read_page(browser, story) and len(model.read_requests()) == 3


def test_a_request_cancelled_before_sending_is_free(browser, story, connection, model):
    browser.post(
        f"/stories/{story.pk}/director/", {"do": "begin", "idea": IDEA, "count": 2, "connection": connection.pk}
    )
    browser.post(f"/jobs/{Job.objects.get(kind='director').pk}/cancel/")

    assert "Cancelled before anything was submitted. Nothing was charged." in read_page(browser, story)
    assert model.read_requests() == []


@pytest.mark.parametrize(("fault", "text"), [("cut_in_the_middle", ""), ("", "Once upon a time <b>there</b> was none")])
def test_partial_answers_can_be_read(post_director, browser, story, model, fault, text):
    if text:
        model.texts.append(text)
    if fault:
        model.next("chat", fault)

    post_director("begin", idea=IDEA)

    page = read_page(browser, story)
    assert "Text before the failure" in page
    assert ("last letter" if fault else "Once upon a time &lt;b&gt;there") in page


def test_requests_beyond_the_rate_limit_are_refused_and_not_sent(
    post_director, browser, story, connection, model, settings
):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "submit": "1/m/user"}
    post_director("begin", idea=IDEA)

    repeated = browser.post(f"/stories/{story.pk}/director/", {"do": "ask", "step": "concept"})
    other = browser.post(
        f"/stories/{story.pk}/director/", {"do": "begin", "idea": "Another", "count": 2, "connection": connection.pk}
    )

    assert [answer.status_code for answer in (repeated, other)] == [429, 429]
    assert "Too many requests" in repeated.content.decode() and "Another" in other.content.decode()
    assert len(model.read_requests()) == 1


MOMENTS_OF_DELETION = {  # moment → where the request is deleted, and the requests sent by then
    "before it is sent": ("", 0),
    "when its job is claimed": ("jobs.lifecycle.engine.failpoint after_claim", 0),
    "during the response": ("", 1),
    "at the last step": ("jobs.lifecycle.engine.failpoint before_stored", 1),
}


@pytest.mark.parametrize("moment", MOMENTS_OF_DELETION)
def test_deleting_a_request_keeps_accepted_steps(
    browser, story, post_director, connection, mika, model, run_jobs, monkeypatch, moment
):
    post_director("begin", idea=IDEA)
    post_director("accept", step="concept", concept="A fox brings my letter.")
    (target, requests_sent), write_and_record = MOMENTS_OF_DELETION[moment], []
    direction = Direction.objects.get()
    request = director_services.request_proposal(
        direction=direction, by=mika, step="shots", idem_key="k", shown=direction.mark
    ).job

    def delete():
        if not write_and_record:
            jobs.delete(Job.objects.get(pk=request.pk), by=mika)
            write_and_record.append(Job.objects.shown().filter(pk=request.pk).exists())

    if target:
        path, point = target.split()
        monkeypatch.setattr(path, lambda name, key: name == point and delete())
    elif requests_sent:
        receive_text = director_worker._ResponseListener.receive_text
        delete_and_receive = lambda listener, text: (delete(), receive_text(listener, text))  # noqa: E731
        monkeypatch.setattr(director_worker._ResponseListener, "receive_text", delete_and_receive)
    else:
        delete()
    run_jobs()

    request.refresh_from_db()
    assert (write_and_record, request.state, len(model.read_requests())) == ([False], "cancelled", 1 + requests_sent)
    assert (Direction.objects.get().concept, Direction.objects.get().shots) == ("A fox brings my letter.", [])
    assert maintenance.find_violations() == []

    monkeypatch.undo()
    jobs.purge(request)
    assert "A fox brings my letter." in read_page(browser, story)
    post_director("ask", step="shots")
    assert "It knocks." in read_page(browser, story) and maintenance.find_violations() == []
