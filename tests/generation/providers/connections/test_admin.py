"""Site connections and model overrides in the admin."""

import html
import json
import re

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts.models import User
from generation.admin.models import InvalidParameters, check_parameters, list_editable_providers
from generation.providers import catalogue
from generation.providers.base import ClipRequest
from generation.providers.connections.open_connection import open_connection
from generation.providers.models import Connection, ConnectionKey, ProviderModel
from generation.providers.registry import providers
from jobs.models import Job
from jobs.templatetags.jobs import price
from tests.generation.providers.connections.conftest import KEY

pytestmark = pytest.mark.django_db
CHANGE, LIST = "admin:generation_connection_change", "admin:generation_connection_changelist"


@pytest.fixture
def admin_browser(mika, sign_in, settings):
    settings.IS_EMBEDDED = True
    User.objects.filter(pk=mika.pk).update(is_staff=True, is_superuser=True)
    catalogue.clear_cache()
    yield sign_in(mika)
    catalogue.clear_cache()


@pytest.fixture
def site(admin_browser, stub):
    admin_browser.post(reverse("admin:generation_connection_add"), {"provider": "echo"})
    return Connection.objects.get()


def post_change(browser, connection, **fields):
    return browser.post(reverse(CHANGE, args=[connection.pk]), {"is_enabled": "on", **fields}, follow=True)


def test_administrator_connects_a_provider_for_everybody(admin_browser, stub):
    answer = admin_browser.post(reverse("admin:generation_connection_add"), {"provider": "echo"})

    made = Connection.objects.get()
    assert answer.url == reverse(CHANGE, args=[made.pk])
    assert (made.scope, made.label) == ("site", "Echo")
    page = post_change(
        admin_browser, made, key_api_key=KEY, key_region="eu", concurrency="3", is_default="on"
    ).content.decode()
    made.refresh_from_db()
    assert (made.facts, made.concurrency, made.is_default, made.key_version) == ({"region": "eu"}, 3, True, 1)
    assert open_connection(made).keys == {"api_key": KEY, "region": "eu"}
    assert KEY not in page and KEY not in admin_browser.get(reverse(CHANGE, args=[made.pk])).content.decode()
    assert "…cdef" in admin_browser.get(reverse(CHANGE, args=[made.pk])).content.decode()


def test_only_an_administrator_may_allow_a_private_address(admin_browser, site):
    page = post_change(admin_browser, site, key_api_key=KEY, base_url="http://10.0.0.7:8188").content.decode()
    assert "private network" in page
    site.refresh_from_db()
    assert site.base_url == ""

    post_change(admin_browser, site, key_api_key=KEY, base_url="http://10.0.0.7:8188", allows_private="on")

    site.refresh_from_db()
    assert (site.base_url, site.allows_private) == ("http://10.0.0.7:8188", True)


def test_invalid_form_shows_its_errors_and_changes_nothing(admin_browser, site):
    page = post_change(admin_browser, site).content.decode()

    assert "Paste it here." in page
    assert not ConnectionKey.objects.exists()


def test_users_connections_are_hidden_from_the_admin(admin_browser, mika, ren, connect, site):
    rens = connect(ren, label="Rens own")

    assert "Rens own" not in admin_browser.get(reverse(LIST)).content.decode()
    assert admin_browser.get(reverse(CHANGE, args=[rens.pk])).status_code == 302
    admin_browser.post(reverse(LIST), {"action": "delete_selected", "_selected_action": [rens.pk], "post": "yes"})
    rens.refresh_from_db()
    assert rens.deleted_at is None


def test_delete_is_soft_and_test_starts_a_job(admin_browser, site):
    admin_browser.post(reverse(LIST), {"action": "test", "_selected_action": [site.pk]})
    assert Job.objects.get().kind == "connection_test"

    admin_browser.post(reverse("admin:generation_connection_delete", args=[site.pk]), {"post": "yes"})

    site.refresh_from_db()
    assert site.deleted_at and not site.is_enabled


def test_list_shows_where_keys_are_stored(admin_browser, stub):
    Connection.objects.create(provider="echo", label="Named", environment=True)
    Connection.objects.create(provider="echo", label="Brought")

    page = admin_browser.get(reverse("admin:generation_connection_changelist")).text
    rows = {name: page.partition(f">{name}</a>")[2].partition("</tr>")[0] for name in ("Named", "Brought")}

    assert "environment variables" in rows["Named"] and "the database, encrypted" in rows["Brought"]


def test_environment_connection_has_no_key_field_and_cannot_be_deleted(admin_browser, stub):
    named = Connection.objects.create(provider="echo", label="Echo", environment=True)

    page = admin_browser.get(reverse(CHANGE, args=[named.pk])).content.decode()

    assert (
        'name="key_api_key"' not in page
        and 'name="base_url"' not in page
        and "The keys and the address come from environment variables" in page
    )
    post_change(admin_browser, named, label="House", concurrency="2")
    named.refresh_from_db()
    assert (named.label, named.concurrency, named.key_version) == ("House", 2, 0)
    admin_browser.post(reverse("admin:generation_connection_delete", args=[named.pk]), {"post": "yes"})
    named.refresh_from_db()
    assert named.deleted_at is None


@pytest.fixture
def slug():
    return next(slug for slug, engine in providers().items() if not engine.is_local)


def test_price_set_in_the_admin_is_shown_at_once(admin_browser, slug, mika, sign_in):
    model = catalogue.built_in_models(slug)[0]["model"]
    page = admin_browser.get(reverse("admin:generation_providermodel_add")).content.decode()
    assert "UNCERTAIN" in page

    fields = {"provider": slug, "model": model, "is_offered": "on", "price_per_second": "123000", "currency": "EUR"}
    admin_browser.post(
        reverse("admin:generation_providermodel_add"),
        fields | {"price_dated": "2026-11-20", "facts": "{}", "position": "1", "label": "Renamed"},
    )

    row = next(item for item in catalogue.list_models(slug) if item["model"] == model)
    assert (row["label"], row["price"][0]["per_second"]) == ("Renamed", 123_000)
    Connection.objects.create(provider=slug, label="X", owner=mika)
    kept = {"provider": slug, "model": model, "prompt": "a cat"}
    text = sign_in(mika).get("/create/estimate/", kept).content.decode()
    assert "€" in text and "Nov. 20, 2026" in text


def test_withdrawn_model_is_hidden_and_retired_one_is_marked(admin_browser):
    first, second, *rest = (facts["model"] for facts in catalogue.built_in_models("kling"))
    fields = {"provider": "kling", "facts": "{}", "position": "1"}

    admin_browser.post(reverse("admin:generation_providermodel_add"), fields | {"model": first})
    retired = {"model": second, "is_offered": "on", "retired_on": "2026-01-01"}
    admin_browser.post(reverse("admin:generation_providermodel_add"), fields | retired)

    models = {model.model: model for model in catalogue.capabilities("kling")}
    assert list(models) == [second, *rest]
    assert [model.is_retired for model in models.values()] == [True, *[False] * len(rest)]
    request = ClipRequest("a cat", "16:9", 5, 720, 1, model=second)
    assert "was retired by its maker" in models[second].find_conflicts(request)["model"]


def test_free_model_is_called_free_on_its_job(db):
    own, paid, new = (
        Job(kind="clip_elsewhere", provider=slug, model=model)
        for slug, model in (("openai-compatible", "vllm-omni"), ("fal", ""), ("fal", "new-one"))
    )
    assert [price(job) for job in (own, paid, new)] == ["free", "price unknown", "price unknown"]

    ProviderModel.objects.create(provider="fal", model="new-one", price_per_clip=0)
    catalogue.clear_cache()

    assert price(new) == "free"
    catalogue.clear_cache()


def test_admin_lists_every_shipped_model_with_a_link_to_override(admin_browser, slug):
    page = admin_browser.get(reverse("admin:generation_providermodel_changelist")).text
    model = catalogue.built_in_models(slug)[0]
    links = [html.unescape(url) for url in re.findall(r'href="([^"]*providermodel/add/[?][^"]*)"', page)]
    assert len(links) == sum(len(catalogue.built_in_models(name)) for name, _label in list_editable_providers())

    own = page.partition("vllm-omni")[2].partition("</li>")[0]
    assert "free" in own and "price unknown" not in own, "a self-hosted model is not shown as free"

    form = admin_browser.get(next(url for url in links if f"provider={slug}" in url)).text
    assert f'value="{slug}" selected' in form
    assert f'value="{model["model"]}"' in form


def test_invalid_model_facts_are_refused(admin_browser, slug, subtests):
    for facts in (
        [],
        {"sceonds": [5]},
        {"seconds": 5},
        {"seconds": []},
        {"seconds": [0]},
        {"seconds": ["5"]},
        {"ratios": ["2:1"]},
        {"modes": ["telepathy"]},
        {"resolutions": [9]},
        {"has_seed": "yes"},
        {"prompt_limit": -1},
        {"prompt_limit": True},
        {"price": {"per_clip": 1}},
        {"price": [{"per_clip": 0.5}]},
        {"price": [{"per_minute": 5}]},
        {"price": [{"per_clip": 1, "currency": "dollars"}]},
        {"price": [{"per_clip": 1, "dated": "soon"}]},
        {"price": [{"per_clip": 1, "dated": 5}]},
        {"label": "x"},
        {"retired_on": "2026-01-01"},
        {"framed_seconds": "10"},
        {"never": 5},
        {"never": [8]},
        {"never": [{"seconds": "8", "resolution": 1080}]},
        {"never": [{"seconds": 8}]},
        {"picture_kinds": "jpeg"},
        {"picture_kinds": []},
        {"picture_kinds": ["gif"]},
        {"picture_shape": "2.5"},
        {"picture_shape": 0.4},
        {"picture_shape": True},
        {"picture_most": 4000.5},
    ):
        with subtests.test(facts=facts):
            with pytest.raises(InvalidParameters):
                check_parameters(slug, facts)

            fields = {
                "provider": slug,
                "model": "new-one",
                "is_offered": "on",
                "facts": json.dumps(facts),
                "position": "1",
            }
            answer = admin_browser.post(reverse("admin:generation_providermodel_add"), fields)
            assert (answer.status_code, ProviderModel.objects.count()) == (200 if facts else 302, 0 if facts else 1)
            ProviderModel.objects.all().delete()


def test_facts_that_cannot_be_stored_are_refused_and_kept_in_the_form(admin_browser, subtests):
    for number in (
        "1e400",
        "NaN",
        "[" * 1500 + "]" * 1500,
        "[" * 100_000,
    ):
        with subtests.test(number=number):
            facts = f'{{"price": [{{"per_clip": 1, "resolution": {number}}}]}}'
            fields = {"provider": "kling", "model": "new-one", "is_offered": "on", "facts": facts, "position": "1"}

            page = admin_browser.post(reverse("admin:generation_providermodel_add"), fields)

            assert (page.status_code, ProviderModel.objects.count()) == (200, 0)
            assert page.context["adminform"].form.errors["facts"] == ["Enter a valid JSON."]
            assert escape(facts) in page.content.decode()


def test_model_modes_are_limited_to_those_of_the_adapter(db, subtests):
    for slug, mode, is_supported in (
        ("luma-dream-machine", "references", False),
        ("openai-compatible", "first_last", False),
        ("runway", "video", False),
        ("replicate", "video", True),
        ("runway", "references", True),
    ):
        with subtests.test(slug=slug, mode=mode, is_supported=is_supported):
            try:
                check_parameters(slug, {"modes": ["words", mode]})
            except InvalidParameters:
                assert not is_supported
            else:
                assert is_supported


def test_valid_facts_add_a_model(admin_browser, slug):
    facts = {"seconds": [4, 6], "ratios": ["1:1"], "price": [{"per_clip": 5, "dated": "2026-11-01"}]}
    facts |= {"picture_shape": 1.5, "picture_kinds": ["png"], "picture_most": 800}
    fields = {"provider": slug, "model": "new-one", "is_offered": "on", "facts": json.dumps(facts), "position": "1"}

    admin_browser.post(reverse("admin:generation_providermodel_add"), fields)

    made = next(model for model in catalogue.capabilities(slug) if model.model == "new-one")
    assert (made.picture_shape, made.picture_kinds, made.picture_most) == (1.5, ("png",), 800)
    assert (made.seconds, made.ratios, made.label) == ((4, 6), ("1:1",), "new-one")
    assert str(catalogue.list_models(slug)[-1]["price"][0]["dated"]) == "2026-11-01"


def post_model(admin_browser, slug, model, **facts):
    fields = {"provider": slug, "model": model, "is_offered": "on", "facts": json.dumps(facts), "position": "1"}
    return html.unescape(admin_browser.post(reverse("admin:generation_providermodel_add"), fields).text)


def test_model_facts_beyond_the_adapter_are_refused(admin_browser, subtests):
    for slug, facts, expected in (
        ("runway", {"recovery": "list"}, "recovery cannot be list: Runway supports at most none"),
        ("fal", {"recovery": "own_id"}, "at most webhook"),
        ("zhipu", {"stopping": "any"}, "stopping cannot be any"),
        ("openai-compatible", {"stopping": "any"}, "stopping cannot be any"),
        ("fal", {"has_progress": True}, "has_progress cannot be True"),
        ("runway", {"recovery": "magic"}, "recovery must be one of own_id, list, webhook, none"),
        ("runway", {"stopping": ["any"]}, "stopping must be one of"),
        ("kling", {"has_seed": True}, "has_seed cannot be true: the studio cannot pass it to Kling."),
        ("gemini", {"has_negative_prompt": True}, "has_negative_prompt cannot be true"),
        ("openai-compatible", {"has_audio": True}, "has_audio cannot be true"),
    ):
        with subtests.test(slug=slug, facts=facts, expected=expected):
            page = post_model(admin_browser, slug, "new-one", **facts)

            assert expected in page
            assert not ProviderModel.objects.exists()


def test_list_marks_facts_that_no_longer_fit_the_adapter(admin_browser, subtests):
    for slug, facts, expected in (
        ("kling", {"has_seed": True}, "has_seed cannot be true: the studio cannot pass it to Kling."),
        ("zhipu", {"stopping": "any"}, "stopping cannot be any"),
        ("kling", {"modes": ["video"]}, "modes must be a list of values that a clip can have."),
        ("kling", {"once_known": 1}, "Unknown parameters: once_known."),
        ("gone", {}, "This provider is not installed."),
        ("kling", {"seconds": [5]}, ""),
    ):
        with subtests.test(slug=slug, facts=facts, expected=expected):
            ProviderModel.objects.all().delete()
            ProviderModel.objects.create(provider=slug, model="kling-v3" if slug == "kling" else "old", facts=facts)

            page = html.unescape(admin_browser.get(reverse("admin:generation_providermodel_changelist")).text)

            shown = re.search(r'<td class="field-problem">(.*?)</td>', page)[1]
            assert expected in shown if expected else shown == "–"


def test_model_with_weaker_traits_shows_them(admin_browser):
    add = reverse("admin:generation_providermodel_add")
    page = admin_browser.get(f"{add}?provider=runway&model=gen4_turbo").text
    assert "can be cancelled, reports progress, a lost response cannot be searched for" in page
    assert "All three are inherited from the provider" in page
    assert page.count("<summary>") == 1, "the page shows notes of other providers"
    assert "400000 is 0.40" in page

    post_model(admin_browser, "runway", "gen4_turbo", stopping="queued", has_progress=False)

    row = ProviderModel.objects.get()
    traits = providers()["runway"].traits_of("gen4_turbo")
    assert (traits.stopping, traits.has_progress) == ("queued", False)
    assert providers()["runway"].traits_of("gen4.5").stopping == "any"
    page = admin_browser.get(reverse("admin:generation_providermodel_change", args=[row.pk])).text
    assert "can be cancelled only while queued there, does not report progress" in page
    assert "Set for this model: stopping, has_progress" in html.unescape(page)


def test_create_describes_cancelling_and_recovery_of_the_chosen_model(admin_browser, mika):
    Connection.objects.create(provider="kling", label="K", owner=mika)

    by_id, by_list = (
        admin_browser.get("/create/", {"provider": "kling", "model": model}).text
        for model in ("kling-v3", "kling-v1-6")
    )

    assert "<summary>Cannot be cancelled once started</summary>" in by_id, "the summary is missing"
    assert "Doesn’t show progress, only that it is running." in by_id and "we find the clip by our own ID" in by_id
    assert "we search for the clip in the account’s list" in by_list


NOT_CANCELLABLE, CANCELLABLE = "cannot be cancelled there", "can be cancelled,"
CALLBACK_ONLY, NOT_SEARCHABLE = (
    "a lost response is found only if the provider calls back",
    "a lost response cannot be searched for",
)
CREATE_TEXTS = {
    NOT_CANCELLABLE: "Cannot be cancelled once started", CANCELLABLE: "Can be cancelled during generation",
    CALLBACK_ONLY: "we find the clip only if the provider calls back", NOT_SEARCHABLE: "we cannot search for the clip",
}  # fmt: skip


@pytest.mark.parametrize(
    ("is_https", "expected"),
    [
        (True, (CANCELLABLE, CALLBACK_ONLY)),
        (False, (CANCELLABLE, NOT_SEARCHABLE)),
    ],
)
def test_create_and_the_admin_promise_callbacks_only_with_https(is_https, expected, admin_browser, mika, settings):
    """The provider's own traits stay the same, as earlier submissions need them."""
    settings.IS_HTTPS, settings.SECURE_SSL_REDIRECT = is_https, False
    Connection.objects.create(provider="gemini", label="G", owner=mika)
    add = reverse("admin:generation_providermodel_add")

    create = admin_browser.get("/create/", {"provider": "gemini"}).text
    page = admin_browser.get(f"{add}?provider=gemini&model=gemini-omni-1.2-flash").text

    for text in (CANCELLABLE, NOT_CANCELLABLE, CALLBACK_ONLY, NOT_SEARCHABLE):
        assert (text in page, CREATE_TEXTS[text] in create) == (text in expected, text in expected), text
    traits = providers()["gemini"].traits_of("gemini-omni-1.2-flash")
    assert (traits.stopping, traits.recovery) == ("any", "webhook")
