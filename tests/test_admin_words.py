"""Operators too read everything in their own language: every name, choice and page of the admin has its Chinese."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, label_for_field
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts import audit
from accounts.access import home_of
from accounts.billing import ledger
from accounts.models import User
from generation.models import Clip
from generation.providers.models import Connection, ConnectionKey, ProviderManners, ProviderModel, Workflow
from generation.providers.registry import connectables, makers
from jobs import registry
from jobs.models import Attempt, Heartbeat, Job, JobEvent, State
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
CHINESE = re.compile(r"[\u4e00-\u9fff]")
WORD = re.compile(r"[A-Za-z]{2,}")
PHRASE = re.compile(r"\b[A-Za-z]+ [a-z]{2,}\b")
PAGES = sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.label)
EACH = pytest.mark.parametrize(("model", "page"), PAGES, ids=[model._meta.label for model, _page in PAGES])
# The same in Chinese: Django's name for numbers of rows, what it says of its own icons in English only, a proper name.
SAME = {"ID", "True", "False", "None", "Search", "sqlite", "postgresql"}
# What a row says of itself: ids, addresses, and names that a person, a machine or a provider gave.
OF_ROWS = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{8}\b|\S+@\S+|https?://\S+|USD|[\d.]+ [MGT]B|kling|gemini|"
    r"host-1|model-1|ref-1|[a-z]+[._][a-z._]+|{.*}"
)


def is_english(text: str) -> bool:
    """It has a word, and none in Chinese; or several words of English in a row."""
    own = OF_ROWS.sub("", text)
    return text not in SAME and bool(PHRASE.search(own) if CHINESE.search(text) else WORD.search(own))


class Words(HTMLParser):
    """What a page says: its texts, and those that hang on its elements. Drawings, scripts and code say nothing, nor
    does what somebody typed into a field."""

    SILENT = ("script", "style", "svg", "code", "textarea")  # and what says itself that it is English

    def __init__(self, page: str):
        super().__init__()
        self.found, self.silent = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag in self.SILENT or (tag != "html" and told.get("lang") == "en"):
            self.silent.append(tag)
        names = ("title", "aria-label", "placeholder", "alt", *(["value"] if told.get("type") == "submit" else []))
        self.found += [told[name] for name in names if told.get(name)]

    def handle_endtag(self, tag):
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data):
        if not self.silent:
            self.found.append(" ".join(data.split()))


def english(page: str) -> list[str]:
    """Texts of a page that are not in Chinese, apart from the names of providers, their models and their keys."""
    engines = [*makers().values(), *connectables().values()]
    with translation.override("zh-hans"):
        names = {str(each.label) for each in engines}
        names |= {str(model.label) for engine in engines for model in engine.capabilities()}
        names |= {f"{key.label}:" for engine in connectables().values() for key in getattr(engine, "key_fields", ())}
    texts = {re.sub(r" \(\d+\)$", "", text) for text in Words(page).found}
    return sorted(text for text in texts - names if is_english(text))


@pytest.fixture
def operator(settings):
    settings.IS_EMBEDDED = True  # elsewhere the admin wants a second factor first
    return UserFactory(name="小米", email="mi@example.test", is_staff=True, is_superuser=True)


@pytest.fixture
def browser(operator):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(operator)
    return client


@pytest.fixture
def home(operator):
    made = home_of(operator)
    made.name = "画桌"
    made.save()
    return made


@pytest.fixture
def rows(operator, home):
    """Rows of every model that operators see, in every state and of every kind that a list or its filter can show."""
    whose = {"workspace": home, "created_by": operator}
    states, slugs, sorts = [*State], [*(makers() | connectables()), ""], [kind.name for kind in registry.all_kinds()]
    long_ago = timezone.now() - timedelta(hours=1)
    for n in range(max(len(states), len(slugs), len(sorts))):
        state, slug, sort = (values[n % len(values)] for values in (states, slugs, sorts))
        how = {"kind": sort, "provider": slug, "model": "model-1", "idem_key": n}
        job = Job.objects.create(state=state, state_since=long_ago, **how, **whose)
        JobEvent.objects.create(job=job, old=State.QUEUED, new=state)
        Clip.objects.create(job=job, title="标题", seed=n, provider=slug, model="model-1", **whose)
        tried = {"provider": slug, "client_ref": f"ref-1{n}", "heard": {"task_id": "1"}}
        outcome = [*Attempt.Outcome][n % len(Attempt.Outcome)]
        Attempt.objects.create(job=job, n=n, outcome=outcome, **tried)
        Attempt.objects.create(job=job, n=n + 1, outcome="abandoned", **tried | {"client_ref": f"ref-1-{n}"})
    move_money(home, operator)
    for verb in audit._sentences:
        audit.record(by=operator, verb=verb, target=home, workspace=home)
    account = Connection.objects.create(provider="kling", label="账号")
    ConnectionKey.objects.create(connection=account, version=1, sealed="-")
    account.webhook_events.create(digest="-", task_id="1")
    ProviderModel.objects.create(provider="kling", model="model-1")
    ProviderManners.objects.create(provider="gemini", source="来信", ways={"callbacks": "none"})
    Workflow.objects.create(title="工作流", graph={})
    Heartbeat.objects.create(name="workers@host-1", pid=1, host="host-1", last_progress_at=timezone.now())


def move_money(home, operator):
    """Every kind of movement, and a hold in every state."""
    ledger.grant(home, 5_000_000, by=operator)
    held, settled, released = (Job.objects.values_list("pk", flat=True)[n] for n in range(3))
    for job in (held, settled, released):
        ledger.reserve(home, job_id=job, amount=1_000_000)
    ledger.settle(settled, amount=2_000_000)
    ledger.release(released)
    ledger.absorb(settled, amount=1, n=2)


def names_of(model, page, request):
    """What the list, the form and what stands below it call each of their columns."""
    row = page.get_queryset(request).first()
    shown = [*page.get_list_display(request), *flatten_fieldsets(page.get_fieldsets(request, row))]
    form = page.get_form(request, row, change=True)(instance=row)
    found = {name: str(label_for_field(name, model, page)) for name in shown if name not in form.fields}
    found |= {name: str(field.label) for name, field in form.fields.items() if not name.startswith("key_")}
    for inline in page.get_inline_instances(request, row):
        fields = inline.get_fields(request, row)
        found |= {
            f"{inline.model.__name__}.{name}": str(label_for_field(name, inline.model, inline)) for name in fields
        }
    return found


@EACH
@pytest.mark.usefixtures("rows")
def test_every_model_column_and_choice_of_the_admin_has_a_chinese_name(model, page, operator, rf):
    request = rf.get("/")
    request.user = operator

    with translation.override("zh-hans"):
        names = names_of(model, page, request)
        for each in (model, *(inline.model for inline in page.inlines)):
            meta = each._meta
            names |= {f"{meta.label} one": str(meta.verbose_name), f"{meta.label} many": str(meta.verbose_name_plural)}
            for field in meta.fields:
                names[f"{meta.label}.{field.name}"] = str(field.verbose_name)
                names |= {f"{field.name}={value}": str(label) for value, label in field.flatchoices}

    assert {name: words for name, words in names.items() if is_english(words)} == {}


@EACH
@pytest.mark.usefixtures("rows")
def test_whoever_may_only_look_reads_chinese_too(model, page, operator, browser, rf):
    User.objects.update(is_superuser=False)
    operator.user_permissions.add(*Permission.objects.filter(codename__startswith="view_"))
    request = rf.get("/")
    request.user = operator
    row = page.get_queryset(request).first()

    answer = browser.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk]))

    assert (answer.status_code, english(answer.text)) == (200, [])


@EACH
@pytest.mark.usefixtures("rows")
def test_every_page_of_the_admin_is_in_chinese(model, page, operator, browser, rf):
    request = rf.get("/")
    request.user = operator
    row = page.get_queryset(request).first()
    to, own = f"admin:{model._meta.app_label}_{model._meta.model_name}", {"args": [row.pk]}
    paths = [reverse(f"{to}_changelist"), f"{reverse(f'{to}_changelist')}?_facets=True"]  # how many there are of each
    paths += [reverse(f"{to}_change", **own), reverse(f"{to}_history", **own)]
    if page.has_delete_permission(request, row):
        paths.append(reverse(f"{to}_delete", **own))
    if page.has_add_permission(request):
        paths.append(f"{reverse(f'{to}_add')}?provider=runway")

    pages = {path: browser.get(path) for path in paths}

    assert {path: answer.status_code for path, answer in pages.items() if answer.status_code != 200} == {}
    assert {path: found for path, answer in pages.items() if (found := english(answer.text))} == {}


@pytest.mark.usefixtures("rows")
def test_the_ways_to_these_pages_are_in_chinese(browser):
    paths = ["/admin/", *{f"/admin/{model._meta.app_label}/" for model, _page in PAGES}]

    assert {path: found for path in paths if (found := english(browser.get(path).text))} == {}


def test_english_is_found_where_it_is():
    page = (
        '<h1>Hold</h1><p>预留 hold</p><a title="Sent">ID</a><script>let it = "be"</script><input type=submit value=Go>'
    )

    assert english(page) == ["Go", "Hold", "Sent"]
