"""The admin is translated too: every name, choice and page has its Chinese."""

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
from accounts.access import get_home
from accounts.billing import ledger
from accounts.models import User
from common import hooks
from generation.models import Clip
from generation.providers.models import Connection, ConnectionKey, ProviderModel, ProviderOverride, Workflow
from generation.providers.registry import clip_providers, connectable_providers
from jobs import registry
from jobs.models import Attempt, Heartbeat, Job, JobEvent, State
from tests.factories import UserFactory
from tests.sweep import sweep

pytestmark = pytest.mark.django_db
CHINESE = re.compile(r"[\u4e00-\u9fff]")
WORD = re.compile(r"[A-Za-z]{2,}")
PHRASE = re.compile(r"\b[A-Za-z]+ [a-z]{2,}\b")
PAGES = sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.label)
# The same in Chinese: Django's name for ids, the texts of its icons, which are in English only, and proper names.
SAME = {"ID", "True", "False", "None", "Search", "sqlite", "postgresql"}
# Contents of rows: ids, addresses, and names given by a user, a machine or a provider.
OF_ROWS = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{8}\b|\S+@\S+|https?://\S+|USD|[\d.]+ [MGT]B|kling|gemini|"
    r"host-1|model-1|ref-1|[a-z]+[._][a-z._]+|{.*}"
)


def is_english(text: str) -> bool:
    """Whether a text has a word and no Chinese, or several English words in a row."""
    own = OF_ROWS.sub("", text)
    return text not in SAME and bool(PHRASE.search(own) if CHINESE.search(text) else WORD.search(own))


class Texts(HTMLParser):
    """Collect the visible texts and attributes of a page, without drawings, scripts, code and what users typed."""

    SILENT = ("script", "style", "svg", "code", "textarea")  # and elements marked as English

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
    """Return the texts of a page that are not Chinese, apart from names of providers, models and keys."""
    engines = [*clip_providers().values(), *connectable_providers().values()]
    with translation.override("zh-hans"):
        names = {str(each.label) for each in engines}
        names |= {str(model.label) for engine in engines for model in engine.capabilities()}
        names |= {
            f"{key.label}:" for engine in connectable_providers().values() for key in getattr(engine, "key_fields", ())
        }
    texts = {re.sub(r" \(\d+\)$", "", text) for text in Texts(page).found}
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
    made = get_home(operator)
    made.name = "画桌"
    made.save()
    return made


@pytest.fixture
def rows(operator, home):
    """Rows of every model in the admin, in every state and of every kind that a list or filter can show."""
    whose = {"workspace": home, "created_by": operator}
    states, slugs, sorts = (
        [*State],
        [*(clip_providers() | connectable_providers()), ""],
        [kind.name for kind in registry.all_kinds()],
    )
    long_ago = timezone.now() - timedelta(hours=1)
    for n in range(max(len(states), len(slugs), len(sorts))):
        state, slug, sort = (values[n % len(values)] for values in (states, slugs, sorts))
        how = {"kind": sort, "provider": slug, "model": "model-1", "idem_key": n}
        job = Job.objects.create(state=state, state_since=long_ago, **how, **whose)
        JobEvent.objects.create(job=job, old=State.QUEUED, new=state)
        Clip.objects.create(job=job, title="标题", seed=n, provider=slug, model="model-1", **whose)
        tried = {"provider": slug, "client_ref": f"ref-1{n}", "response": {"task_id": "1"}}
        outcome = [*Attempt.Outcome][n % len(Attempt.Outcome)]
        Attempt.objects.create(job=job, n=n, outcome=outcome, **tried)
        Attempt.objects.create(job=job, n=n + 1, outcome="abandoned", **tried | {"client_ref": f"ref-1-{n}"})
    move_money(home, operator)
    for verb in hooks.merged("audit_sentences"):
        audit.record(by=operator, verb=verb, target=home, workspace=home)
    connection = Connection.objects.create(provider="kling", label="账号")
    ConnectionKey.objects.create(connection=connection, version=1, sealed="-")
    connection.webhook_events.create(digest="-", task_id="1")
    ProviderModel.objects.create(provider="kling", model="model-1")
    ProviderOverride.objects.create(provider="gemini", source="来信", billing="submit")
    Workflow.objects.create(title="工作流", graph={})
    Heartbeat.objects.create(name="workers@host-1", pid=1, host="host-1", last_progress_at=timezone.now())


def move_money(home, operator):
    """Create ledger entries of every kind, and a hold in every state."""
    ledger.grant(home, 5_000_000, by=operator)
    held, settled, released = (Job.objects.values_list("pk", flat=True)[n] for n in range(3))
    for job in (held, settled, released):
        ledger.reserve(home, job_id=job, amount=1_000_000)
    ledger.settle(settled, amount=2_000_000)
    ledger.release(released)
    ledger.write_off(settled, amount=1, n=2)


def names_of(model, page, request):
    """Return the labels of the columns of the list, the form and its inlines."""
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


@pytest.fixture
def request_of_operator(operator, rf):
    request = rf.get("/")
    request.user = operator
    return request


def admin_url(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.usefixtures("rows")
def test_every_model_column_and_choice_of_the_admin_has_a_chinese_name(request_of_operator):
    with translation.override("zh-hans"), sweep(PAGES) as rows:
        for model, page in rows:
            with rows.row(model._meta.label):
                names = names_of(model, page, request_of_operator)
                for shown in (model, *(inline.model for inline in page.inlines)):
                    names |= names_of_model(shown)
                assert {name: label for name, label in names.items() if is_english(label)} == {}


def names_of_model(model) -> dict[str, str]:
    """The names of a model, its fields and their choices, in the language of now."""
    meta = model._meta
    names = {f"{meta.label} one": str(meta.verbose_name), f"{meta.label} many": str(meta.verbose_name_plural)}
    for field in meta.fields:
        names[f"{meta.label}.{field.name}"] = str(field.verbose_name)
        names |= {f"{field.name}={value}": str(label) for value, label in field.flatchoices}
    return names


@pytest.mark.usefixtures("rows")
def test_an_operator_with_view_permissions_only_reads_chinese(operator, browser, request_of_operator):
    User.objects.update(is_superuser=False)
    operator.user_permissions.add(*Permission.objects.filter(codename__startswith="view_"))

    with sweep(PAGES) as rows:
        for model, page in rows:
            with rows.row(model._meta.label):
                row = page.get_queryset(request_of_operator).first()
                response = browser.get(admin_url(model, "change", row.pk))
                assert (response.status_code, english(response.text)) == (200, [])


def urls_of(model, page, request) -> list[str]:
    """Every page of the admin about a model that may be opened."""
    row = page.get_queryset(request).first()
    changelist = admin_url(model, "changelist")
    urls = [changelist, f"{changelist}?_facets=True"]  # with the number of rows for each choice
    urls += [admin_url(model, "change", row.pk), admin_url(model, "history", row.pk)]
    if page.has_delete_permission(request, row):
        urls.append(admin_url(model, "delete", row.pk))
    if page.has_add_permission(request):
        urls.append(f"{admin_url(model, 'add')}?provider=runway")
    return urls


@pytest.mark.usefixtures("rows")
def test_every_page_of_the_admin_is_in_chinese(browser, request_of_operator):
    urls = [url for model, page in PAGES for url in urls_of(model, page, request_of_operator)]
    urls += ["/admin/", *sorted({f"/admin/{model._meta.app_label}/" for model, _page in PAGES})]

    with sweep(urls) as rows:
        for url in rows:
            with rows.row(url):
                response = browser.get(url)
                assert (response.status_code, english(response.text)) == (200, [])


def test_english_is_found():
    page = (
        '<h1>Hold</h1><p>预留 hold</p><a title="Sent">ID</a><script>let it = "be"</script><input type=submit value=Go>'
    )

    assert english(page) == ["Go", "Hold", "Sent"]
