"""All fakes there are, found by their modules: one class with a slug each."""

import importlib
import pkgutil

from tests import fakes
from tests.fakes.server import Fake

NOBODY = {"server", "everyone", "echo", "echoes", "steady", "language"}  # shared, or no real company


def every_fake() -> dict[str, type[Fake]]:
    """slug → its class, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(fakes.__path__) if module.name not in NOBODY)
    modules = [importlib.import_module(f"{fakes.__name__}.{name}") for name in names]
    classes = [each for module in modules for each in vars(module).values() if _is_fake(each, module)]
    return {each.slug: each for each in classes}


def _is_fake(thing, module) -> bool:
    is_class = isinstance(thing, type) and issubclass(thing, Fake)
    return is_class and thing.__module__ == module.__name__ and bool(thing.slug)
