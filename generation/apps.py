from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from generation import checks  # noqa: F401 - registers the system check


class GenerationConfig(AppConfig):
    name = "generation"
    verbose_name = _("Clips")

    def ready(self):
        from accounts import avatars, guest_transfer, privacy
        from common import slots
        from generation import job_kinds as generation_job_kinds
        from generation import maintenance
        from generation import privacy as ours
        from generation.media import storage
        from generation.providers.connections import environment, health_alerts, keys, settings_tab, test_job
        from generation.providers.webhooks import receive as webhooks
        from generation.providers.webhooks.signals import result_reported
        from generation.services import avatar_uploads
        from generation.views import cards
        from generation.worker import answer_journal, late_results, tombstones
        from jobs import invariants as job_invariants
        from jobs import maintenance as job_maintenance
        from jobs import registry as job_kinds
        from jobs.account_data import job_kinds as account_data_jobs
        from jobs.views import cards as job_cards
        from jobs.views import health

        for make in (
            generation_job_kinds.ClipKind,
            generation_job_kinds.RemoteClipKind,
            generation_job_kinds.VideoKind,
        ):
            job_kinds.register(kind := make())
            job_cards.register(kind.name, cards.render, cards.pictures)
        job_kinds.register(test_job.ConnectionTestKind())
        account_data_jobs.wait_for(generation_job_kinds.bought_with)
        guest_transfer.register(generation_job_kinds.adopt)
        guest_transfer.register_emptying(generation_job_kinds.empty)
        for name, check in maintenance.CHECKS.items():
            job_invariants.register(name, check, is_slow=True)
        job_maintenance.register("drop stray pictures", generation_job_kinds.drop_stray_pictures)
        job_maintenance.register("drop stray videos", generation_job_kinds.drop_stray_videos)
        privacy.register("clips", collect=ours.collect, erase=ours.erase)
        avatars.register(avatar_uploads.rebuild)
        avatars.register_link(storage.create_link)
        job_maintenance.register("look for what was given up", late_results.look_for_abandoned)
        job_maintenance.register("forget old callbacks", webhooks.forget_old)
        job_maintenance.register("forget tasks of jobs that are gone", tombstones.forget_old)
        job_maintenance.register("connections of the environment", environment.sync)
        job_maintenance.register("drop old keys", keys.drop_old)
        job_maintenance.keep_folder(answer_journal.FOLDER)
        result_reported.connect(late_results.take_in_reported, dispatch_uid="generation.late_results")
        health.register(health_alerts.refused)
        slots.fill("settings.tabs", settings_tab.tab)
        self._teach_words()

    def _teach_words(self):
        """What the floors below say of clips and of accounts at providers."""
        from accounts import audit
        from generation.composer import providers_for_user
        from generation.providers.connections import audit_messages, test_job
        from generation.worker import history_messages
        from jobs import event_messages, registry

        for code, meaning in {**history_messages.WORDS, **test_job.WORDS}.items():
            event_messages.register(code, meaning)
        for verb, sentence in audit_messages.SENTENCES.items():
            audit.say(verb, sentence)
        registry.name_providers(providers_for_user.provider_name)
