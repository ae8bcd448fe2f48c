"""What is asked of Cognito: its pages' addresses, tokens for a code or a refresh token, and their end."""

import asyncio
import json
import re
from dataclasses import dataclass
from http.client import HTTPException
from typing import cast
from urllib.parse import urlencode, urlsplit

from aicode.errors import AICodeError, StoreUnavailable
from aicode.telemetry import logger
from aicode.tls import connection_to
from sign_in.attempt import Attempt
from sign_in.settings import SignInSettings

TIMEOUT_SECONDS = 4
_ANSWER_LIMIT = 64 * 1024
# What is said of a code or a refresh token; every other refusal is about how the two services are set up.
_AT_FAULT = frozenset({"invalid_grant", "invalid_request"})
_ERROR = re.compile(r"[a-z_]{1,40}")


class NotTaken(AICodeError):
    """Cognito does not take the code or the refresh token: used, expired, revoked, or made up."""


@dataclass(frozen=True, slots=True, repr=False)  # both are secret
class Tokens:
    """What Cognito gives; without a refresh token the one that was used goes on."""

    id_token: str
    refresh_token: str | None


class Cognito:
    """One app client of a user pool, without a secret; where it does not answer, StoreUnavailable is raised.

    https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html
    """

    def __init__(self, settings: SignInSettings) -> None:
        self._settings = settings
        self._callback = f"{settings.origin}/sign-in/callback"

    def sign_in_page(self, attempt: Attempt) -> str:
        """Where the browser signs in."""
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._callback,
            "scope": "openid email",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._settings.page}/oauth2/authorize?{urlencode(query)}"

    def sign_out_page(self) -> str:
        """Where Cognito forgets the browser, which it would else sign in again without a form."""
        query = {"client_id": self._settings.client_id, "logout_uri": f"{self._settings.origin}/"}
        return f"{self._settings.page}/logout?{urlencode(query)}"

    async def exchange(self, code: str, attempt: Attempt) -> Tokens:
        """The tokens for the code that the browser brought back; raises NotTaken."""
        return await self._tokens(
            grant_type="authorization_code",
            code=code,
            code_verifier=attempt.verifier,
            redirect_uri=self._callback,
        )

    async def refresh(self, refresh_token: str) -> Tokens:
        """New tokens for a refresh token; raises NotTaken."""
        return await self._tokens(grant_type="refresh_token", refresh_token=refresh_token)

    async def revoke(self, refresh_token: str) -> None:
        """Ends the refresh token, wherever else it may be kept; raises NotTaken."""
        await self._ask("/oauth2/revoke", token=refresh_token)

    async def _tokens(self, **form: str) -> Tokens:
        answer = await self._ask("/oauth2/token", **form)
        id_token, refresh_token = answer.get("id_token"), answer.get("refresh_token")
        if not isinstance(id_token, str):
            raise _no_answer("no ID token")
        return Tokens(id_token, refresh_token if isinstance(refresh_token, str) else None)

    async def _ask(self, path: str, **form: str) -> dict[str, object]:
        """The members of the answer, where it is a good one."""
        form["client_id"] = self._settings.client_id
        status, answer = await asyncio.to_thread(_post, self._settings.page, path, urlencode(form))
        error = str(answer.get("error"))
        if status == 400 and error in _AT_FAULT:
            raise NotTaken
        if status != 200:
            raise _no_answer(f"{status} {error}" if _ERROR.fullmatch(error) else str(status))
        return answer


def _post(page: str, path: str, form: str) -> tuple[int, dict[str, object]]:
    """Status and members of the answer, none where it is no JSON object; call it in a thread."""
    connection = connection_to(urlsplit(page), TIMEOUT_SECONDS)
    try:
        connection.request("POST", path, form, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        body = answer.read(_ANSWER_LIMIT)
    except (OSError, HTTPException) as error:
        raise _no_answer(type(error).__name__) from error
    finally:
        connection.close()
    try:
        value: object = json.loads(body)
    except ValueError:
        value = None
    return answer.status, cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _no_answer(reason: str) -> StoreUnavailable:
    logger("sign-in").error("no answer from Cognito", reason=reason)
    return StoreUnavailable("The sign-in service does not answer.", retry_after=5)
