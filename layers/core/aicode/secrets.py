"""Reads a function's settings from its environment, and from one secret of Secrets Manager."""

import os
from collections.abc import Callable, Mapping
from typing import cast

from aicode.settings import Settings, SettingsError

Fetch = Callable[[str], object]


def settings(env: Mapping[str, str] | None = None, *, fetch: Fetch | None = None) -> Settings:
    """The settings of this process; a variable that is set wins over the secret's value of the same name.

    If `SECRETS_ARN` is set, `fetch` gives that secret's value, parsed from JSON (default: Secrets Manager
    through Powertools Parameters). Raises SettingsError with one clear line if the process cannot run.
    """
    own = os.environ if env is None else env
    arn = own.get("SECRETS_ARN", "").strip()
    if not arn:
        return Settings.from_env(own)
    given = {name: value for name, value in own.items() if value.strip()}
    return Settings.from_env({**_values((fetch or _fetch)(arn)), **given})


def _values(secret: object) -> dict[str, str]:
    if not isinstance(secret, dict):
        raise SettingsError("The secret of SECRETS_ARN must be a JSON object.")
    values = cast("dict[str, object]", secret)
    for name, value in values.items():
        if not isinstance(value, str):
            raise SettingsError(f"{name} in the secret of SECRETS_ARN must be a string.")
    return cast("dict[str, str]", values)


def _fetch(arn: str) -> object:
    # Imported late, because it imports boto3.
    from aws_lambda_powertools.utilities.parameters import (  # noqa: PLC0415
        get_secret,  # pyright: ignore[reportUnknownVariableType] - its options are untyped
    )
    from aws_lambda_powertools.utilities.parameters.exceptions import (  # noqa: PLC0415
        GetParameterError,
        TransformParameterError,
    )

    try:
        return cast("object", get_secret(arn, transform="json"))
    except GetParameterError as error:
        raise SettingsError("The secret of SECRETS_ARN cannot be read.") from error
    except TransformParameterError:
        # Not chained: a parser may quote what it could not parse.
        raise SettingsError("The secret of SECRETS_ARN must be a JSON object.") from None
