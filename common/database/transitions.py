"""State tables one can draw: who may follow whom, and proof that the table is sound."""


class IllegalTransition(Exception):
    """The row may not go to that state, or has already left the one it was read in."""


def check_table(table: dict, *, start, ends) -> list[str]:
    """Faults of a NEXT table in words: unreachable states, ends that go on, states without a way out."""
    seen, todo = {start}, [start]
    while todo:
        for state in table.get(todo.pop(), ()):
            if state not in seen:
                seen.add(state)
                todo.append(state)
    everyone = set(table) | {state for states in table.values() for state in states} | set(ends)
    faults = [f"{state} cannot be reached" for state in everyone - seen]
    faults += [f"{state} has no way out" for state in everyone - set(ends) if not table.get(state)]
    return sorted(faults)
