"""`make openapi`: writes the document to where it is checked in."""

import json
from pathlib import Path

from dev.openapi import build

# Whole before the file is opened: what cannot be built leaves it as it was.
text = json.dumps(build(), indent=2) + "\n"
(Path(__file__).parents[2] / "docs" / "openapi.json").write_text(text, encoding="utf-8")
