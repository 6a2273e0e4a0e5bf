"""Staff with some permissions cannot gain more or change a superuser."""

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
def support_browser(ren, sign_in, settings):
    """The browser of Ren, who may change users and is no superuser."""
    settings.IS_EMBEDDED = True
    User.objects.filter(pk=ren.pk).update(is_staff=True)
    ren.user_permissions.add(*Permission.objects.filter(codename__in=["view_user", "change_user"]))
    return sign_in(ren)


@pytest.fixture
def superuser(mika):
    User.objects.filter(pk=mika.pk).update(is_staff=True, is_superuser=True)
    return mika


def test_support_cannot_deactivate_a_superuser(support_browser, superuser):
    response = support_browser.post(reverse("admin:accounts_user_change", args=[superuser.pk]), {"is_active": ""})

    superuser.refresh_from_db()
    assert response.status_code == 403
    assert superuser.is_active


@pytest.mark.parametrize("is_superuser", [True, False])
def test_support_resets_second_factors_of_users_but_not_of_superusers(support_browser, mika, is_superuser):
    User.objects.filter(pk=mika.pk).update(is_superuser=is_superuser)
    mika.authenticator_set.create(**FACTOR)

    support_browser.post(
        reverse("admin:accounts_user_changelist"), {"action": "reset_factors", "_selected_action": [mika.pk]}
    )

    assert mika.authenticator_set.exists() is is_superuser


def test_support_cannot_make_itself_a_superuser(support_browser, ren):
    support_browser.post(
        reverse("admin:accounts_user_change", args=[ren.pk]), {"is_active": "on", "is_superuser": "on"}
    )

    ren.refresh_from_db()
    assert not ren.is_superuser


def test_models_that_run_code_or_sign_in_users_are_not_in_the_admin():
    models = [queue.Schedule, queue.OrmQ, queue.Success, queue.Failure, EmailAddress]

    assert [model.__name__ for model in models if admin.site.is_registered(model)] == []


def test_nobody_adds_rows_in_the_admin(superuser, rf):
    request = rf.get("/")
    request.user = superuser

    assert [str(model) for model, page in admin.site._registry.items() if page.has_add_permission(request)] == []
