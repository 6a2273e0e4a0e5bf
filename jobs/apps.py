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
        from jobs import cards, housekeeping, kinds, kinds_people, privacy, push

        for kind in (kinds_people.EXPORT, kinds_people.ERASE):
            kinds.register(kind)
        guest_transfer.register(kinds_people.adopt)
        guest_transfer.register_emptying(kinds_people.empty)
        account_closure.register(kinds_people.stop_erasing)
        accounts_privacy.register("jobs", collect=kinds_people.collect, erase=kinds_people.forget)
        housekeeping.register("accounts", accounts.tidy)
        housekeeping.register("exports", kinds_people.forget_exports)
        housekeeping.register("closed accounts", kinds_people.erase_all_closed)
        post_delete.connect(push.membership_ended, sender=Membership, dispatch_uid="jobs.memberships")
        post_delete.connect(push.session_ended, sender=UserSession, dispatch_uid="jobs.sessions")
        post_save.connect(push.person_saved, sender=User, dispatch_uid="jobs.people")
        slots.fill("nav.jobs", cards.badge_slot)
        slots.fill("bar.jobs", cards.bar_slot)
        slots.fill("settings.privacy", privacy.section)
