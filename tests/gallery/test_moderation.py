"""Reports, cases, decisions, appeals, bans, first looks and the choice to see mature works."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, User
from gallery.access import needs_first_look
from gallery.errors import AlreadyDecided, AppealRefused, ReactionRefused
from gallery.models import (
    Appeal,
    Ban,
    Case,
    Comment,
    Decision,
    Playlist,
    PlaylistEntry,
    Report,
    Strike,
    ViewerSettings,
    Work,
)
from gallery.moderation import appeals, decisions, reports
from gallery.moderation.decisions import BanTerms, Explanation
from gallery.reactions.comments import add_comment
from tests.factories import UserFactory
from tests.gallery import works

pytestmark = pytest.mark.django_db
BLURRED = "ratio-16-9 blank blurred"
RULE = Explanation(reason="spam", statement="It advertises a shop.", note="third time")


@pytest.fixture(autouse=True)
def embedded(settings):
    settings.IS_EMBEDDED = True  # so that the operators' pages need no second factor


@pytest.fixture
def operator(db):
    return UserFactory(name="Olga", is_staff=True, is_superuser=True)


@pytest.fixture
def second_operator(db):
    return UserFactory(name="Otto", is_staff=True, is_superuser=True)


def create_reporter(days: int = 30) -> User:
    user = UserFactory()
    User.objects.filter(pk=user.pk).update(date_joined=timezone.now() - timedelta(days=days))
    user.refresh_from_db()
    return user


def report(work, by=None, reason="spam") -> Case:
    reports.report_target(work, by=by or create_reporter(), reason=reason, text="look")
    return Case.objects.get(state="open", work=work)


def test_a_flood_of_reports_is_one_case_and_each_reporter_counts_once(work):
    reporters = [create_reporter() for _n in range(12)]
    for reporter in reporters * 2:
        report(work, reporter)

    case = Case.objects.get()
    assert (case.report_count, case.reports.count(), case.target_label) == (12, 12, work.title)
    assert case.priority == reports.PRIORITIES["spam"] + reports.MAX_MORE < reports.PRIORITIES["rights"]
    work.refresh_from_db()
    assert work.state == Work.State.SHOWN


def test_three_independent_grave_reports_hide_until_an_operator_decides(work, operator, client):
    report(work, create_reporter(days=1), "minor")  # a new account counts nothing
    first, second, third = create_reporter(), create_reporter(), create_reporter()
    for reporter in (first, second):
        report(work, reporter, "illegal")
    second.memberships.create(workspace=first.workspaces.get())  # and neither do two of one workspace
    report(work, third, "minor")
    work.refresh_from_db()
    assert work.state == Work.State.SHOWN

    case = report(work, create_reporter(), "minor")

    work.refresh_from_db()
    assert work.state == Work.State.HIDDEN
    automatic = case.decisions.get()
    assert (automatic.is_automatic, automatic.by, automatic.reason, case.state) == (True, None, "minor", "open")
    assert client.get(f"/w/{work.code}/").status_code == 404
    assert AuditEvent.objects.filter(verb="gallery.hidden_by_reports").count() == 1

    decisions.decide(case, "keep", by=operator, explanation=Explanation())
    work.refresh_from_db()
    assert work.state == Work.State.SHOWN
    for reporter in (first, third, create_reporter(), create_reporter()):
        report(work, reporter, "illegal")
    work.refresh_from_db()
    assert work.state == Work.State.SHOWN, "those who were wrong about it hide nothing again"


def test_reporters_who_are_always_wrong_come_last(mika, operator, create_clip, publish, public_gallery):
    reporter = create_reporter()
    for _n in range(reports.WRONG_RUN):
        decisions.decide(report(publish(create_clip(mika)), reporter), "keep", by=operator, explanation=Explanation())
    work = publish(create_clip(mika))

    assert report(work, reporter, "minor").priority == 0
    assert report(work, create_reporter(), "other").priority > 0


def test_visitors_and_users_report_a_work_but_not_its_author(work, client, sign_in, ren, mika, operator, settings):
    url = f"/w/{work.code}/report/"
    assert url in client.get(f"/w/{work.code}/").text
    assert client.post(url, {"reason": "rights", "text": "my cat"}).status_code == 422, "a visitor leaves an address"
    assert client.post(url, {"reason": "other", "email": "x@example.test"}).status_code == 422, "other needs words"
    assert client.post(url, {"reason": "no", "email": "x@example.test"}).status_code == 422
    sent = {"reason": "rights", "text": "my cat", "email": "x@example.test"}
    assert client.post(url, sent).url == client.post(url, sent).url == "/reported/"
    assert sign_in(ren).post(url, {"reason": "spam"}).url == "/reported/"
    assert sign_in(mika).post(url, {"reason": "spam"}).status_code == 404, "one's own work"
    assert [(row.user, row.email) for row in Report.objects.order_by("pk")] == [(None, "x@example.test"), (ren, "")]
    assert sign_in(operator).post(url, {"reason": "spam"}).url == f"/operator/reports/{Case.objects.get().pk}/"

    comment = Comment.objects.create(work=work, user=mika, text="Buy now")
    assert client.get(f"/comments/{comment.code}/report/").status_code == 200
    assert client.get("/@mika/report/").status_code == 200
    settings.GALLERY = "members"
    assert client.get(url).url.startswith("/account/login/")
    settings.GALLERY = "off"
    assert sign_in(ren).get(url).status_code == 404
    assert sign_in(operator).get("/operator/reports/").status_code == 404


def test_reports_are_limited_by_day_with_a_sentence(work, client, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"visitor_report": "1/d/ip"}
    sent = {"reason": "spam", "email": "x@example.test"}
    client.post(f"/w/{work.code}/report/", sent)

    response = client.post("/@mika/report/", sent)

    assert response.status_code == 429 and "the limit of reports for today" in response.text
    assert Report.objects.count() == 1


@pytest.mark.rows
@pytest.mark.django_db(transaction=True)
def test_of_two_operators_one_decides(work, operator, second_operator):
    case = report(work)
    refusals, barrier = [], threading.Barrier(2)

    def decide(by):
        barrier.wait()
        try:
            decisions.decide(Case.objects.get(pk=case.pk), "remove", by=by, explanation=RULE)
        except AlreadyDecided as refusal:
            refusals.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=[by]) for by in (operator, second_operator)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    decision = Decision.objects.get()
    assert len(refusals) == 1 and decision.by.name in refusals[0] and "Removed" in refusals[0]
    assert Strike.objects.get().points == 2


def test_an_operator_decides_on_the_page_of_the_case(work, ren, sign_in, operator, second_operator):
    case = report(work, ren, "mature")
    browser = sign_in(operator)
    page = browser.get(f"/operator/reports/{case.pk}/").text
    assert work.title in page and work.clip.prompt in page and "<cel-player" in page
    assert '<option value="mature" selected>' in page
    assert work.title in browser.get("/operator/reports/").text

    Work.objects.update(visibility="private")
    page = browser.get(f"/operator/reports/{case.pk}/").text
    assert "It is private again" in page and "<cel-player" not in page and work.clip.prompt not in page
    Work.objects.update(visibility="public")

    url = f"/operator/reports/{case.pk}/decide/"
    assert browser.post(url, {"act": "burn"}).status_code == 422
    assert browser.post(url, {"act": "label", "reason": "mature"}).url == "/operator/reports/"
    late = sign_in(second_operator).post(url, {"act": "remove", "reason": "mature"})
    assert late.status_code == 409 and "Olga has already decided: Marked as mature" in late.text

    work.refresh_from_db()
    assert (work.rating, work.is_rating_fixed, work.state) == ("mature", True, "shown")
    works.publish(work.clip, rating="all")
    work.refresh_from_db()
    assert work.rating == "mature", "the author cannot undo it"
    assert AuditEvent.objects.filter(verb="gallery.label", actor_id=operator.pk).exists()


def test_the_owner_and_nobody_else_reads_the_statement(
    work, mika, ren, sign_in, operator, client, settings, django_capture_on_commit_callbacks
):
    settings.HAS_MAIL, settings.MAILERS = (
        True,
        {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}},
    )
    case = report(work, ren)
    from django.test import TestCase

    with TestCase.captureOnCommitCallbacks(execute=True):
        decisions.decide(case, "remove", by=operator, explanation=RULE)

    page = sign_in(mika).get("/settings/decisions/").text
    assert "It advertises a shop." in page and "Spam or deception" in page and work.title in page
    assert "third time" not in page and "Olga" not in page and "Ren" not in page
    assert "It advertises a shop." in sign_in(mika).get(f"/w/{work.code}/").text
    assert "advertises" not in sign_in(ren).get("/settings/decisions/").text
    assert sign_in(ren).get(f"/w/{work.code}/").status_code == client.get(f"/w/{work.code}/").status_code == 404
    (message,) = mail.outbox
    assert (
        message.to == [mika.email]
        and "It advertises a shop." in message.body
        and "/settings/decisions/" in message.body
    )
    url = f"/settings/decisions/{Decision.objects.get().pk}/appeal/"
    assert sign_in(ren).post(url, {"text": "let me"}).status_code == 404


def test_an_appeal_is_answered_by_another_operator_and_undoes(work, mika, sign_in, operator, second_operator):
    decision = decisions.decide(report(work), "remove", by=operator, explanation=RULE)
    url = f"/settings/decisions/{decision.pk}/appeal/"
    assert sign_in(mika).post(url, {"text": ""}).status_code == 422
    assert sign_in(mika).post(url, {"text": "It is a film about a shop."}).url == "/settings/decisions/"
    assert sign_in(mika).post(url, {"text": "Again."}).status_code == 409
    appeal = Appeal.objects.get()

    answer = f"/operator/reports/appeals/{appeal.pk}/"
    refused = sign_in(operator).post(answer, {"state": "granted"})
    assert refused.status_code == 409 and "another administrator must answer" in refused.text
    assert sign_in(second_operator).post(answer, {"state": "granted", "answer": "You are right."}).status_code == 302

    work.refresh_from_db()
    assert work.state == Work.State.SHOWN and Strike.objects.get().voided_at
    assert "You are right." in sign_in(mika).get("/settings/decisions/").text
    with pytest.raises(AlreadyDecided):
        appeals.answer(appeal, by=second_operator, is_granted=False, text="")


def test_the_only_operator_answers_an_appeal_against_themselves(work, mika, operator):
    decision = decisions.decide(report(work), "warn", by=operator, explanation=RULE)
    appeal = appeals.appeal(decision, by=mika, text="No.")
    appeals.answer(appeal, by=operator, is_granted=False, text="It stays.")

    assert Strike.objects.get().voided_at is None
    with pytest.raises(AppealRefused):
        appeals.appeal(decision, by=mika, text="No, no.")


def test_a_ban_refuses_with_reason_and_end_and_is_lifted(work, mika, ren, create_clip, publish, sign_in, operator):
    other = publish(create_clip(mika))
    terms = BanTerms(scope="all", days=7, hides="all")
    decision = decisions.decide(report(work), "ban", by=operator, explanation=RULE, terms=terms)

    assert not Work.objects.listed().exists()
    playlist = Playlist.objects.create(workspace=work.workspace, title="P")
    change = {"title": "Buy!", "description": "", "visibility": "public"}
    assert sign_in(mika).post(f"/playlists/{playlist.code}/change/", change).status_code == 403
    profile = {"handle": "mika", "bio": "Buy!", "links": "", "visibility": "public", "licence": "by"}
    assert sign_in(mika).post("/settings/gallery/", profile).status_code == 422
    hers = publish(create_clip(ren))
    mika.date_joined -= timedelta(days=1)
    with pytest.raises(ReactionRefused) as refused:
        add_comment(user=mika, work=hers, workspace=mika.home, text="Nice")
    for words in (
        "You may neither publish nor comment",
        "Spam or deception",
        "The ban ends on",
        "/settings/decisions/",
    ):
        assert words in str(refused.value)
    assert "The ban ends on" in sign_in(mika).get("/settings/decisions/").text

    decisions.undo(decision, by=operator)
    assert Ban.objects.get().lifted_at and set(Work.objects.listed()) == {work, other, hers}


def test_the_first_three_works_wait_for_a_look(mika, create_clip, publish, settings, sign_in, operator, client):
    settings.GALLERY, settings.FIRST_LOOK = "public", "first"
    waiting = [publish(create_clip(mika, title=f"Work {n}")) for n in range(4)]
    assert {work.state for work in waiting} == {"waiting"}
    assert client.get(f"/w/{waiting[0].code}/").status_code == 404

    browser = sign_in(operator)
    assert "Work 3" in browser.get("/operator/reports/first-looks/").text
    refuse = {"act": "refuse", "chosen": f"{waiting[3].code}.1", "reason": "spam"}
    browser.post("/operator/reports/first-looks/", refuse)
    assert needs_first_look(mika.home)
    approve = {"act": "approve", "chosen": [f"{work.code}.1" for work in waiting[:3]]}
    Work.objects.filter(pk=waiting[0].pk).update(revision=2)  # the operator saw the file before
    browser.post("/operator/reports/first-looks/", approve)
    assert Work.objects.get(pk=waiting[0].pk).state == "waiting"
    approve["chosen"].append(f"{waiting[0].code}.2")
    browser.post("/operator/reports/first-looks/", approve)

    assert [Work.objects.get(pk=work.pk).state for work in waiting] == ["shown", "shown", "shown", "hidden"]
    assert publish(create_clip(mika)).state == "shown"
    assert client.get(f"/w/{waiting[0].code}/").status_code == 200
    decisions = sign_in(mika).get("/settings/decisions/").text
    assert decisions.count(">Approved<") == 3 and "“Work 0” was approved, and everybody sees it now." in decisions
    settings.FIRST_LOOK = "all"
    assert needs_first_look(mika.home) and not needs_first_look(mika.home, waiting[0])


def test_waiting_comments_are_approved_together(work, ren, sign_in, operator):
    comments = [Comment.objects.create(work=work, user=ren, text="see www.example.com", state="waiting") for _ in "ab"]
    browser = sign_in(operator)
    browser.post("/operator/reports/comments/", {"act": "approve", "chosen": [comment.code for comment in comments]})

    assert set(Comment.objects.values_list("state", flat=True)) == {"shown"}
    work.refresh_from_db()
    assert work.comment_count == 2


def test_a_mature_work_keeps_files_and_words_from_who_has_not_chosen(
    mika, ren, create_clip, publish, settings, sign_in
):
    settings.GALLERY, settings.FIRST_LOOK, settings.GALLERY_MATURE = "public", "none", True
    work = publish(
        create_clip(mika, prompt="A secret prompt"), rating="mature", description="Words of Mika", shows_prompt=True
    )
    Comment.objects.create(work=work, user=ren, text="Words of Ren", state="shown")
    ViewerSettings.objects.create(user=ren, mature="blur")
    visitor, chosen, url = Client(), Client(), f"/w/{work.code}/"
    chosen.post("/mature/", {"next": url})
    secrets = ["Words of Mika", "A secret prompt", "Words of Ren", "/p/"]

    assert [secret for secret in secrets if secret not in chosen.get(url).text] == []
    for browser, path in [
        (visitor, url),
        (sign_in(ren), url),
        (sign_in(ren), "/explore/"),
        (visitor, "/explore/feed.atom"),
    ]:
        assert [secret for secret in secrets if secret in browser.get(path).text] == []
    file = f"/p/{work.code}/{work.revision}/film.mp4"
    for path in (f"{url}comments/", f"/embed/{work.code}/", file):
        assert visitor.get(path).status_code == 404, path


def test_mature_works_stay_blurred_until_the_viewer_chooses(mika, ren, create_clip, publish, settings, client, sign_in):
    settings.GALLERY, settings.FIRST_LOOK, settings.GALLERY_MATURE = "public", "none", True
    work = publish(create_clip(mika), rating="mature")
    url = f"/w/{work.code}/"

    page = client.get(url).text
    assert "I am an adult: show the work" in page and "<cel-player" not in page and "film.mp4" not in page
    assert client.post("/mature/", {"next": "//elsewhere.test/"}).url == "/explore/"
    chosen = Client()
    assert chosen.post("/mature/", {"next": url}).url == url
    assert chosen.cookies["mature"]["max-age"] == 24 * 3600
    assert "<cel-player" in chosen.get(url).text and "<cel-player" in sign_in(mika).get(url).text
    assert work.title not in chosen.get("/explore/").text
    assert sign_in(ren).get(f"{url}remix/").url == url

    ViewerSettings.objects.create(user=ren, mature="blur")
    playlist = Playlist.objects.create(workspace=work.workspace, title="P", visibility="public")
    PlaylistEntry.objects.create(playlist=playlist, work=work, position=1)
    for path in ("/explore/", f"/playlists/{playlist.code}/"):
        assert BLURRED in sign_in(ren).get(path).text
    ViewerSettings.objects.update(mature="show")
    assert BLURRED not in sign_in(ren).get("/explore/").text and "<cel-player" in sign_in(ren).get(url).text

    settings.GALLERY_MATURE = False
    assert chosen.get(url).status_code == 404 and chosen.post("/mature/").status_code == 404
