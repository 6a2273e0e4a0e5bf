from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = _("Jobs")

    def ready(self):
        from allauth.usersessions.models import UserSession
        from django.db.models.signals import post_delete, post_save

        from accounts import account_closure, guest_transfer
        from accounts import privacy as accounts_privacy
        from accounts import services as accounts
        from accounts.models import Membership, User
        from common import slots
        from jobs import maintenance as job_maintenance
        from jobs import registry
        from jobs.account_data import job_kinds as account_data_jobs
        from jobs.account_data import slots as account_data_slots
        from jobs.hints import push
        from jobs.views import cards

        for kind in (account_data_jobs.ExportKind(), account_data_jobs.EraseKind()):
            registry.register(kind)
        guest_transfer.register(account_data_jobs.adopt)
        guest_transfer.register_emptying(account_data_jobs.empty)
        account_closure.register(account_data_jobs.stop_erasing)
        accounts_privacy.register("jobs", collect=account_data_jobs.collect, erase=account_data_jobs.forget)
        job_maintenance.register("accounts", accounts.run_daily_cleanup)
        job_maintenance.register("exports", account_data_jobs.forget_exports)
        job_maintenance.register("closed accounts", account_data_jobs.erase_all_closed)
        post_delete.connect(push.membership_ended, sender=Membership, dispatch_uid="jobs.memberships")
        post_delete.connect(push.session_ended, sender=UserSession, dispatch_uid="jobs.sessions")
        post_save.connect(push.person_saved, sender=User, dispatch_uid="jobs.people")
        slots.fill("nav.jobs", cards.badge_slot)
        slots.fill("bar.jobs", cards.bar_slot)
        slots.fill("settings.privacy", account_data_slots.section)
