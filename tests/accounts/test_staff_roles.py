"""Roles of administrators: what each opens, who gives them, and that the last with all rights keeps them."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.access import may_operate
from accounts.hooks import AccountHooks
from accounts.models import AuditEvent, User
from accounts.staff_roles import StaffRole, change_roles, list_roles
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PAGES = {
    "/operator/": {"moderator", "money", "operator"},
    "/operator/reports/": {"moderator"},
    "/operator/reports/first-looks/": {"moderator"},
    "/operator/credit/": {"money"},
    "/operator/payments/": {"money"},
    "/operator/plans/": {"money"},
    "/operator/figures/": {"money", "operator"},
    "/operator/jobs/": {"operator"},
    "/operator/people/": {"operator"},
    "/operator/providers/": {"operator"},
    "roles": set(),
}
ADMIN_MODELS = {
    "moderator": {"case"},
    "money": {"wallet", "entry", "exchangerate", "pack"},
    "operator": {
        "job", "unknownjob", "heartbeat", "user", "workspace", "auditevent", "connection", "providermodel",
        "provideroverride", "workflow",
    },
}  # fmt: skip


@pytest.fixture
def boss(db):
    """Whoever holds all rights."""
    return UserFactory(name="Boss", email="boss@example.test", is_staff=True, is_superuser=True)


def give(user, *roles):
    change_roles(user, {StaffRole(role) for role in roles}, by=None)


def list_permissions():
    return {
        name for mapping in AccountHooks.values_of("role_permissions") for names in mapping.values() for name in names
    }


def test_each_role_opens_its_pages_and_no_other(sign_in, boss, settings):
    settings.BILLING, settings.GALLERY = True, "public"
    browsers = {role: sign_in(UserFactory()) for role in ("nobody", "staff", *ADMIN_MODELS)}
    users = {role: User.objects.get(pk=browser.session["_auth_user_id"]) for role, browser in browsers.items()}
    User.objects.filter(pk=users["staff"].pk).update(is_staff=True)
    for role in ADMIN_MODELS:
        give(users[role], role)
    boss_browser = sign_in(boss)

    for page, roles in PAGES.items():
        path = reverse("operator:roles", args=[boss.pk]) if page == "roles" else page
        opened = {role for role, browser in browsers.items() if browser.get(path).status_code == 200}
        refused = {browser.get(path).status_code for role, browser in browsers.items() if role not in roles}
        assert (page, opened, refused) == (page, roles, {404})
        assert boss_browser.get(path).status_code == 200


def test_the_admin_shows_each_role_only_its_models(sign_in, settings):
    settings.BILLING = True
    for role, models in ADMIN_MODELS.items():
        user = UserFactory()
        give(user, role)
        apps = sign_in(user).get("/admin/").context["app_list"]
        assert {model["model"]._meta.model_name for app in apps for model in app["models"]} == models


def test_an_administrator_without_permission_sees_no_admin_and_no_link(sign_in):
    browser = sign_in(UserFactory(is_staff=True))

    assert browser.get("/admin/").status_code in (302, 403)
    assert "/operator/" not in browser.get("/settings/").text


def test_every_permission_of_a_role_exists():
    known = {
        f"{row.content_type.app_label}.{row.codename}" for row in Permission.objects.select_related("content_type")
    }

    assert list_permissions() - known == set()


def test_roles_are_given_and_taken_with_an_entry_for_each(sign_in, boss, mika):
    browser, url = sign_in(boss), reverse("operator:roles", args=[mika.pk])
    browser.post(url, {"roles": ["moderator", "money"]})
    mika = User.objects.get(pk=mika.pk)
    assert mika.is_staff and list_roles(mika) == ["moderator", "money"]
    assert mika.has_perm("gallery.change_case") and not mika.has_perm("jobs.view_job")
    assert "Moderator · Money" in browser.get("/operator/people/?state=staff").text

    browser.post(url, {"roles": ["money"]})
    browser.post(url, {})

    mika = User.objects.get(pk=mika.pk)
    changes = AuditEvent.objects.filter(verb__startswith="role.", target=f"user {mika.pk}", actor_id=boss.pk)
    assert not mika.is_staff and list_roles(mika) == []
    assert sorted((row.verb, row.facts["role"]) for row in changes) == [
        ("role.given", "moderator"), ("role.given", "money"), ("role.taken", "moderator"), ("role.taken", "money"),
    ]  # fmt: skip


def test_permissions_of_earlier_staff_stay_when_a_role_is_taken(mika):
    mika.user_permissions.add(Permission.objects.get(codename="view_user"))
    give(mika, "money")
    give(mika)

    mika = User.objects.get(pk=mika.pk)
    assert mika.is_staff and mika.has_perm("accounts.view_user") and not mika.has_perm("accounts.view_wallet")


def test_the_last_with_all_rights_keeps_them(sign_in, boss, mika):
    browser, url = sign_in(boss), reverse("operator:roles", args=[boss.pk])
    UserFactory(is_staff=True, is_superuser=True, is_active=False)

    refused = browser.post(url, {"roles": ["money"]})
    boss.refresh_from_db()
    assert refused.status_code == 422 and "Nobody else here holds all rights" in refused.text
    assert boss.is_superuser and not boss.groups.exists()

    give(mika, "all")
    browser.post(url, {"roles": ["money"]})
    boss.refresh_from_db()
    assert not boss.is_superuser and list_roles(boss) == ["money"]


def test_an_operator_gives_no_roles(sign_in, boss, ren):
    give(ren, "operator")
    browser = sign_in(ren)

    assert browser.post(reverse("operator:roles", args=[ren.pk]), {"roles": ["all"]}).status_code == 404
    assert reverse("operator:roles", args=[ren.pk]) not in browser.get("/operator/people/").text
    ren.refresh_from_db()
    assert not ren.is_superuser


def test_roles_take_effect_with_a_second_factor_only(sign_in, boss, mika, settings):
    settings.IS_EMBEDDED = False
    give(mika, "moderator")
    assert sign_in(boss).post(reverse("operator:roles", args=[mika.pk]), {}).url == reverse("mfa_index")
    assert not may_operate(mika, "gallery.view_case")
    browser = sign_in(boss, has_reauthenticated=True)
    Authenticator.objects.create(user=boss, type="totp", data={})
    assert "no two-factor authentication" in browser.get(reverse("operator:roles", args=[mika.pk])).text
    assert "No effect yet" in browser.get("/operator/people/?q=mika").text

    Authenticator.objects.create(user=mika, type="totp", data={})

    assert may_operate(User.objects.get(pk=mika.pk), "gallery.view_case")
    assert "No effect yet" not in browser.get("/operator/people/?q=mika").text


def test_the_list_of_people_takes_as_many_queries_for_many(sign_in, boss, django_assert_max_num_queries):
    browser = sign_in(boss)
    browser.get("/operator/people/")
    for _n in range(8):
        give(UserFactory(), "moderator", "money")
    with django_assert_max_num_queries(16):
        browser.get("/operator/people/")


def test_grant_role_gives_and_takes_from_the_command_line(boss, mika):
    output = StringIO()
    call_command("grant_role", "Mika@example.test", "operator", stdout=output)
    call_command("grant_role", "mika@example.test", "moderator", stdout=output)
    assert list_roles(User.objects.get(pk=mika.pk)) == ["moderator", "operator"]
    call_command("grant_role", "mika@example.test", "operator", "--remove", stdout=output)

    assert output.getvalue().splitlines()[-1] == "mika@example.test: moderator"
    with pytest.raises(CommandError, match="Nobody else here holds all rights"):
        call_command("grant_role", "boss@example.test", "all", "--remove")
    with pytest.raises(CommandError, match="No account"):
        call_command("grant_role", "nobody@example.test", "all")
