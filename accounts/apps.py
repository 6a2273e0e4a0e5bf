from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self):
        from accounts import personal_data, signals  # noqa: F401 - signals: connects the audit log

        personal_data.register("account", collect=personal_data.collect, erase=personal_data.erase)
