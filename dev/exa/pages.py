"""The pages that the search stand-in knows: written for it, on addresses that are reserved for examples."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `published` is an ISO date; title and text say that it is demo content."""

    title: str
    url: str
    published: str
    author: str
    text: str


PAGES = tuple(Page(**page) for page in json.loads(Path(__file__).with_suffix(".json").read_text("utf-8")))
