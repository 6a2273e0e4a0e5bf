from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from generation import checks  # noqa: F401 - registers the system check


class GenerationConfig(AppConfig):
    name = "generation"
    verbose_name = _("Clips")

    def ready(self):
        from common import hooks
        from generation.contributions import CONTRIBUTIONS
        from generation.library import documents
        from generation.providers.webhooks.receive import result_reported
        from generation.worker import late_results

        hooks.register("generation", *CONTRIBUTIONS)
        documents.connect()
        result_reported.connect(late_results.receive_report, dispatch_uid="generation.late_results")
