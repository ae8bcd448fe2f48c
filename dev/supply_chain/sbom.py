"""python -m dev.supply_chain.sbom: bills of materials of both locks, in CycloneDX, into dist."""

import base64
import hashlib
import json
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dev.setup.environment import ROOT, UV, run, say
from dev.setup.page import WEB
from dev.supply_chain.shipped import build_places, page_places, python_packages

DIST = ROOT / "dist"


def write(folder: Path = DIST) -> None:
    """Writes both, the same to the byte for the same locks. Raises SetupError."""
    folder.mkdir(parents=True, exist_ok=True)
    functions = folder / "sbom-functions.json"
    export = ["export", "--quiet", "--locked", "--no-default-groups", "--group", "build"]
    export += ["--preview-features", "sbom-export"]
    run(
        [str(UV), *export, "--format", "cyclonedx1.5", "--output-file", str(functions)],
        "uv could not list the packages (see above).",
    )
    for file, bill in (
        (functions, _licensed(json.loads(functions.read_bytes()))),
        (folder / "sbom-page.json", _page()),
    ):
        file.write_text(settled(bill), encoding="utf-8")
        say(f"Wrote {file}.")


def settled(bill: dict[str, Any]) -> str:
    """The bill without the time it was made at, numbered by what it lists."""
    bill = {**bill, "metadata": {**bill["metadata"]}}
    bill.pop("serialNumber", None)
    bill["metadata"].pop("timestamp", None)
    listed = json.dumps(bill, sort_keys=True).encode()
    number = uuid.UUID(bytes=hashlib.sha256(listed).digest()[:16], version=5)
    return json.dumps({**bill, "serialNumber": number.urn}, indent=2, sort_keys=True) + "\n"


def _licensed(bill: dict[str, Any]) -> dict[str, Any]:
    """The functions' bill with the licences that the packages tell: uv lists none."""
    licences = {(package.name, package.version): package.licence for package in python_packages()}
    components = [
        {**each, "licenses": _choice(licences[key])}
        if (key := (each["name"], each["version"])) in licences
        else each
        for each in bill["components"]
    ]
    return {**bill, "components": components}


def _choice(licence: str) -> list[dict[str, Any]]:
    """BSD without a number is no SPDX licence, so it is only named."""
    named = "BSD" in licence.split()
    return [{"license": {"name": licence}} if named else {"expression": licence}]


def _page() -> dict[str, Any]:
    """All of web/package-lock.json: `npm sbom` refuses it, or leaves out more than was asked."""
    locked: dict[str, Any] = json.loads((WEB / "package-lock.json").read_bytes())["packages"]
    shipped = page_places(locked) | build_places(locked)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": locked[""]["name"], "bom-ref": "page"}},
        "components": [
            _component(place, entry, "required" if place in shipped else "excluded")
            for place, entry in locked.items()
            if place
        ],
    }


def _component(place: str, entry: dict[str, Any], scope: str) -> dict[str, Any]:
    """`excluded` is what builds or tests the page, and is no part of it."""
    name = place.rpartition("node_modules/")[2]
    algorithm, _, digest = entry["integrity"].partition("-")
    return {
        "type": "library",
        "bom-ref": place,
        "name": name,
        "version": entry["version"],
        "scope": scope,
        "purl": f"pkg:npm/{quote(name)}@{quote(entry['version'])}",
        "hashes": [{"alg": f"SHA-{algorithm[3:]}", "content": base64.b64decode(digest).hex()}],
        "licenses": [{"expression": entry["license"]}],
    }


if __name__ == "__main__":
    write()
