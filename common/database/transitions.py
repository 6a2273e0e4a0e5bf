"""State machines: the error for an illegal transition, and a check of transition tables."""


class IllegalTransition(Exception):
    """The row may not change to that state, or has already left the state that was read."""


def find_faults(table: dict, *, start, ends) -> list[str]:
    """Return sentences about unreachable states and about states without a way out."""
    seen, todo = {start}, [start]
    while todo:
        for state in table.get(todo.pop(), ()):
            if state not in seen:
                seen.add(state)
                todo.append(state)
    states = set(table) | {state for following in table.values() for state in following} | set(ends)
    faults = [f"{state} cannot be reached" for state in states - seen]
    faults += [f"{state} has no way out" for state in states - set(ends) if not table.get(state)]
    return sorted(faults)
