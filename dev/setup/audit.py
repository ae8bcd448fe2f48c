"""Whether anything is known against the locked packages: pip-audit for Python's, npm audit for the page's."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from dev.setup import page, sam
from dev.setup.environment import ROOT, UV, run, say
from dev.setup.problem import SetupError

_WAY_OUT = (
    "Either something is known against a package, or who would know could not be asked: see above. "
    'OPERATIONS.md, "Upgrade", says how a package gets a mended version. One that only others bring along '
    "has no pin: `.tools/bin/uv lock --upgrade-package NAME`, or "
    "`.venv/bin/python -m dev.setup npm update NAME`."
)


def audit() -> None:
    """Asks about every lock. Raises SetupError where one of them is not known to be clean."""
    env = page.npm_environment()
    with tempfile.TemporaryDirectory() as folder:
        packages = Path(folder) / "requirements.txt"
        looks = {
            "uv.lock": _python(ROOT, packages),
            "sam/uv.lock": _python(sam.PROJECT, packages),
            "web/package-lock.json": [["npm", "audit", "--prefix", str(page.WEB)]],
        }
        unclean = [lock for lock, look in looks.items() if not _is_clean(lock, look, env)]
    if unclean:
        raise SetupError(f"Not known to be clean: {', '.join(unclean)}. {_WAY_OUT}")


def _python(project: Path, packages: Path) -> list[list[str]]:
    uv = [str(UV), "--quiet"]
    export = ["export", "--locked", "--all-groups", "--no-emit-project", "--project", str(project)]
    # Unless it is strict, pip-audit only remarks on a package that it got no answer about, and succeeds.
    look = ["pip-audit", "--strict", "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
    return [
        [*uv, *export, "--output-file", str(packages)],
        [
            *uv,
            "run",
            "--locked",
            "--isolated",
            "--only-group",
            "audit",
            *look,
            "--requirement",
            str(packages),
        ],
    ]


def _is_clean(lock: str, look: list[list[str]], env: Mapping[str, str]) -> bool:
    say(f"== {lock}")
    try:
        for command in look:
            run(command, lock, env=env)
    except SetupError:
        return False
    return True
