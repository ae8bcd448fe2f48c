"""AWS SAM's environment, sam/.venv: the template's checks, and the runtime emulator that tests run."""

import sys

from dev.setup.environment import ROOT, UV, locked, run, say

PROJECT = ROOT / "sam"
PYTHON = PROJECT / ".venv" / "bin" / "python"


def make_environment() -> None:
    """Brings sam/.venv up to sam/uv.lock; takes a blink where it is. Raises SetupError."""
    with locked(PROJECT / "uv.lock"):
        fresh = not PYTHON.exists()
        if fresh:
            say("Installing the SAM CLI, for Lambda's runtime emulator (once) ...")
        python = ["--python", sys.executable] if fresh else []
        run(
            [str(UV), "sync", "--locked", "--quiet", "--project", str(PROJECT), *python],
            "The SAM CLI could not be installed (see above): check the network, then run make again.",
        )
