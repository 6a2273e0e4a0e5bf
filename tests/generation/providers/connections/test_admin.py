"""Site connections and model overrides in the admin."""

import html
import json
import re

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts.models import User
from generation.admin.models import Wrong, check_facts, notes, with_sheet
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
def chief(mika, sign_in, settings):
    settings.IS_EMBEDDED = True
    User.objects.filter(pk=mika.pk).update(is_staff=True, is_superuser=True)
    catalogue.clear_cache()
    yield sign_in(mika)
    catalogue.clear_cache()


@pytest.fixture
def site(chief, stub):
    chief.post(reverse("admin:generation_connection_add"), {"provider": "echo"})
    return Connection.objects.get()


def change(browser, connection, **sent):
    return browser.post(reverse(CHANGE, args=[connection.pk]), {"is_enabled": "on", **sent}, follow=True)


def test_administrator_connects_a_provider_for_everybody(chief, stub):
    answer = chief.post(reverse("admin:generation_connection_add"), {"provider": "echo"})

    made = Connection.objects.get()
    assert answer.url == reverse(CHANGE, args=[made.pk])
    assert (made.scope, made.label) == ("site", "Echo")
    page = change(chief, made, key_api_key=KEY, key_region="eu", concurrency="3", is_default="on").content.decode()
    made.refresh_from_db()
    assert (made.facts, made.concurrency, made.is_default, made.key_version) == ({"region": "eu"}, 3, True, 1)
    assert open_connection(made).keys == {"api_key": KEY, "region": "eu"}
    assert KEY not in page and KEY not in chief.get(reverse(CHANGE, args=[made.pk])).content.decode()
    assert "…cdef" in chief.get(reverse(CHANGE, args=[made.pk])).content.decode()


def test_only_an_administrator_may_allow_a_private_address(chief, site):
    page = change(chief, site, key_api_key=KEY, base_url="http://10.0.0.7:8188").content.decode()
    assert "private network" in page
    site.refresh_from_db()
    assert site.base_url == ""

    change(chief, site, key_api_key=KEY, base_url="http://10.0.0.7:8188", allows_private="on")

    site.refresh_from_db()
    assert (site.base_url, site.allows_private) == ("http://10.0.0.7:8188", True)


def test_invalid_form_shows_its_errors_and_changes_nothing(chief, site):
    page = change(chief, site).content.decode()

    assert "Paste it here." in page
    assert not ConnectionKey.objects.exists()


def test_users_connections_are_hidden_from_the_admin(chief, mika, ren, connect, site):
    theirs = connect(ren, label="Rens own")

    assert "Rens own" not in chief.get(reverse(LIST)).content.decode()
    assert chief.get(reverse(CHANGE, args=[theirs.pk])).status_code == 302
    chief.post(reverse(LIST), {"action": "delete_selected", "_selected_action": [theirs.pk], "post": "yes"})
    theirs.refresh_from_db()
    assert theirs.deleted_at is None


def test_delete_is_soft_and_test_starts_a_job(chief, site):
    chief.post(reverse(LIST), {"action": "test", "_selected_action": [site.pk]})
    assert Job.objects.get().kind == "connection_test"

    chief.post(reverse("admin:generation_connection_delete", args=[site.pk]), {"post": "yes"})

    site.refresh_from_db()
    assert site.deleted_at and not site.is_enabled


def test_list_shows_where_keys_are_stored(chief, stub):
    Connection.objects.create(provider="echo", label="Named", environment=True)
    Connection.objects.create(provider="echo", label="Brought")

    page = chief.get(reverse("admin:generation_connection_changelist")).text
    rows = {name: page.partition(f">{name}</a>")[2].partition("</tr>")[0] for name in ("Named", "Brought")}

    assert "environment variables" in rows["Named"] and "the database, encrypted" in rows["Brought"]


def test_environment_connection_has_no_key_field_and_cannot_be_deleted(chief, stub):
    named = Connection.objects.create(provider="echo", label="Echo", environment=True)

    page = chief.get(reverse(CHANGE, args=[named.pk])).content.decode()

    assert (
        'name="key_api_key"' not in page
        and 'name="base_url"' not in page
        and "The keys and the address come from environment variables" in page
    )
    change(chief, named, label="House", concurrency="2")
    named.refresh_from_db()
    assert (named.label, named.concurrency, named.key_version) == ("House", 2, 0)
    chief.post(reverse("admin:generation_connection_delete", args=[named.pk]), {"post": "yes"})
    named.refresh_from_db()
    assert named.deleted_at is None


@pytest.fixture
def slug():
    return next(slug for slug, engine in providers().items() if not engine.is_local)


def test_price_set_in_the_admin_is_shown_at_once(chief, slug, mika, sign_in):
    model = catalogue.built_in_models(slug)[0]["model"]
    page = chief.get(reverse("admin:generation_providermodel_add")).content.decode()
    assert "UNCERTAIN" in page

    sent = {"provider": slug, "model": model, "is_offered": "on", "price_per_second": "123000", "currency": "EUR"}
    chief.post(
        reverse("admin:generation_providermodel_add"),
        sent | {"price_dated": "2026-11-20", "facts": "{}", "position": "1", "label": "Renamed"},
    )

    row = next(item for item in catalogue.list_models(slug) if item["model"] == model)
    assert (row["label"], row["price"][0]["per_second"]) == ("Renamed", 123_000)
    Connection.objects.create(provider=slug, label="X", owner=mika)
    kept = {"provider": slug, "model": model, "prompt": "a cat"}
    text = sign_in(mika).get("/create/estimate/", kept).content.decode()
    assert "€" in text and "Nov. 20, 2026" in text


def test_withdrawn_model_is_hidden_and_retired_one_is_marked(chief):
    first, second, *rest = (facts["model"] for facts in catalogue.built_in_models("kling"))
    sent = {"provider": "kling", "facts": "{}", "position": "1"}

    chief.post(reverse("admin:generation_providermodel_add"), sent | {"model": first})
    reported = {"model": second, "is_offered": "on", "retired_on": "2026-01-01"}
    chief.post(reverse("admin:generation_providermodel_add"), sent | reported)

    left = {model.model: model for model in catalogue.capabilities("kling")}
    assert list(left) == [second, *rest]
    assert [model.is_retired for model in left.values()] == [True, *[False] * len(rest)]
    request_body = ClipRequest("a cat", "16:9", 5, 720, 1, model=second)
    assert "was retired by its maker" in left[second].find_conflicts(request_body)["model"]


def test_free_model_is_called_free_on_its_job(db):
    own, paid, given = (
        Job(kind="clip_elsewhere", provider=slug, model=model)
        for slug, model in (("openai-compatible", "vllm-omni"), ("fal", ""), ("fal", "new-one"))
    )
    assert [price(job) for job in (own, paid, given)] == ["free", "price unknown", "price unknown"]

    ProviderModel.objects.create(provider="fal", model="new-one", price_per_clip=0)
    catalogue.clear_cache()

    assert price(given) == "free"
    catalogue.clear_cache()


def test_admin_lists_every_shipped_model_with_a_link_to_override(chief, slug):
    page = chief.get(reverse("admin:generation_providermodel_changelist")).text
    model = catalogue.built_in_models(slug)[0]
    links = [html.unescape(match) for match in re.findall(r'href="([^"]*providermodel/add/[?][^"]*)"', page)]
    assert len(links) == sum(len(catalogue.built_in_models(match)) for match, _label in with_sheet())

    own = page.partition("vllm-omni")[2].partition("</li>")[0]
    assert "free" in own and "price unknown" not in own, "what runs on one's own machines"

    form = chief.get(next(match for match in links if f"provider={slug}" in match)).text
    assert f'value="{slug}" selected' in form
    assert f'value="{model["model"]}"' in form


def test_invalid_model_facts_are_refused(chief, slug, subtests):
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
            with pytest.raises(Wrong):
                check_facts(slug, facts)

            sent = {
                "provider": slug,
                "model": "new-one",
                "is_offered": "on",
                "facts": json.dumps(facts),
                "position": "1",
            }
            answer = chief.post(reverse("admin:generation_providermodel_add"), sent)
            assert (answer.status_code, ProviderModel.objects.count()) == (200 if facts else 302, 0 if facts else 1)
            ProviderModel.objects.all().delete()


def test_facts_that_cannot_be_stored_are_refused_and_kept_in_the_form(chief, subtests):
    for written in (
        "1e400",
        "NaN",
        "[" * 1500 + "]" * 1500,
        "[" * 100_000,
    ):
        with subtests.test(written=written):
            written = f'{{"price": [{{"per_clip": 1, "resolution": {written}}}]}}'
            sent = {"provider": "kling", "model": "new-one", "is_offered": "on", "facts": written, "position": "1"}

            page = chief.post(reverse("admin:generation_providermodel_add"), sent)

            assert (page.status_code, ProviderModel.objects.count()) == (200, 0)
            assert page.context["adminform"].form.errors["facts"] == ["Enter a valid JSON."]
            assert escape(written) in page.content.decode()


def test_model_modes_are_limited_to_those_of_the_adapter(db, subtests):
    for slug, mode, is_spoken in (
        ("luma-dream-machine", "references", False),
        ("openai-compatible", "first_last", False),
        ("runway", "video", False),
        ("replicate", "video", True),
        ("runway", "references", True),
    ):
        with subtests.test(slug=slug, mode=mode, is_spoken=is_spoken):
            try:
                check_facts(slug, {"modes": ["words", mode]})
            except Wrong:
                assert not is_spoken
            else:
                assert is_spoken


def test_valid_facts_add_a_model(chief, slug):
    facts = {"seconds": [4, 6], "ratios": ["1:1"], "price": [{"per_clip": 5, "dated": "2026-11-01"}]}
    facts |= {"picture_shape": 1.5, "picture_kinds": ["png"], "picture_most": 800}
    sent = {"provider": slug, "model": "new-one", "is_offered": "on", "facts": json.dumps(facts), "position": "1"}

    chief.post(reverse("admin:generation_providermodel_add"), sent)

    made = next(model for model in catalogue.capabilities(slug) if model.model == "new-one")
    assert (made.picture_shape, made.picture_kinds, made.picture_most) == (1.5, ("png",), 800)
    assert (made.seconds, made.ratios, made.label) == ((4, 6), ("1:1",), "new-one")
    assert str(catalogue.list_models(slug)[-1]["price"][0]["dated"]) == "2026-11-01"


def test_uncertain_facts_of_an_adapter_are_shown_in_the_admin():
    """The code marks uncertain facts; administrators read the admin, not the code."""
    folders = {slug: catalogue.FOLDER / slug.replace("-", "_") for slug, _label in with_sheet()}
    unsure = [
        slug
        for slug, folder in folders.items()
        if any("UNCERTAIN" in path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    ]

    assert unsure
    assert [slug for slug in unsure if "UNCERTAIN in how it is spoken with" not in notes(slug)] == []


def said_of(chief, slug, model, **facts):
    sent = {"provider": slug, "model": model, "is_offered": "on", "facts": json.dumps(facts), "position": "1"}
    return html.unescape(chief.post(reverse("admin:generation_providermodel_add"), sent).text)


def test_model_facts_beyond_the_adapter_are_refused(chief, subtests):
    for slug, facts, said in (
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
        with subtests.test(slug=slug, facts=facts, said=said):
            page = said_of(chief, slug, "new-one", **facts)

            assert said in page
            assert not ProviderModel.objects.exists()


def test_list_marks_facts_that_no_longer_fit_the_adapter(chief, subtests):
    for slug, facts, said in (
        ("kling", {"has_seed": True}, "has_seed cannot be true: the studio cannot pass it to Kling."),
        ("zhipu", {"stopping": "any"}, "stopping cannot be any"),
        ("kling", {"modes": ["video"]}, "modes must be a list of values that a clip can have."),
        ("kling", {"once_known": 1}, "Unknown parameters: once_known."),
        ("gone", {}, "This provider is not installed."),
        ("kling", {"seconds": [5]}, ""),
    ):
        with subtests.test(slug=slug, facts=facts, said=said):
            ProviderModel.objects.all().delete()
            ProviderModel.objects.create(provider=slug, model="kling-v3" if slug == "kling" else "old", facts=facts)

            page = html.unescape(chief.get(reverse("admin:generation_providermodel_changelist")).text)

            reported = re.search(r'<td class="field-trouble">(.*?)</td>', page)[1]
            assert said in reported if said else reported == "–"


def test_model_with_weaker_traits_shows_them(chief):
    add = reverse("admin:generation_providermodel_add")
    page = chief.get(f"{add}?provider=runway&model=gen4_turbo").text
    assert "can be cancelled, reports progress, a lost response cannot be searched for" in page
    assert "All three are inherited from the provider" in page
    assert page.count("<summary>") == 1, "only what is known of this provider"
    assert "400000 is 0.40" in page

    said_of(chief, "runway", "gen4_turbo", stopping="queued", has_progress=False)

    row = ProviderModel.objects.get()
    reported = providers()["runway"].traits_of("gen4_turbo")
    assert (reported.stopping, reported.has_progress) == ("queued", False)
    assert providers()["runway"].traits_of("gen4.5").stopping == "any"
    page = chief.get(reverse("admin:generation_providermodel_change", args=[row.pk])).text
    assert "can be cancelled only while queued there, does not report progress" in page
    assert "Set for this model: stopping, has_progress" in html.unescape(page)


def test_create_describes_cancelling_and_recovery_of_the_chosen_model(chief, mika):
    Connection.objects.create(provider="kling", label="K", owner=mika)

    by_id, by_list = (
        chief.get("/create/", {"provider": "kling", "model": model}).text for model in ("kling-v3", "kling-v1-6")
    )

    assert "<summary>Cannot be cancelled once started</summary>" in by_id, "one line; the rest is behind it"
    assert "Doesn’t show progress, only that it is running." in by_id and "we find the clip by our own ID" in by_id
    assert "we search for the clip in the account’s list" in by_list


NO_STOP, STOP = "cannot be cancelled there", "can be cancelled,"
CALLS, NEVER = "a lost response is found only if the provider calls back", "a lost response cannot be searched for"
ON_CREATE = {  # as shown in Create
    NO_STOP: "Cannot be cancelled once started", STOP: "Can be cancelled during generation",
    CALLS: "we find the clip only if the provider calls back", NEVER: "we cannot search for the clip",
}  # fmt: skip


@pytest.mark.parametrize(
    ("is_https", "said"),
    [
        (True, (STOP, CALLS)),
        (False, (STOP, NEVER)),
    ],
)
def test_create_and_the_admin_promise_callbacks_only_with_https(is_https, said, chief, mika, settings):
    """Earlier submissions keep the traits they were sent with."""
    settings.IS_HTTPS, settings.SECURE_SSL_REDIRECT = is_https, False
    Connection.objects.create(provider="gemini", label="G", owner=mika)
    add = reverse("admin:generation_providermodel_add")

    create = chief.get("/create/", {"provider": "gemini"}).text
    page = chief.get(f"{add}?provider=gemini&model=gemini-omni-1.2-flash").text

    for words in (STOP, NO_STOP, CALLS, NEVER):
        assert (words in page, ON_CREATE[words] in create) == (words in said, words in said), words
    reported = providers()["gemini"].traits_of("gemini-omni-1.2-flash")
    assert (reported.stopping, reported.recovery) == ("any", "webhook")


@pytest.mark.parametrize(("slug", "is_said"), [("fal", NEVER), ("minimax", NEVER), ("runway", NEVER), ("kling", "")])
def test_create_promises_no_callback_without_a_public_address(slug, is_said, chief, mika):
    Connection.objects.create(provider=slug, label="X", owner=mika)

    page = chief.get("/create/", {"provider": slug}).text

    assert ON_CREATE[CALLS] not in page
    assert (ON_CREATE[NEVER] in page) == bool(is_said)
