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
# What has a stand-in in `make dev` alone. Without them SAM would put in the names of the resources.
_NEEDED = ("APPS_TABLE", "FILES_BUCKET", "UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN")


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


def main(here: Path, env: Mapping[str, str]) -> str | None:
    """Writes the file; the returned line says why there is none."""
    try:
        known = stand_ins.read(here, env)
    except SettingsError as error:
        return str(error)
    if missing := [name for name in _NEEDED if name not in known]:
        return f"A built function needs real services: set {', '.join(missing)} in {stand_ins.ENV_FILE}."
    values = parameters(known, read_template())
    write(here / FILE, values)
    if left_out := sorted(known.keys() & set(stand_ins.NAMES) - values.keys() - _OF_THIS_STACK):
        say(f"{FILE} has no {', '.join(left_out)}: template.yaml does not name them.", STDERR)
    return None


if __name__ == "__main__":
    sys.exit(main(Path.cwd(), os.environ))
