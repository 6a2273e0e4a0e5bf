"""Divide tests into shares of about the same duration, of which one fits a few minutes (./test deep --sixth)."""

import re


def select(tests: list, share: str) -> list:
    """Return every n-th test of the list, from the k-th on, if the share is "k/n".

    So the tests of a file, which take about the same time, are divided evenly. Raises ValueError for other shares.
    """
    parts = re.fullmatch(r"(\d)/(\d)", share)
    if not parts or not 1 <= (k := int(parts[1])) <= (n := int(parts[2])):
        raise ValueError(f"{share} is no share: a part of six is 1/6 to 6/6")
    return tests[k - 1 :: n]
