"""Divide the deep leg into sixths, of which each takes about four minutes on two idle cores (./test deep --sixth).

As a command (``python -m tests.shares 3``) this module prints which share of which part the third sixth runs.
"""

import re
import sys

# part of the leg → its share. Parts have a set-up of their own (sites, servers), so a sixth runs two of them
SIXTHS = [
    {"unit": "1/3", "faults": "1/3"},
    {"unit": "2/3", "faults": "2/3"},
    {"unit": "3/3", "faults": "3/3"},
    {"browser": "1/3", "postgres": "1/3"},
    {"browser": "2/3", "postgres": "2/3"},
    {"browser": "3/3", "postgres": "3/3"},
]


def select(tests: list, share: str) -> list:
    """Return every n-th test of the list, from the k-th on, if the share is "k/n".

    So the tests of a file, which take about the same time, are divided evenly. Raises ValueError for other shares.
    """
    parts = re.fullmatch(r"(\d)/(\d)", share)
    if not parts or not 1 <= (k := int(parts[1])) <= (n := int(parts[2])):
        raise ValueError(f"{share} is no share: the second of six is 2/6")
    return tests[k - 1 :: n]


def main(number: str) -> None:
    if number not in list("123456"):
        sys.exit(f"{number} is no sixth: 1 to 6")
    sys.stdout.writelines(f"{part}={share}\n" for part, share in SIXTHS[int(number) - 1].items())


if __name__ == "__main__":
    main(sys.argv[1])
