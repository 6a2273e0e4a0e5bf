"""Every name, choice and page of the admin is translated into Chinese."""

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
from accounts.billing import grants, ledger
from accounts.billing.models import ExchangeRate, Pack
from accounts.hooks import AccountHooks
from accounts.models import User
from gallery.models import Case
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
# not translated: Django's name for ids, the texts of its icons, and proper names
UNTRANSLATED = {"ID", "ffmpeg", "True", "False", "None", "Search", "sqlite", "postgresql"}
# content of rows: ids, addresses, and names given by users, machines or providers
ROW_CONTENT = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{8}\b|\S+@\S+|https?://\S+|USD|CNY|[\d.]+ [MGT]B|"
    r"kling|gemini|host-1|model-1|ref-1|[a-z]+[._][a-z._]+|{.*}"
)


def is_english(text: str) -> bool:
    """Return whether a text has a word and no Chinese, or several English words in a row."""
    own_text = ROW_CONTENT.sub("", text)
    return text not in UNTRANSLATED and bool(PHRASE.search(own_text) if CHINESE.search(text) else WORD.search(own_text))


class TextCollector(HTMLParser):
    """Collects the visible texts and attributes of a page, without drawings, scripts, code and user input."""

    SILENT = ("script", "style", "svg", "code", "textarea")  # and elements marked as English

    def __init__(self, page: str):
        super().__init__()
        self.found, self.silent = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag in self.SILENT or (tag != "html" and attributes.get("lang") == "en"):
            self.silent.append(tag)
        names = (
            "title",
            "aria-label",
            "placeholder",
            "alt",
            *(["value"] if attributes.get("type") == "submit" else []),
        )
        self.found += [attributes[name] for name in names if attributes.get(name)]

    def handle_endtag(self, tag):
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data):
        if not self.silent:
            self.found.append(" ".join(data.split()))


def find_english(page: str) -> list[str]:
    """Return the texts of a page that are not Chinese, apart from names of providers, models and keys."""
    all_providers = [*clip_providers().values(), *connectable_providers().values()]
    with translation.override("zh-hans"):
        names = {str(provider.label) for provider in all_providers}
        names |= {str(model.label) for engine in all_providers for model in engine.capabilities()}
        names |= {
            f"{key.label}:" for engine in connectable_providers().values() for key in getattr(engine, "key_fields", ())
        }
    texts = {re.sub(r" \(\d+\)$", "", text) for text in TextCollector(page).found}
    return sorted(text for text in texts - names if is_english(text))


@pytest.fixture
def administrator(settings):
    settings.IS_EMBEDDED = True  # no second factor needed
    settings.BILLING = True  # elsewhere the admin hides the site's money
    return UserFactory(name="小米", email="mi@example.test", is_staff=True, is_superuser=True)


@pytest.fixture
def browser(administrator):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(administrator)
    return client


@pytest.fixture
def home(administrator):
    created = get_home(administrator)
    created.name = "画桌"
    created.save()
    return created


@pytest.fixture
def rows(administrator, home):
    """Rows of every model in the admin, in every state and of every kind."""
    owner_fields = {"workspace": home, "created_by": administrator}
    states, slugs, kinds = (
        [*State],
        [*(clip_providers() | connectable_providers()), ""],
        [kind.name for kind in registry.all_kinds()],
    )
    long_ago = timezone.now() - timedelta(hours=1)
    for n in range(max(len(states), len(slugs), len(kinds))):
        state, slug, sort = (values[n % len(values)] for values in (states, slugs, kinds))
        fields = {"kind": sort, "provider": slug, "model": "model-1", "idem_key": n}
        job = Job.objects.create(state=state, state_since=long_ago, **fields, **owner_fields)
        JobEvent.objects.create(job=job, old=State.QUEUED, new=state)
        Clip.objects.create(job=job, title="标题", seed=n, provider=slug, model="model-1", **owner_fields)
        attempt_fields = {"provider": slug, "client_ref": f"ref-1{n}", "response": {"task_id": "1"}}
        outcome = [*Attempt.Outcome][n % len(Attempt.Outcome)]
        Attempt.objects.create(job=job, n=n, outcome=outcome, **attempt_fields)
        Attempt.objects.create(job=job, n=n + 1, outcome="abandoned", **attempt_fields | {"client_ref": f"ref-1-{n}"})
    move_money(home, administrator)
    for verb in AccountHooks.merged("audit_sentences"):
        audit.record(by=administrator, verb=verb, target=home, workspace=home)
    connection = Connection.objects.create(provider="kling", label="账号")
    ConnectionKey.objects.create(connection=connection, version=1, sealed="-")
    connection.webhook_events.create(digest="-", task_id="1")
    ProviderModel.objects.create(provider="kling", model="model-1")
    ProviderOverride.objects.create(provider="gemini", source="来信", billing="submit")
    Workflow.objects.create(title="工作流", graph={})
    case = Case.objects.create(target_kind="work", target_label="标题")
    case.reports.create(reason="spam")
    case.decisions.create(act="keep")
    Heartbeat.objects.create(name="workers@host-1", pid=1, host="host-1", last_progress_at=timezone.now())


def move_money(home, administrator):
    """Create ledger entries of every kind, and a hold in every state."""
    grants.add_grant(home, source="gift", key="5_000_000", amount=5_000_000, by=administrator)
    reserved, settled, released = (Job.objects.values_list("pk", flat=True)[n] for n in range(3))
    for job in (reserved, settled, released):
        ledger.reserve(home, job_id=job, amount=1_000_000)
    ledger.settle(settled, amount=2_000_000)
    ledger.release(released)
    ledger.write_off(settled, amount=1, n=2)
    ExchangeRate.objects.create(currency="CNY", rate=140_000)
    Pack.objects.create(code="小", name="小", amount=5_000_000, credit=5_000_000)


def column_labels(model, page, request):
    """Return the labels of the columns of the list, the form and its inlines."""
    row = page.get_queryset(request).first()
    shown_model = [*page.get_list_display(request), *flatten_fieldsets(page.get_fieldsets(request, row))]
    form = page.get_form(request, row, change=True)(instance=row)
    found = {name: str(label_for_field(name, model, page)) for name in shown_model if name not in form.fields}
    found |= {name: str(field.label) for name, field in form.fields.items() if not name.startswith("key_")}
    for inline in page.get_inline_instances(request, row):
        fields = inline.get_fields(request, row)
        found |= {
            f"{inline.model.__name__}.{name}": str(label_for_field(name, inline.model, inline)) for name in fields
        }
    return found


@pytest.fixture
def admin_request(administrator, rf):
    request = rf.get("/")
    request.user = administrator
    return request


def admin_url(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.usefixtures("rows")
def test_every_model_column_and_choice_of_the_admin_has_a_chinese_name(admin_request):
    with translation.override("zh-hans"), sweep(PAGES) as rows:
        for model, page in rows:
            with rows.row(model._meta.label):
                names = column_labels(model, page, admin_request)
                for shown_model in (model, *(inline.model for inline in page.inlines)):
                    names |= model_labels(shown_model)
                assert {name: label for name, label in names.items() if is_english(label)} == {}


def model_labels(model) -> dict[str, str]:
    """Return the names of a model, its fields and their choices in the current language."""
    meta = model._meta
    names = {f"{meta.label} one": str(meta.verbose_name), f"{meta.label} many": str(meta.verbose_name_plural)}
    for field in meta.fields:
        names[f"{meta.label}.{field.name}"] = str(field.verbose_name)
        names |= {f"{field.name}={value}": str(label) for value, label in field.flatchoices}
    return names


@pytest.mark.usefixtures("rows")
def test_an_administrator_with_view_permissions_only_reads_chinese(administrator, browser, admin_request):
    User.objects.update(is_superuser=False)
    administrator.user_permissions.add(*Permission.objects.filter(codename__startswith="view_"))

    with sweep(PAGES) as rows:
        for model, page in rows:
            with rows.row(model._meta.label):
                row = page.get_queryset(admin_request).first()
                response = browser.get(admin_url(model, "change", row.pk))
                assert (response.status_code, find_english(response.text)) == (200, [])


def urls_of(model, page, request) -> list[str]:
    """Return the URLs of all admin pages of a model."""
    row = page.get_queryset(request).first()
    changelist = admin_url(model, "changelist")
    urls = [changelist, f"{changelist}?_facets=True"]  # with the number of rows per choice
    urls += [admin_url(model, "change", row.pk), admin_url(model, "history", row.pk)]
    if page.has_delete_permission(request, row):
        urls.append(admin_url(model, "delete", row.pk))
    if page.has_add_permission(request):
        urls.append(f"{admin_url(model, 'add')}?provider=runway")
    return urls


@pytest.mark.usefixtures("rows")
def test_every_page_of_the_admin_is_in_chinese(browser, admin_request):
    urls = [url for model, page in PAGES for url in urls_of(model, page, admin_request)]
    urls += ["/admin/", *sorted({f"/admin/{model._meta.app_label}/" for model, _page in PAGES})]

    with sweep(urls) as rows:
        for url in rows:
            with rows.row(url):
                response = browser.get(url)
                assert (response.status_code, find_english(response.text)) == (200, [])


def test_english_is_found():
    page = (
        '<h1>Hold</h1><p>预留 hold</p><a title="Sent">ID</a><script>let it = "be"</script><input type=submit value=Go>'
    )

    assert find_english(page) == ["Go", "Hold", "Sent"]
