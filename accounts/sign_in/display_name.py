"""How a person is shown."""


def display_name(user) -> str:
    """The name they chose, else the part of their e-mail before the @: never the whole address."""
    return user.name or user.email.partition("@")[0]
