"""Reads the secret of SECRETS_ARN and the parameter of SETTINGS_PARAMETER, both at once."""

import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import cast

from aicode.secrets.service import TRIES, NoAnswer, ask
from aicode.settings import SettingsError


def read_values(env: Mapping[str, str] = os.environ, *, tries: int = TRIES) -> dict[str, str]:
    """What the parameter and the secret say, by the names of variables, as far as it is not empty.

    The secret wins. Blocks for some tens of milliseconds; a service that does not answer is asked `tries`
    times. Raises SettingsError with one clear line that holds no value.
    """
    named = {name: env.get(name, "").strip() for name in ("SETTINGS_PARAMETER", "SECRETS_ARN")}

    def parameter() -> object:
        asked = {"Name": named["SETTINGS_PARAMETER"]}
        return ask(env, "ssm", "AmazonSSM.GetParameter", asked, tries=tries).get("Parameter", {}).get("Value")

    def secret() -> object:
        asked = {"SecretId": named["SECRETS_ARN"]}
        return ask(env, "secretsmanager", "secretsmanager.GetSecretValue", asked, tries=tries).get(
            "SecretString"
        )

    sources = [("parameter", "SETTINGS_PARAMETER", parameter), ("secret", "SECRETS_ARN", secret)]
    with ThreadPoolExecutor() as threads:
        reading = [(f"{kind} of {name}", threads.submit(read)) for kind, name, read in sources if named[name]]
    found = [_values(source, read.result) for source, read in reading]
    return {name: value for values in found for name, value in values.items() if value.strip()}


def _values(source: str, read: Callable[[], object]) -> dict[str, str]:
    try:
        values: object = json.loads(str(read()))
    except NoAnswer as error:
        raise SettingsError(f"The {source} cannot be read: {error}.") from error
    except ValueError:
        # Not chained: a parser may quote what it could not parse.
        raise SettingsError(f"The {source} must be a JSON object.") from None
    if not isinstance(values, dict):
        raise SettingsError(f"The {source} must be a JSON object.")
    for name, value in cast("dict[str, object]", values).items():
        if not isinstance(value, str):
            raise SettingsError(f"{name} in the {source} must be a string.")
    return cast("dict[str, str]", values)
