from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from common import hooks


class GalleryConfig(AppConfig):
    name = "gallery"
    verbose_name = _("Gallery")

    def ready(self):
        from gallery.explore import documents
        from gallery.hooks import HOOKS
        from gallery.publishing import lifecycle

        hooks.register(HOOKS)
        documents.connect()
        lifecycle.connect()
