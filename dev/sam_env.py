"""`make sam-env`: the variables for `sam local invoke --env-vars sam-env.json`, which git does not see."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from aicode.settings import SettingsError
from dev import stand_ins
from dev.output import STDERR, say
from dev.template import Template, read_template

FILE = "sam-env.json"
# Only a deployment has what these name.
_OF_A_DEPLOYMENT = ("SECRETS_ARN", "SETTINGS_PARAMETER", "ORIGIN_SECRET")
_OF_THIS_STACK = {"PORT", "DATA_DIR", "FUNCTION_TIMEOUT_SECONDS"}


def parameters(known: Mapping[str, str], template: Template) -> dict[str, str]:
    """What all functions get in place of the template's values; SAM sets only variables that it names."""
    functions = [
        each["Properties"] for each in template["Resources"].values() if "Handler" in each["Properties"]
    ]
    everybody = [template["Globals"]["Function"], *functions]
    named = {name for each in everybody for name in each.get("Environment", {}).get("Variables", {})}
    return {
        **{name: value for name, value in known.items() if name in named},
        **dict.fromkeys(_OF_A_DEPLOYMENT, ""),
    }


def write(file: Path, values: Mapping[str, str]) -> None:
    """Writes the file for its owner alone: there are keys in it."""
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        json.dump({"Parameters": values}, opened, indent=2)


def main(here: Path) -> str | None:
    """Writes the file; the returned line says why there is none."""
    try:
        known = stand_ins.read(here, os.environ)
    except SettingsError as error:
        return str(error)
    values = parameters(known, read_template())
    write(here / FILE, values)
    if left_out := sorted(known.keys() & set(stand_ins.NAMES) - values.keys() - _OF_THIS_STACK):
        say(f"{FILE} has no {', '.join(left_out)}: template.yaml does not name them.", STDERR)
    return None


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
