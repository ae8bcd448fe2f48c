"""The requests of events/, ready to be sent: with a token, and with the names of what they are about."""

import json
from pathlib import Path
from typing import Any

from dev.template import ROOT

FOLDER = ROOT / "events"


def filled(file: Path, *, token: str, session: str = "", app: str = "", approval: str = "") -> dict[str, Any]:
    """The event in which TOKEN, SESSION_ID, APP_ID and APPROVAL_ID are these."""
    text = file.read_text(encoding="utf-8")
    ids = {"SESSION_ID": session, "APP_ID": app, "APPROVAL_ID": approval}
    for name, value in {"TOKEN": token, **ids}.items():
        text = text.replace(name, value)
    return json.loads(text)


def mentions(file: Path, name: str) -> bool:
    """True if the event is to be filled with a SESSION_ID, an APP_ID or an APPROVAL_ID."""
    return name in file.read_text(encoding="utf-8")
