"""Reports for Sentry: the errors of an invocation that nobody foresaw. Its SDK is imported with the first."""

from typing import TYPE_CHECKING

from aicode.telemetry.export import Observed

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

SECONDS = 1.5


class Reports:
    """Sends errors to the project that a Sentry DSN names."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._has_begun = False

    def export(self, observed: Observed, /) -> None:
        """Sends the errors with type and place, and without text: it may quote a vendor."""
        if not observed.crashes:
            return
        import sentry_sdk  # noqa: PLC0415 - see the module

        if not self._has_begun:
            self._has_begun = True
            sentry_sdk.init(
                self._dsn,
                default_integrations=False,  # they look at requests, logs and arguments
                auto_enabling_integrations=False,
                include_local_variables=False,
                include_source_context=False,
                max_breadcrumbs=0,
                send_default_pii=False,
                debug=False,  # said here, the environment does not say it
                spotlight=False,
                before_send=_without_text,
            )
        for error in observed.crashes:
            with sentry_sdk.new_scope() as scope:
                scope.set_tag("service", observed.service)
                for name, fact in observed.ids.items():
                    scope.set_tag(name, fact)
                scope.capture_exception(error)
        sentry_sdk.flush(SECONDS)


def _without_text(event: "Event", _hint: "Hint") -> "Event":
    for each in event.get("exception", {}).get("values", ()):
        each["value"] = ""
    return event
