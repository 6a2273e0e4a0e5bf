"""The operators' pages: access, jobs that wait for a decision, people, and prices of providers."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.billing.models import Hold, Plan
from accounts.billing.payments.models import Purchase
from accounts.models import AuditEvent, User
from common.messages import build_message, to_json
from config.urls_operator import urlpatterns
from gallery.models import Case
from generation.providers import catalogue
from generation.providers.models import Connection, ProviderModel
from jobs.models import Attempt, Job, State
from tests.factories import UserFactory
from tests.sweep import sweep

pytestmark = pytest.mark.django_db
MODEL = "kling-v2-6"


@pytest.fixture(autouse=True)
def embedded(settings):
    settings.IS_EMBEDDED = True  # so that the pages need no second factor


@pytest.fixture
def operator(sign_in, ren):
    User.objects.filter(pk=ren.pk).update(is_staff=True, is_superuser=True)
    ren.refresh_from_db()
    return sign_in(ren)


@pytest.fixture
def built_in_models():
    catalogue.clear_cache()
    yield
    catalogue.clear_cache()


def put(job, state, **columns):
    columns = {"state_since": timezone.now() - timedelta(hours=1)} | columns
    Job.objects.filter(pk=job.pk).update(state=state, **columns)
    job.refresh_from_db()
    return job


def attempt(job, n=1, outcome="open"):
    return Attempt.objects.create(job=job, n=n, client_ref=uuid.uuid4().hex, provider="kling", outcome=outcome)


def last_audit():
    return AuditEvent.objects.order_by("-pk").first()


def create_operator_rows(job):
    """Return the parameters of the operators' pages: those of every page, and those of pages by name."""
    case = Case.objects.create(target_kind="work", target_label="Deleted")
    plan = Plan.objects.create(code="club", name="Club")
    facts = {"amount": 1, "currency": "USD", "provider": "bank", "expires_at": timezone.now()}
    purchase = Purchase.objects.create(workspace=job.workspace, kind="pack", item="pack:small", name="Small", **facts)
    values = {"pk": job.pk, "provider": "kling", "model": MODEL, "case": case.pk, "number": plan.pk}
    values |= {"appeal": 1, "decision": 1, "voucher": 1, "event": 1, "workspace": job.workspace_id}
    return values, {"credit_workspace": {"pk": job.workspace_id}, "payment": {"pk": purchase.pk}}


def test_only_staff_with_the_permission_opens_the_pages(client, sign_in, mika, operator, submit, settings):
    settings.BILLING = True
    values, values_of = create_operator_rows(submit())
    values_of["roles"] = {"pk": mika.pk}
    staff = UserFactory(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_user"))
    member, support = sign_in(mika), sign_in(staff)
    with sweep(urlpatterns) as rows:
        for url in rows:
            with rows.row(url.name):
                found = values | values_of.get(url.name, {})
                path = reverse(f"operator:{url.name}", kwargs={name: found[name] for name in url.pattern.converters})
                statuses = {browser.get(path).status_code for browser in (member, support)}
                posts = {browser.post(path).status_code for browser in (member, support)}

                assert client.get(path).url.startswith("/account/login/")
                assert client.post(path).url.startswith("/account/login/")
                assert statuses <= ({404, 405} if url.name not in ("overview", "people") else {404, 200})
                assert posts <= {404, 405}
                assert operator.get(path).status_code in (200, 405)
    assert support.get("/operator/").status_code == support.get("/operator/people/").status_code == 200
    assert "/operator/" in support.get("/settings/").text and "/operator/" not in member.get("/settings/").text


def test_hosted_studio_requires_a_second_factor(operator, settings):
    settings.IS_EMBEDDED = False

    assert operator.get("/operator/jobs/").url == reverse("mfa_index")


def test_jobs_that_wait_are_listed_without_titles_in_constant_queries(operator, submit, django_assert_max_num_queries):
    blocked = to_json(build_message("blocked_quota", provider="Kling"))
    for _n in range(3):
        attempt(put(submit(title="a private prompt", provider="kling", price=420_000), State.UNKNOWN))
        put(submit(title="a private prompt"), State.STUCK)
        put(submit(title="a private prompt"), State.QUEUED, progress_message=blocked)
    put(submit(), State.UNKNOWN, state_since=timezone.now())  # too young

    overview = operator.get("/operator/").text
    with django_assert_max_num_queries(12):
        page = operator.get("/operator/jobs/").text

    assert "a private prompt" not in page
    assert page.count("Decide<") == 9
    assert "$0.42" in page and "no credit left" in page
    assert overview.count('operator-figure is-open">3<') == 3


@pytest.mark.parametrize(
    ("state", "decision", "result"),
    [
        (State.UNKNOWN, "resend", State.QUEUED),
        (State.UNKNOWN, "release", State.FAILED),
        (State.STUCK, "give-up", State.FAILED),
        (State.STUCK, "requeue", State.SUBMITTING),
        (State.TIMED_OUT, "reopen", State.RUNNING),
    ],
)
def test_decision_is_carried_out_and_recorded(operator, ren, submit, state, decision, result):
    job = put(submit(price=9), state)
    attempt(job, outcome="accepted" if decision == "reopen" else "open")
    assert f'value="{decision}"' in operator.get(reverse("operator:job", args=[job.pk])).text

    operator.post(reverse("operator:decide", args=[job.pk]), {"decision": decision})

    job.refresh_from_db()
    event = last_audit()
    assert job.state == result
    assert (event.verb, event.actor_id, event.facts) == ("job.decided", ren.pk, {"decision": decision})
    assert Hold.objects.get(job_id=job.pk).state == ("released" if result == State.FAILED else "held")


def test_decision_of_an_old_page_changes_nothing(operator, submit):
    job = submit()

    page = operator.post(reverse("operator:decide", args=[job.pk]), {"decision": "give-up"}, follow=True).text

    job.refresh_from_db()
    assert job.state == State.QUEUED and last_audit().verb != "job.decided"
    assert "already settled" in page


def test_people_are_found_and_suspended(operator, sign_in, mika, submit):
    submit()
    browser = sign_in(mika)
    page = operator.get("/operator/people/?q=mika@").text
    assert reverse("operator:suspend", args=[mika.pk]) in page
    assert page.count('class="operator-person"') == 1
    assert "1 job" in page and "1 in progress" in page

    operator.post(reverse("operator:suspend", args=[mika.pk]))

    assert browser.get("/settings/").status_code == 302
    assert (last_audit().verb, last_audit().target) == ("user.suspended", f"user {mika.pk}")
    assert "Mika" in operator.get("/operator/people/?state=suspended").text

    operator.post(reverse("operator:unsuspend", args=[mika.pk]))

    mika.refresh_from_db()
    assert mika.is_active and last_audit().verb == "user.unsuspended"


def test_support_suspends_neither_superusers_nor_itself(operator, ren, mika, sign_in):
    User.objects.filter(pk=mika.pk).update(is_staff=True)
    mika.user_permissions.add(*Permission.objects.filter(codename__in=["view_user", "change_user"]))
    support = sign_in(mika)

    for user in (ren, mika):
        page = support.post(reverse("operator:suspend", args=[user.pk]), follow=True).text
        user.refresh_from_db()
        assert user.is_active and "only a superuser" in page


def test_operator_sets_and_removes_a_price_in_currency(operator, built_in_models, django_assert_max_num_queries):
    url = reverse("operator:price", args=["kling", MODEL])
    shipped = catalogue.built_in_models("kling")
    shipped = next(facts for facts in shipped if facts["model"] == MODEL)["price"]
    form = {"per_second": "0.085", "per_clip": "", "currency": "usd", "dated": "2026-11-01", "is_offered": "on"}

    operator.post(url, form)
    row = ProviderModel.objects.get(provider="kling", model=MODEL)
    with django_assert_max_num_queries(12):
        page = operator.get("/operator/providers/").text

    assert (row.price_per_second, row.price_per_clip, row.currency) == (85_000, None, "USD")
    assert "$0.085 per second" in page.replace("$0.0850", "$0.085")
    assert operator.get(url).context["form"].initial["per_second"] == Decimal("0.085")
    assert last_audit().verb == "model.changed" and last_audit().facts["per_second"] == 85_000
    assert operator.post(url, form | {"per_second": "-1"}).status_code == 422
    assert operator.post(url, form | {"currency": "$"}).status_code == 422

    operator.post(url, form | {"per_second": ""})

    catalogue.clear_cache()
    prices = {facts["model"]: facts.get("price") for facts in catalogue.list_models("kling")}
    assert not ProviderModel.objects.exists() and prices[MODEL] == shipped


def test_operator_switches_only_connections_of_the_studio(operator, mika):
    own = Connection.objects.create(provider="kling", label="Mika's", owner=mika)
    site = Connection.objects.create(provider="kling", label="Ours")

    answers = [operator.post(reverse("operator:switch", args=[row.pk])).status_code for row in (own, site)]

    own.refresh_from_db()
    site.refresh_from_db()
    assert answers == [404, 302]
    assert own.is_enabled and not site.is_enabled
