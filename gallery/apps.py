from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from common import hooks


class GalleryConfig(AppConfig):
    name = "gallery"
    verbose_name = _("Gallery")

    def ready(self):
        from gallery.contributions import CONTRIBUTIONS
        from gallery.explore import documents
        from gallery.publishing import lifecycle

        hooks.register("gallery", *CONTRIBUTIONS)
        documents.connect()
        lifecycle.connect()
