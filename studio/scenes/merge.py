"""Three-way merge by field: what both started from, what stands there now, and what somebody wants."""


def merge(base: dict, theirs: dict, mine: dict) -> tuple[dict, dict]:
    """(fields to write, collisions as ``{field: (theirs, mine)}``) for the fields in ``mine``.

    A field that I left as it was keeps what they wrote; one that both of us changed to different values collides.
    ``base`` and ``theirs`` must hold every field of ``mine``.
    """
    wanted, collisions = {}, {}
    for name, value in mine.items():
        if value in (base[name], theirs[name]):
            continue
        if theirs[name] == base[name]:
            wanted[name] = value
        else:
            collisions[name] = (theirs[name], value)
    return wanted, collisions
