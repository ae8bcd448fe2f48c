"""Which existing paths may be meant by one that does not exist. Pure."""

import difflib
from collections.abc import Sequence

from chat.agent.tools.stopping import expect_wanted

# Of a path that is compared letter by letter, which takes the square of its length.
CHARACTERS = 200


def similar(path: str, paths: Sequence[str]) -> list[str]:
    """Those of the same name in other folders, at most five; if there are none, the three most alike."""
    name = path.rsplit("/", 1)[-1]
    same_name = [other for other in paths if other.rsplit("/", 1)[-1] == name]
    if same_name or len(path) > CHARACTERS:
        return same_name[:5]
    alike: list[str] = []
    for other in paths:
        expect_wanted()
        if len(other) <= CHARACTERS:
            alike += difflib.get_close_matches(path, [other])
    return difflib.get_close_matches(path, alike, n=3)
