"""What a case of the corpus says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """`after` is the file an edit leaves; None: it is refused. `says` stands in the result."""

    name: str
    before: str
    edits: list[tuple[str, str] | tuple[str, str, bool]]
    after: str | None
    says: str = ""
