"""Only views and their helpers take the request of a page; what is below them takes a viewer (accounts.viewer)."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
APPS = ("accounts", "common", "gallery", "generation", "jobs", "studio")
# of views, or called by Django and allauth with a request
PLACES = ("views", "operator", "polling", "middleware", "templatetags", "admin", "sign_in", "web")
HELPERS = {
    "accounts/signals.py",  # of allauth
    "accounts/billing/limits.py",  # allauth's rate limiter finds the address of the client in the request
    "studio/limits.py",
    "studio/storyboard/responses.py",  # responses that several views of the storyboard share
}


def test_no_function_below_the_views_takes_a_request():
    found = [
        f"{path}:{line} {name}" for path in list_modules() if not is_view(path) for line, name in find_functions(path)
    ]

    assert found == []


def list_modules() -> Iterator[str]:
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            yield str(path.relative_to(ROOT))


def is_view(path: str) -> bool:
    parts = path.removesuffix(".py").split("/")
    return path in HELPERS or path in ROUTED or parts[-1].endswith(("_views", "admin")) or bool({*parts} & {*PLACES})


def find_functions(path: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of the functions with a parameter ``request``, except the views that decorators wrap.

    Requests to providers, and of a job, have another type.
    """
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not is_wrapped(node):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            if any(one.arg == "request" and is_of_page(one) for one in arguments):
                yield node.lineno, node.name


def is_wrapped(function) -> bool:
    return any("wraps(" in ast.unparse(decorator) for decorator in function.decorator_list)


def is_of_page(argument: ast.arg) -> bool:
    return argument.annotation is None or "HttpRequest" in ast.unparse(argument.annotation)


def find_routed() -> set[str]:
    """Return the modules that a urls.py imports."""
    found = set()
    for path in list_modules():
        if "urls" not in Path(path).stem:
            continue
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
                found |= {f"{name.replace('.', '/')}.py" for name in names}
    return found


ROUTED = find_routed()
