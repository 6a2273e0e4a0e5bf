"""Close an account: its user is signed out at once, and workers erase the account with everything in it.

What the account was charged stays in the ledger, without a name.
"""

from django.core.management.base import CommandError

from accounts.management.accounts import find_account
from accounts.services import LastOperator
from common.operator_command import OperatorCommand
from jobs.account_data import job_kinds


class Command(OperatorCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("email", help="email address of the account")
        parser.add_argument("--no-input", action="store_true", help="do not ask for the address once more")

    def handle(self, *, email, no_input, **options):
        user = find_account(email)
        if not user.is_active and user.closing_at:
            raise CommandError(f"{user.email} is closed already and is being erased.")
        question = f"Everything of {user.email} will be erased for good. Type the address once more: "
        if not no_input and input(question).strip().lower() != user.email:
            raise CommandError("That is another address. Nothing was changed.")
        try:
            job = job_kinds.close_account(user, by=None)
        except LastOperator as refusal:
            raise CommandError(
                f"{user.email} is the only administrator with all rights. Give them to another account first: "
                "manage.py grant_role EMAIL all. Nothing was changed."
            ) from refusal
        self.stdout.write(
            f"{user.email} is closed and signed out. Job {job.pk} erases it; until it has started, an "
            "administrator can open the account again in the admin."
        )
