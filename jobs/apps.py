from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = _("Jobs")

    def ready(self):
        from allauth.usersessions.models import UserSession
        from django.db.models.signals import post_delete, post_save

        from accounts.models import Membership, User
        from common import hooks
        from jobs import hints
        from jobs.contributions import CONTRIBUTIONS

        hooks.register("jobs", *CONTRIBUTIONS)
        post_delete.connect(hints.on_membership_deleted, sender=Membership, dispatch_uid="jobs.memberships")
        post_delete.connect(hints.on_session_deleted, sender=UserSession, dispatch_uid="jobs.sessions")
        post_save.connect(hints.on_user_saved, sender=User, dispatch_uid="jobs.users")
