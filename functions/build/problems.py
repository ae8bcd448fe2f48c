"""One list of what type checker and bundler say of an app."""

import re
from collections.abc import Iterable, Sequence

from aicode.api_types import FoundProblem, Problem

LIMIT = 100
MESSAGE_LIMIT = 1_000
BUNDLE = "bundle"
"""The code of what the bundler says; the type checker's problems have its own, such as TS2304."""
BUILD = "build"
"""The code of what is said of the app as a whole: that it could not be checked, or that there is more."""
_SYNTAX = re.compile(r"TS1\d{3}")


def of_build(message: str) -> FoundProblem:
    """A problem of the app as a whole."""
    return FoundProblem(path="", line=0, column=0, code=BUILD, message=message)


def merged(types: Sequence[FoundProblem], bundle: Iterable[FoundProblem]) -> list[FoundProblem]:
    """Both lists as one, sorted by place; what both say of a line is told in the type checker's words."""
    lines = {(problem["path"], problem["line"]) for problem in types}
    unreadable = {problem["path"] for problem in types if _SYNTAX.fullmatch(problem["code"])}
    added = [
        problem
        for problem in bundle
        if (problem["path"], problem["line"]) not in lines and problem["path"] not in unreadable
    ]
    unique = {_place(problem): problem for problem in (*types, *added)}
    return [unique[place] for place in sorted(unique)]


def _place(problem: FoundProblem) -> tuple[str, int, int, str, str]:
    return problem["path"], problem["line"], problem["column"], problem["code"], problem["message"]


def marked(problems: Sequence[FoundProblem], known: Iterable[FoundProblem]) -> list[Problem]:
    """The first problems, each with whether one like it is among the known ones; how many more there are is
    told by one more.

    Lines move when a file is edited, so they are not compared.
    """
    like = {_likeness(problem) for problem in known}
    told = [Problem(**problem, known=_likeness(problem) in like) for problem in problems[:LIMIT]]
    left = problems[LIMIT:]
    if left:
        more = of_build(f"{len(left)} more {'problem is' if len(left) == 1 else 'problems are'} not listed.")
        told.append(Problem(**more, known=all(_likeness(problem) in like for problem in left)))
    return told


def _likeness(problem: FoundProblem) -> tuple[str, str, str]:
    return problem["path"], problem["code"], problem["message"]


def shortened(message: str) -> str:
    """A message that is not too long to be read."""
    return message if len(message) <= MESSAGE_LIMIT else f"{message[:MESSAGE_LIMIT]} ..."
