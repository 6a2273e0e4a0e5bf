"""Factories of users and workspaces."""

import factory

from accounts.access import get_home
from accounts.models import Membership, Role, User, Workspace

PASSWORD = "petals in the wind"


class UserFactory(factory.django.DjangoModelFactory):
    """A user with the password ``PASSWORD`` and a personal workspace."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"User {n}")
    email = factory.Sequence(lambda n: f"user{n}@example.test")

    @classmethod
    def _create(cls, model_class, *args, password=PASSWORD, **fields):
        user = model_class.objects.create_user(*args, password=password, **fields)
        user.emailaddress_set.create(email=user.email, verified=True, primary=True)
        get_home(user)
        return user


class WorkspaceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Workspace

    name = factory.Sequence(lambda n: f"Workspace {n}")


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    workspace = factory.SubFactory(WorkspaceFactory)
    role = Role.OWNER


class GuestFactory(WorkspaceFactory):
    name = "Guest"
    kind = Workspace.Kind.GUEST
