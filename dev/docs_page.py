"""The API's OpenAPI document as a page that can be read: no script, nothing from elsewhere."""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import cast

_METHODS = ("get", "post", "put", "delete")
_STYLE = """
:root { color-scheme: light dark }
body { font: 1rem/1.55 system-ui; max-width: 56rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2.5rem; font: 600 1.05rem ui-monospace, monospace }
pre { overflow: auto; padding: .8rem; border: 1px solid #8886; border-radius: 6px; font-size: .85rem }
td { padding: .15rem 1rem .15rem 0; vertical-align: top }
"""

Object = Mapping[str, object]


def render(document: Object) -> str:
    """The whole page for an OpenAPI 3.1 document."""
    info = _object(document.get("info"))
    title = escape(f"{info.get('title', 'API')} {info.get('version', '')}")
    return "".join(
        (
            '<!doctype html><html lang="en"><meta charset="utf-8">',
            f"<title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>",
            _text(info.get("description")),
            '<p><a href="/openapi.json">openapi.json</a></p>',
            *_operations(document),
            *_schemas(document),
            "</html>",
        )
    )


def _operations(document: Object) -> Iterator[str]:
    for path, item in _object(document.get("paths")).items():
        for method in _METHODS:
            operation = _object(_object(item).get(method))
            if operation:
                yield f"<h2>{method.upper()} {escape(path)}</h2>"
                yield _text(operation.get("summary"))
                yield _text(operation.get("description"))
                yield _table(_parameters(operation))
                yield _body(operation)
                yield _table(_responses(operation, document))


def _parameters(operation: Object) -> Iterator[tuple[object, object]]:
    parameters = operation.get("parameters")
    for entry in map(_object, cast("list[object]", parameters) if isinstance(parameters, list) else []):
        yield f"{entry.get('name')} ({entry.get('in')})", entry.get("description", "")


def _responses(operation: Object, document: Object) -> Iterator[tuple[object, object]]:
    shared = _object(_object(document.get("components")).get("responses"))
    for status, response in _object(operation.get("responses")).items():
        name = str(_object(response).get("$ref", "")).rpartition("/")[2]
        yield status, _object(shared[name] if name else response).get("description", "")


def _body(operation: Object) -> str:
    content = _object(_object(operation.get("requestBody")).get("content"))
    return "".join(_text(kind) + _json(_object(media).get("schema")) for kind, media in content.items())


def _schemas(document: Object) -> Iterator[str]:
    for name, schema in _object(_object(document.get("components")).get("schemas")).items():
        yield f'<h2 id="{escape(name)}">{escape(name)}</h2>{_json(schema)}'


def _table(rows: Iterator[tuple[object, object]]) -> str:
    body = "".join(f"<tr><td>{escape(str(a))}</td><td>{escape(str(b))}</td></tr>" for a, b in rows)
    return f"<table>{body}</table>" if body else ""


def _text(value: object) -> str:
    return f"<p>{escape(str(value))}</p>" if value else ""


def _json(value: object) -> str:
    return f"<pre>{escape(json.dumps(value, indent=2))}</pre>"


def _object(value: object) -> Object:
    return cast("Object", value) if isinstance(value, dict) else {}
