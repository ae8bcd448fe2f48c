"""Edits as models make them, with what each should leave: for the tests, and for comparing matchers."""

from tests.tools.edit_corpus import depths, places, spelling, white_space
from tests.tools.edit_corpus.case import Case as Case

CASES = [*places.CASES, *white_space.CASES, *depths.CASES, *spelling.CASES]
