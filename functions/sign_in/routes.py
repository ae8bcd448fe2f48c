"""What the sign-in's routes do."""

import hmac
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import wraps

from aicode.auth import comes_from
from aicode.errors import ForbiddenOrigin, InvalidRequest, RequestError, StoreUnavailable, Unauthenticated
from aicode.http import RequestContext, Response, Routes, error_response, json_response, no_content
from sign_in.attempt import Attempt, local_path
from sign_in.cognito import NotTaken, Tokens
from sign_in.cookies import ATTEMPT, ATTEMPT_SECONDS, REFRESH, REFRESH_SECONDS, SESSION
from sign_in.dependencies import Dependencies
from sign_in.pages import error_page, redirect

Context = RequestContext[Dependencies]
Route = Callable[[Context], Awaitable[Response]]


def _for_a_person(route: Route) -> Route:
    """The route with its errors as a page: a browser shows what it answers."""

    @wraps(route)
    async def answered(context: Context) -> Response:
        try:
            return await route(context)
        except RequestError as error:
            return error_page(error, _request_id(context))

    return answered


@_for_a_person
async def sign_in(context: Context) -> Response:
    """Sends the browser to Cognito's page; straight back where it still has a refresh token that counts."""
    needed = context.dependencies
    to = local_path(context.request.query.get("to", ""))
    refresh_token = needed.cookies.read(context.request, REFRESH)
    if refresh_token:
        try:
            cookies = await _signed_in(needed, await needed.cognito.refresh(refresh_token))
        except NotTaken:
            pass  # it was revoked, or is a month old: the form is next, and its token takes this one's place
        else:
            return redirect(needed.settings.origin + to, *cookies)
    attempt = Attempt.new(to)
    kept = needed.cookies.set(ATTEMPT, attempt.cookie(), ATTEMPT_SECONDS)
    return redirect(needed.cognito.sign_in_page(attempt), kept)


@_for_a_person
async def callback(context: Context) -> Response:
    """Makes cookies of the code that the browser brings back from Cognito's page."""
    needed, query = context.dependencies, context.request.query
    attempt = Attempt.from_cookie(needed.cookies.read(context.request, ATTEMPT))
    # Else a stranger's link could sign the browser in as the stranger.
    if attempt is None or not hmac.compare_digest(attempt.state.encode(), query.get("state", "").encode()):
        raise InvalidRequest("This sign-in was not begun here, or too long ago.")
    if "code" not in query:
        raise InvalidRequest("The sign-in was not finished.")
    try:
        tokens = await needed.cognito.exchange(query["code"], attempt)
    except NotTaken as error:
        raise InvalidRequest("This sign-in was used before, or is too old.") from error
    cookies = await _signed_in(needed, tokens, nonce=attempt.nonce)
    return redirect(needed.settings.origin + attempt.to, *cookies, *needed.cookies.clear(ATTEMPT))


async def renew(context: Context) -> Response:
    """New cookies for a browser whose session ended while it was at work; 401 where a form is needed."""
    needed = context.dependencies
    _from_the_page(context)
    refresh_token = needed.cookies.read(context.request, REFRESH)
    if not refresh_token:
        raise Unauthenticated("Sign in first.")
    try:
        cookies = await _signed_in(needed, await needed.cognito.refresh(refresh_token))
    except NotTaken:
        refused = error_response(Unauthenticated("Sign in first."), _request_id(context))
        return replace(refused, cookies=needed.cookies.clear(SESSION, REFRESH))
    return replace(no_content(), cookies=cookies)


async def sign_out(context: Context) -> Response:
    """Ends the browser's session and its refresh token; tells where Cognito's own session is ended."""
    needed = context.dependencies
    _from_the_page(context)
    refresh_token = needed.cookies.read(context.request, REFRESH)
    if refresh_token:
        # Whatever Cognito says, the browser forgets the token.
        with suppress(NotTaken, StoreUnavailable):
            await needed.cognito.revoke(refresh_token)
    answer = json_response(200, {"success": True, "location": needed.cognito.sign_out_page()})
    return replace(answer, cookies=needed.cookies.clear(SESSION, REFRESH, ATTEMPT))


async def _signed_in(needed: Dependencies, tokens: Tokens, *, nonce: str | None = None) -> tuple[str, ...]:
    """The cookies that sign the browser in, once the ID token is what the other functions take."""
    claims = await needed.verifier.claims(tokens.id_token)
    if nonce is not None and not hmac.compare_digest(str(claims.get("nonce")).encode(), nonce.encode()):
        raise Unauthenticated("The token is not valid.")
    if not needed.cookies.fits(SESSION, tokens.id_token):
        raise Unauthenticated("The token is too large for a cookie: it has too many claims.")
    life = int(float(str(claims["exp"])) - needed.now())
    session = needed.cookies.set(SESSION, tokens.id_token, life)
    if tokens.refresh_token is None:
        return (session,)
    return session, needed.cookies.set(REFRESH, tokens.refresh_token, REFRESH_SECONDS)


def _from_the_page(context: Context) -> None:
    """Raises ForbiddenOrigin where another site's page, or none, sent the request."""
    if not comes_from(context.request, frozenset({context.dependencies.settings.origin})):
        raise ForbiddenOrigin("This origin may not do that with the cookie.")


def _request_id(context: Context) -> str:
    return context.request.id or context.invocation.aws_request_id


ROUTES: Routes[Dependencies] = {
    ("GET", "/sign-in"): sign_in,
    ("GET", "/sign-in/callback"): callback,
    ("POST", "/sign-in/renew"): renew,
    ("POST", "/sign-out"): sign_out,
}
