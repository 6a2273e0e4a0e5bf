from django.apps import AppConfig, apps
from django.contrib import admin
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Users")

    def import_models(self):
        super().import_models()
        import accounts.billing.models
        import accounts.billing.payments.models  # noqa: F401 - rooms above the app's own models

    def ready(self):
        from accounts import signals  # noqa: F401 - connects the audit log
        from accounts.contributions import CONTRIBUTIONS
        from accounts.staff_roles import create_roles
        from common import hooks

        hooks.register("accounts", *CONTRIBUTIONS)
        post_migrate.connect(create_roles)  # after that of Django, which creates the permissions
        self._keep_out_of_admin("django_q")  # a Schedule row runs any function: editing one is running code
        self._keep_out_of_admin("mfa")  # rows hold the secrets of second factors
        self._keep_out_of_admin("usersessions")  # rows hold session keys

    def _keep_out_of_admin(self, label: str) -> None:
        for model in apps.get_app_config(label).get_models():
            if admin.site.is_registered(model):
                admin.site.unregister(model)
