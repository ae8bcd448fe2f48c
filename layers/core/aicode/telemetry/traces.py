"""Traces for OpenTelemetry: the spans of an invocation, sent at its end. The SDK is imported no sooner."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aicode.telemetry.export import NotExportedError, Observed, Span

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider

SECONDS = 1.5


class Traces:
    """Sends traces to an OTLP endpoint such as https://collector.example.com:4318, with these headers."""

    def __init__(self, endpoint: str, headers: Mapping[str, str]) -> None:
        self._headers = headers
        self._endpoint = f"{endpoint.rstrip('/')}/v1/traces"
        self._sdk: tuple[TracerProvider, OTLPSpanExporter] | None = None

    def export(self, observed: Observed, /) -> None:
        """Sends the spans as one trace, with names, ids and figures and without anybody's text."""
        from opentelemetry import trace  # noqa: PLC0415 - see the module
        from opentelemetry.sdk.trace import ReadableSpan  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import SpanExportResult  # noqa: PLC0415

        if self._sdk is None:
            self._sdk = _sdk(self._endpoint, self._headers, observed.service)
        provider, exporter = self._sdk
        tracer, contexts = provider.get_tracer("aicode"), list["Context"]()
        begun = list[trace.Span]()
        for span in observed.spans:
            around = contexts[span.parent] if span.parent is not None else None
            attributes = {f"aicode.{name.lower()}": fact for name, fact in _facts(span, observed).items()}
            one = tracer.start_span(span.name, around, start_time=_ns(span.began), attributes=attributes)
            begun.append(one)
            contexts.append(trace.set_span_in_context(one))
        for span, one in zip(observed.spans, begun, strict=True):
            one.end(_ns(span.ended))
        # Not by one of the SDK's processors: they don't tell whether the spans have arrived.
        whole = [one for one in begun if isinstance(one, ReadableSpan)]
        if exporter.export(whole) is not SpanExportResult.SUCCESS:
            raise NotExportedError


def _sdk(
    endpoint: str, headers: Mapping[str, str], service: str
) -> "tuple[TracerProvider, OTLPSpanExporter]":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415

    resource = Resource({"service.name": f"aicode-{service}"})
    return (
        TracerProvider(resource=resource, shutdown_on_exit=False),
        OTLPSpanExporter(endpoint=endpoint, headers=headers, timeout=SECONDS),
    )


def _facts(span: Span, observed: Observed) -> dict[str, str | int | float | bool]:
    """What is known of a span; the outermost has the invocation's ids too."""
    facts = span.facts if span.parent is not None else {**observed.ids, **span.facts}
    return {name: fact for name, fact in facts.items() if fact is not None}


def _ns(seconds: float) -> int:
    return round(seconds * 1e9)
