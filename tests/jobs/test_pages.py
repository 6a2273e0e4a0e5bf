"""The job queue, one job, its actions, and access of strangers and guests."""

import time
from uuid import UUID

import pytest
from django.core.cache import cache
from django.urls import reverse

from accounts import maintenance
from accounts.sign_in.session_lifetime import SIGNED_IN_AT, find_viewer
from jobs import services
from jobs.listing.pages import PAGE_SIZE
from jobs.models import Attempt, Job, State
from jobs.runtime import heartbeat
from tests.factories import MembershipFactory, WorkspaceFactory
from tests.jobs.live import poll


def get_queue(client, **query):
    return client.get(reverse("jobs:queue"), query)


def test_empty_queue_explains_itself(sign_in, mika):
    assert "Nothing on the table" in get_queue(sign_in(mika)).text


def test_queue_shows_only_own_jobs(sign_in, submit, mika):
    submit(title="A lantern in the rain")
    submit(title="Somebody else's", workspace=WorkspaceFactory())

    text = get_queue(sign_in(mika)).text

    assert "A lantern in the rain" in text
    assert "Someone else" not in text


@pytest.mark.rows
def test_queue_filters_by_state_kind_and_text(sign_in, submit, run_steps, mika):
    run_steps(submit(title="Finished one"))
    submit(title="Waiting one")
    browser = sign_in(mika)

    assert "Waiting one" not in get_queue(browser, state="done").text
    assert "Finished one" not in get_queue(browser, state="waiting").text
    assert "No failed jobs. Good." in get_queue(browser, state="failed").text
    assert "Finished one" not in get_queue(browser, kind="export").text
    assert "Finished one" not in get_queue(browser, q="waiting").text
    assert "Finished one" in get_queue(browser, state="nonsense", kind="nonsense", q="\0").text
    assert get_queue(browser, after="nonsense").status_code == 400


def test_jobs_queued_at_the_provider_count_as_waiting(sign_in, submit, mika):
    queued, drawn = submit(title="Queued there"), submit(title="Being drawn")
    submit(title="Waiting here")
    Job.objects.filter(pk__in=[queued.pk, drawn.pk]).update(state=State.RUNNING)
    Job.objects.filter(pk=queued.pk).update(is_queued_at_provider=True)
    browser = sign_in(mika)

    shown = {name: get_queue(browser, state=name) for name in ("running", "waiting")}

    titles = {name: {job.title for job in answer.context["rows"]} for name, answer in shown.items()}
    assert titles == {"running": {"Being drawn"}, "waiting": {"Queued there", "Waiting here"}}
    counts = {str(chip["label"]): chip["count"] for chip in shown["running"].context["chips"]}
    assert (counts["All"], counts["Running"], counts["Waiting"]) == ("3", "1", "2")


def test_next_page_returns_only_rows(sign_in, submit, mika, settings):
    settings.JOBS_PER_WORKSPACE = 100
    for _ in range(31):
        submit()

    answer = get_queue(sign_in(mika, headers={"HX-Request": "true", "HX-Target": "li#more"}))

    assert "<html" not in answer.text
    assert answer.text.count('class="job-row"') == PAGE_SIZE


def test_queue_query_count_is_constant(sign_in, submit, mika, settings, django_assert_max_num_queries):
    settings.JOBS_PER_WORKSPACE = 100
    for _ in range(29):
        submit()
    browser = sign_in(mika)
    get_queue(browser)  # the first visit of a session is recorded as well

    with django_assert_max_num_queries(10):
        get_queue(browser)


def test_job_page_shows_its_history(sign_in, submit, run_steps, mika, django_assert_max_num_queries):
    job = run_steps(submit())
    browser = sign_in(mika)
    get_queue(browser)

    with django_assert_max_num_queries(7):
        text = browser.get(reverse("jobs:job", args=[job.pk])).text

    for part in ("Queued", "Started", "Generated; checking and saving", "Done", "Mika", "the studio"):
        assert part in text
    assert "worker " not in text


def test_viewer_cannot_change_a_job(sign_in, submit, ren, workspace):
    MembershipFactory(user=ren, workspace=workspace, role="viewer")
    job = submit()

    assert sign_in(ren).get(reverse("jobs:job", args=[job.pk])).status_code == 200
    assert sign_in(ren).post(reverse("jobs:cancel", args=[job.pk])).status_code == 403
    sign_in(ren).post(reverse("jobs:bulk"), {"act": "delete", "id": str(job.pk)})

    assert Job.objects.shown().get().state == State.QUEUED


def test_cancel_delete_and_restore_a_job(sign_in, submit, mika):
    job = submit()
    browser = sign_in(mika)

    browser.post(reverse("jobs:cancel", args=[job.pk]))
    assert Job.objects.get().state == State.CANCELLED
    deleted = browser.post(reverse("jobs:delete", args=[job.pk]), follow=True)
    assert "1 job moved to the trash for 30 days." in deleted.text
    assert reverse("jobs:restore", args=[job.pk]) in deleted.text
    restored = browser.post(reverse("jobs:restore", args=[job.pk]), follow=True)

    assert job.title in restored.text


def test_htmx_action_returns_the_row_and_the_badge(sign_in, submit, mika):
    job = submit()

    text = sign_in(mika).post(reverse("jobs:cancel", args=[job.pk]), headers={"HX-Request": "true"}).text

    assert f'hx-target="li.job-row#job-{job.pk}" hx-swap="outerMorph"' in text
    assert "Cancelled" in text
    assert 'hx-target="#nav-jobs"' in text


def test_htmx_delete_removes_the_row_and_offers_an_undo(sign_in, submit, mika):
    job = submit()

    text = sign_in(mika).post(reverse("jobs:delete", args=[job.pk]), headers={"HX-Request": "true"}).text

    assert f'hx-target="#job-{job.pk}" hx-swap="delete"' in text
    assert 'hx-target="#toasts" hx-swap="beforeend"' in text
    assert f'action="{reverse("jobs:restore", args=[job.pk])}"' in text


def test_retry_redirects_to_the_clip_page(sign_in, register_kind, submit, run_steps, mika):
    register_kind(running=lambda lease: lease.fail("no", "No ink."))
    job = run_steps(submit(page="/somewhere/"))

    answer = sign_in(mika).post(reverse("jobs:retry", args=[job.pk]))

    assert (answer.status_code, answer.url) == (302, "/somewhere/")
    assert Job.objects.filter(retry_of=job).exists()


def test_refused_retry_gives_a_reason(sign_in, submit, mika):
    url, browser = reverse("jobs:retry", args=[submit().pk]), sign_in(mika)
    answer = browser.post(url, follow=True)
    part = browser.post(url, headers={"HX-Request": "true"})

    assert "Only unsuccessful jobs can be retried." in answer.text
    assert "Only unsuccessful jobs can be retried." in part.text
    assert part.status_code == 409


def test_bulk_delete_and_restore(sign_in, submit, mika):
    jobs = [submit() for _ in range(3)]
    browser = sign_in(mika)

    answer = browser.post(reverse("jobs:bulk"), {"act": "delete", "id": [str(job.pk) for job in jobs]}, follow=True)
    assert "3 jobs moved to the trash for 30 days." in answer.text
    assert not Job.objects.shown().exists()
    token = next(iter(browser.session["jobs_undo"]))
    assert reverse("jobs:undo", args=[token]) in answer.text
    browser.post(reverse("jobs:undo", args=[token]))

    assert Job.objects.shown().count() == 3


def test_undo_counts_only_restored_jobs(sign_in, submit, mika, monkeypatch):
    browser, rows, lock = sign_in(mika), [submit(), submit()], services.lock_workspace
    browser.post(reverse("jobs:bulk"), {"act": "delete", "id": [row.pk for row in rows]})
    token = next(iter(browser.session["jobs_undo"]))

    def purge_and_lock(workspace):
        Job.objects.filter(pk=rows[0].pk).delete()  # as while the lock was waited for
        lock(workspace)

    monkeypatch.setattr(services, "lock_workspace", purge_and_lock)
    answer = browser.post(reverse("jobs:undo", args=[token]), follow=True)

    assert "1 job restored." in answer.text and Job.objects.shown().get() == rows[1]


def test_empty_undo_is_reported(sign_in, mika):
    answer = sign_in(mika).post(reverse("jobs:undo", args=["never"]), follow=True)

    assert "nothing left to restore" in answer.text


def test_bulk_cancel_and_retry(sign_in, submit, mika):
    ids = [str(submit().pk) for _ in range(2)]
    browser = sign_in(mika)

    cancelled = browser.post(reverse("jobs:bulk"), {"act": "cancel", "id": ids}, follow=True)
    retried = browser.post(reverse("jobs:bulk"), {"act": "retry", "id": ids}, follow=True)

    assert "2 jobs cancelled." in cancelled.text
    assert "Retrying 2 jobs." in retried.text
    assert Job.objects.count() == 4


def test_bulk_retry_beyond_the_limit_reports_the_remainder(sign_in, submit, mika, settings):
    settings.JOBS_PER_WORKSPACE = 3
    ids = [services.cancel(submit(), by=mika).pk for _ in range(5)]
    browser = sign_in(mika)

    some = browser.post(reverse("jobs:bulk"), {"act": "retry", "id": ids}, follow=True)
    none = browser.post(reverse("jobs:bulk"), {"act": "retry", "id": ids}, follow=True)

    assert "Retrying 3 jobs. There is no room for 2 more jobs yet" in some.text
    assert "Unfinished jobs: 3 of 3." in none.text
    assert Job.objects.active().count() == 3 and Job.objects.count() == 8


def test_oversized_selection_changes_nothing(sign_in, submit, mika):
    ids = [submit().pk, *(UUID(int=n) for n in range(200))]
    browser = sign_in(mika)

    answer = browser.post(reverse("jobs:bulk"), {"act": "delete", "id": ids}, follow=True)

    assert answer.redirect_chain == [(reverse("jobs:queue"), 302)]
    assert "You can select at most 200 jobs at a time. Nothing was changed." in answer.text
    assert Job.objects.shown().active().count() == 1
    browser.post(reverse("jobs:bulk"), {"act": "delete", "id": ids[:200]})
    assert not Job.objects.shown().exists()


def test_invalid_bulk_form_changes_nothing(subtests, sign_in, submit, mika):
    submit()
    browser = sign_in(mika)
    for form in [{"act": "burn"}, {"act": "delete", "id": "x"}, {"act": "delete", "id": ["x"] * 201}, {}]:
        with subtests.test(form=form):
            assert browser.post(reverse("jobs:bulk"), form).status_code == 400
            assert Job.objects.shown().active().count() == 1


def test_guest_sees_and_cancels_their_jobs(guest_browser, submit):
    mine = submit(workspace=guest_browser.guest, by=None, title="A guest's petals")
    other = submit(title="Mika's")

    text = get_queue(guest_browser).text
    assert "A guest" in text and "Mika" not in text
    assert guest_browser.post(reverse("jobs:cancel", args=[other.pk])).status_code == 404
    guest_browser.post(reverse("jobs:cancel", args=[mine.pk]))

    assert Job.objects.get(pk=mine.pk).state == State.CANCELLED


def test_guest_without_jobs_gets_an_empty_queue(client, db):
    assert get_queue(client).status_code == 200
    assert client.get(reverse("jobs:live")).status_code == 204


def test_page_without_a_socket_polls_the_same_partials(sign_in, submit, mika, ren):
    job = submit()
    deleted = services.delete(submit(), by=mika)

    text = poll(sign_in(mika), job, deleted, "nonsense")
    foreign = poll(sign_in(ren), job)

    assert f'"li.job-row#job-{job.pk}"' in text and f'hx-target="#job-{deleted.pk}" hx-swap="delete"' in text
    assert str(job.pk) not in foreign


def test_menu_counts_running_jobs(sign_in, submit, run_steps, mika):
    submit()
    run_steps(submit())

    text = get_queue(sign_in(mika)).text
    assert 'id="nav-jobs" aria-label="1 in progress"' in text
    assert 'id="bar-jobs" aria-label="1 in progress"' in text.partition("</header>")[0]


def test_health_is_red_without_workers(client, db, submit):
    assert client.get("/healthz/jobs/").status_code == 503
    for role in (heartbeat.WORKERS, heartbeat.DISPATCHER):
        heartbeat.record_progress(role, every=0)
    assert client.get("/healthz/jobs/").content == b"ok\n"
    cache.clear()


def test_health_counts_the_warnings_that_operators_see_on_their_page(client, db):
    for role in (heartbeat.WORKERS, heartbeat.DISPATCHER):
        heartbeat.record_progress(role, every=0)
    maintenance.begin()

    answer = client.get("/healthz/jobs/")

    assert (answer.status_code, answer.content) == (200, b"ok\n1 warning on the health page\n")


def test_queue_names_the_provider_in_the_readers_language(sign_in, submit, mika):
    submit(kind="clip", provider="animatic", model="animatic", title="A lantern in the rain")
    submit(kind="export", provider="studio", title="All my data")
    browser = sign_in(mika)

    chinese = browser.get(reverse("jobs:queue"), headers={"accept-language": "zh-Hans"}).text

    assert "动态分镜" in chinese
    assert "工作室" in chinese
    assert ">animatic<" not in chinese


def test_price_is_reserved_and_charged_only_for_a_result(sign_in, submit, run_steps, mika):
    browser = sign_in(mika)
    made, cancelled = submit(price=420_000), submit(price=420_000)
    assert browser.get(reverse("jobs:job", args=[made.pk])).text.count("$0.42 on hold") == 2  # once in its history

    run_steps(made)
    services.cancel(cancelled, by=mika)

    assert "$0.42 on hold" not in get_queue(browser).text
    assert "not charged" in browser.get(reverse("jobs:job", args=[cancelled.pk])).text


def test_provider_usage_is_shown_on_the_job_page(sign_in, submit, mika):
    job = submit(provider="echo")
    url, browser = reverse("jobs:job", args=[job.pk]), sign_in(mika)
    assert "used" not in browser.get(url).text.partition('id="live-job"')[2].partition("</section>")[0]
    Attempt.objects.create(job=job, n=1, client_ref="r", provider="echo", outcome="accepted", cost="12 credits")

    assert "reports that this used 12 credits" in browser.get(url).text


@pytest.mark.rows
@pytest.mark.parametrize("is_bulk", [False, True], ids=["alone", "with others"])
def test_retry_of_a_job_under_purge_reports_it_gone(sign_in, submit, mika, monkeypatch, is_bulk):
    other, job = submit(title="Another"), submit()
    Job.objects.update(state=State.FAILED)
    lock = services.lock_workspace
    monkeypatch.setattr(services, "lock_workspace", lambda row: (Job.objects.filter(pk=job.pk).delete(), lock(row)))
    browser = sign_in(mika)

    if not is_bulk:
        assert browser.post(reverse("jobs:retry", args=[job.pk])).status_code == 404
    else:
        ids = {"act": "retry", "id": [str(job.pk), str(other.pk)]}
        assert browser.post(reverse("jobs:bulk"), ids).status_code == 302
        assert other.retries.count() == 1


def test_state_of_a_later_version_breaks_no_page(sign_in, mika, submit):
    job = submit()
    Job.objects.update(state="sleeping")
    browser = sign_in(mika)

    assert job.title in browser.get(reverse("jobs:queue")).text
    assert str(job.pk) in poll(browser, job)


def test_socket_ends_with_the_session_after_thirty_days(sign_in, mika):
    session = sign_in(mika).session
    session[SIGNED_IN_AT] = int(time.time()) - 29 * 24 * 3600
    session.save()
    assert find_viewer(session.session_key)

    session[SIGNED_IN_AT] = int(time.time()) - 31 * 24 * 3600
    session.save()
    assert find_viewer(session.session_key) is None
