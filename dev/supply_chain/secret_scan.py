"""python -m dev.supply_chain.secret_scan: is there a key, a token or a password in a file?"""

import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from aicode.settings import DEVELOPMENT_JWT_SECRET
from dev.deployed.fill_secrets import NEEDED, OPTIONAL, SIGNS_TOKENS
from dev.setup.environment import ROOT, say

_KEPT = (*NEEDED, *OPTIONAL, SIGNS_TOKENS, "ORIGIN_SECRET")
_OWN_NAMES = "|".join(name for name in _KEPT if not name.endswith(("_URL", "_DSN")))
# As those who issue them write them; each is long enough that no word looks like it.
PATTERNS: Mapping[str, re.Pattern[str]] = {
    kind: re.compile(pattern)
    for kind, pattern in {
        "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----\s+[A-Za-z0-9+/=]{16}",
        "AWS access key": r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
        "AWS secret key": r"(?i)aws_?secret_?access_?key\W{1,4}[A-Za-z0-9/+]{40}\b",
        "Anthropic key": r"\bsk-ant-[\w-]{24,}",
        "OpenAI key": r"\bsk-(?:proj-)?[A-Za-z0-9]{32,}",
        "GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{36,})",
        "GitLab token": r"\bglpat-[\w-]{20}",
        "npm token": r"\bnpm_[A-Za-z0-9]{36}\b",
        "PyPI token": r"\bpypi-AgE[\w-]{50,}",
        "Slack token": r"\bxox[abeoprs]-[\w-]{20,}",
        "Stripe key": r"\b[rs]k_live_[A-Za-z0-9]{20,}",
        "Google key": r"\bAIza[\w-]{35}\b",
        "token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}",
        "password in an address": r"\b[a-z][a-z0-9+]*://[^\s/:@\"'`<>{}]+:[^\s/:@\"'`<>{}$]{6,}@[\w.-]+",
        "secret with a name": r"\b(?i:[\w-]*(?:secret|token|password|api_?key))[\"']?\s*[:=]\s*[\"']"
        r"(?=[^\"'\s]*[0-9])(?=[^\"'\s]*[A-Z])(?=[^\"'\s]*[a-z])[A-Za-z0-9+/_=-]{32,}[\"']",
        # As .env files, YAML, JSON and lists of names and values hold them, whatever the value looks like;
        # headers may name what they are. Capitals alone are another name.
        "own secret": rf"\b(?:{_OWN_NAMES})\b(?:\\?[\"'])?\]?"
        r"(?:[ \t]*[:=]|,?\s*\\?[\"']?[Vv]alue\\?[\"']?[:=])"
        r"[ \t]*(?:\\?[\"'])?(?:[\w-]+=\w+(?: |%20))?(?![A-Z_]+(?![\w+/=-]))[\w+/=-]{20,}",
        "Sentry address": r"\bhttps?://[0-9a-f]{32}(?::[0-9a-f]{32})?@",
    }.items()
}
# Texts that only look like one where a find ends with them, and why.
ALLOWED: Mapping[str, str] = {
    DEVELOPMENT_JWT_SECRET: "public by design: the local stack's, which the functions refuse in AWS",
}


def scan(files: Iterable[Path], root: Path = ROOT) -> list[str]:
    """A line for each find: the file, the line's number and what it looks like, never the text itself."""
    found: list[str] = []
    for file in files:
        name = file.relative_to(root).as_posix()
        if not file.is_file():  # deleted, and not yet from the index
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        for kind, pattern in PATTERNS.items():
            finds = [at for at in pattern.finditer(text) if not at.group().endswith(tuple(ALLOWED))]
            lines = [text.count("\n", 0, at.start()) + 1 for at in finds]
            found += [f"{name}:{line}: {kind}" for line in lines]
    return found


def kept_files(root: Path = ROOT) -> list[Path]:
    """The files that git keeps, or would with the next `git add`."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - a fixed program
    return [root / name for name in listed.stdout.split("\0") if name]


def main() -> None:
    """Says what was found, and fails where it is anything."""
    found = scan(kept_files())
    if found:
        say("\n".join(found))
        say(
            "These look like secrets. One that is real is taken back at whoever issued it, then out of "
            "the file; for what only looks like one say why in dev/supply_chain/secret_scan.py."
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
