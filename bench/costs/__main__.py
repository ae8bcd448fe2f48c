"""`python -m bench.costs` counts anew, in a minute and a half; `... tables` only writes the tables anew."""

import asyncio
import json
import sys
from pathlib import Path

from bench.costs import table, turn

DOCUMENT = table.ROOT / "COSTS.md"
COUNTS = Path(__file__).with_name("counts.json")


def main(arguments: list[str]) -> None:
    """Brings COSTS.md up to the code."""
    if arguments != ["tables"]:
        COUNTS.write_text(json.dumps(asyncio.run(turn.count()), indent=2) + "\n", encoding="utf-8")
    counts = json.loads(COUNTS.read_text(encoding="utf-8"))
    DOCUMENT.write_text(table.put_in(DOCUMENT.read_text(encoding="utf-8"), counts), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
