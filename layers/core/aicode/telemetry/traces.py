"""Traces for OpenTelemetry: the spans of an invocation, sent at its end. The SDK is imported no sooner."""

from typing import TYPE_CHECKING

from aicode.telemetry.export import Observed, Span

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider

SECONDS = 1.5


class Traces:
    """Sends traces to an OTLP endpoint such as https://collector.example.com:4318."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = f"{endpoint.rstrip('/')}/v1/traces"
        self._provider: TracerProvider | None = None

    def export(self, observed: Observed, /) -> None:
        """Sends the spans as one trace, with names, ids and figures and without anybody's text."""
        from opentelemetry import trace  # noqa: PLC0415 - see the module

        if self._provider is None:
            self._provider = _provider(self._endpoint, observed.service)
        tracer, contexts = self._provider.get_tracer("aicode"), list["Context"]()
        begun = list[trace.Span]()
        for span in observed.spans:
            around = contexts[span.parent] if span.parent is not None else None
            attributes = {f"aicode.{name.lower()}": fact for name, fact in _facts(span, observed).items()}
            one = tracer.start_span(span.name, around, start_time=_ns(span.began), attributes=attributes)
            begun.append(one)
            contexts.append(trace.set_span_in_context(one))
        for span, one in zip(observed.spans, begun, strict=True):
            one.end(_ns(span.ended))
        self._provider.force_flush(round(SECONDS * 1000))


def _provider(endpoint: str, service: str) -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(
        resource=Resource({"service.name": f"aicode-{service}"}), shutdown_on_exit=False
    )
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter, export_timeout_millis=SECONDS * 1000))
    return provider


def _facts(span: Span, observed: Observed) -> dict[str, str | int | float | bool]:
    """What is known of a span; the outermost has the invocation's ids too."""
    facts = span.facts if span.parent is not None else {**observed.ids, **span.facts}
    return {name: fact for name, fact in facts.items() if fact is not None}


def _ns(seconds: float) -> int:
    return round(seconds * 1e9)
