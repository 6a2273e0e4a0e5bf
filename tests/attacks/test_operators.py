"""What an operator with some permissions can do to one with more."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import reverse
from django_q import models as queue

from accounts.models import User

pytestmark = pytest.mark.django_db
FACTOR = {"type": "totp", "data": {}}


@pytest.fixture
def support(ren, sign_in, settings):
    """The browser of Ren, who may change users and is no superuser."""
    settings.IS_EMBEDDED = True
    User.objects.filter(pk=ren.pk).update(is_staff=True)
    ren.user_permissions.add(*Permission.objects.filter(codename__in=["view_user", "change_user"]))
    return sign_in(ren)


@pytest.fixture
def chief(mika):
    User.objects.filter(pk=mika.pk).update(is_staff=True, is_superuser=True)
    return mika


def test_support_cannot_deactivate_a_superuser(support, chief):
    answer = support.post(reverse("admin:accounts_user_change", args=[chief.pk]), {"is_active": ""})

    chief.refresh_from_db()
    assert answer.status_code == 403
    assert chief.is_active


@pytest.mark.parametrize("is_chief", [True, False])
def test_support_resets_second_factors_of_users_but_not_of_superusers(support, mika, is_chief):
    User.objects.filter(pk=mika.pk).update(is_superuser=is_chief)
    mika.authenticator_set.create(**FACTOR)

    support.post(reverse("admin:accounts_user_changelist"), {"action": "reset_factors", "_selected_action": [mika.pk]})

    assert mika.authenticator_set.exists() is is_chief


def test_support_cannot_make_itself_a_superuser(support, ren):
    support.post(reverse("admin:accounts_user_change", args=[ren.pk]), {"is_active": "on", "is_superuser": "on"})

    ren.refresh_from_db()
    assert not ren.is_superuser


def test_models_that_would_run_code_or_take_over_users_are_not_in_the_admin():
    models = [queue.Schedule, queue.OrmQ, queue.Success, queue.Failure, EmailAddress]

    assert [model.__name__ for model in models if admin.site.is_registered(model)] == []


def test_nobody_adds_rows_in_the_admin(chief, rf):
    request = rf.get("/")
    request.user = chief

    assert [str(model) for model, page in admin.site._registry.items() if page.has_add_permission(request)] == []


def test_the_admin_has_no_password_form_of_its_own(client):
    answer = client.get("/admin/login/")

    assert answer.url.startswith("/account/login/")
    assert client.post("/admin/login/", {"username": "a", "password": "b"}).status_code == 302
