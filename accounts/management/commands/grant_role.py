"""Give a user a role of administrators, or take it away: moderator, money, operator, or all (every right).

On a hosted site a role opens nothing until its holder has two-factor authentication.
"""

from django.core.management.base import CommandError

from accounts.management.accounts import find_account
from accounts.staff_roles import RoleRefused, StaffRole, change_roles, list_roles
from common.operator_command import OperatorCommand


class Command(OperatorCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("email", help="email address of the account")
        parser.add_argument("role", choices=StaffRole.values)
        parser.add_argument("--remove", action="store_true", help="take the role away")

    def handle(self, *, email, role, remove, **options):
        user = find_account(email)
        before = set(list_roles(user))
        try:
            change_roles(user, before - {StaffRole(role)} if remove else before | {StaffRole(role)}, by=None)
        except RoleRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{user.email}: {', '.join(list_roles(user)) or 'no role'}")
