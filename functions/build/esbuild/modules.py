"""What esbuild is told of an app: which file an import means, and what is in it."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from build.entries import Entries
from build.esbuild.icons import FILTER, used_icons, without_others
from build.esbuild.packets import Value
from build.packages import packages
from build.resolve import Absent, Aliases, Found, find_file, is_elsewhere, resolve
from build.source import SCRIPTS, Source, ending

NAMESPACE = "app"
RESOLVE, LOAD, LOAD_ICONS = 0, 1, 2
_TAILWIND = re.compile(r"tailwindcss(/(theme|preflight|utilities)(\.css)?)?")
_JAVASCRIPT = frozenset({"js", "jsx", "mjs", "cjs"})
_TEXTS = frozenset({"txt", "md", "csv", "html", "xml"})
# Neither reads a part of the text twice, also where what they look for does not end.
_SVG = re.compile(r"<svg\b([^<>]*)>")
_ATTRIBUTE = re.compile(r"(?<![\w:-])([\w:-]++)\s*+=\s*+[\"']([^\"']*)[\"']")
# In a style sheet these are files that a server gives; the others are parts of the sheet.
_IN_CSS = frozenset({"url-token", "import-rule", "composes-from"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Modules:
    """The answers to esbuild's questions about an app; `packages_root` is where node_modules is."""

    source: Source
    entries: Entries
    aliases: Aliases
    packages_root: str

    def plugin(self) -> dict[str, Value]:
        """Which questions are asked here: of entries, of what the app's modules import, of their contents."""
        asked: list[Value] = [
            {"id": RESOLVE, "filter": f"^{NAMESPACE}:", "namespace": ""},
            {"id": RESOLVE, "filter": ".*", "namespace": NAMESPACE},
        ]
        load: list[Value] = [
            {"id": LOAD, "filter": ".*", "namespace": NAMESPACE},
            {"id": LOAD_ICONS, "filter": FILTER, "namespace": "file"},
        ]
        return {"name": NAMESPACE, "onStart": False, "onEnd": False, "onResolve": asked, "onLoad": load}

    def answer(self, question: dict[str, Value]) -> dict[str, Value]:
        """The answer to one question."""
        match question["command"]:
            case "on-resolve":
                return {"id": RESOLVE, **self._resolve(question)}
            case "on-load" if question["namespace"] == "file":
                return {"id": LOAD_ICONS, **self._load_icons(Path(str(question["path"])))}
            case "on-load":
                return {"id": LOAD, **self._load(str(question["path"]), str(question["suffix"]))}
            case "on-start":
                return {"errors": [], "warnings": []}
            case _:  # whether we are still there
                return {}

    def _resolve(self, question: dict[str, Value]) -> dict[str, Value]:
        name, importer, kind = (str(question[key]) for key in ("path", "importer", "kind"))
        if kind == "entry-point":
            return {"path": name.removeprefix(f"{NAMESPACE}:"), "namespace": NAMESPACE}
        if kind in _IN_CSS:
            return self._resolve_in_css(name, importer, kind)
        if name.startswith(("http:", "https:", "//", "data:")):
            return _refusal("Apps load no code from elsewhere: put it into a file of the app.")
        found = resolve(name, importer, self.source.files, self.aliases)
        if isinstance(found, Found):
            return _file(found)
        if isinstance(found, Absent):
            return _refusal(_absent(name, found))
        # esbuild finds it itself, from the folder that a file of the app was loaded with.
        return {} if packages().is_provided(found.name) else _refusal(packages().missing(found.name))

    def _resolve_in_css(self, name: str, importer: str, kind: str) -> dict[str, Value]:
        if is_elsewhere(name) or _TAILWIND.fullmatch(name):
            return {"path": name, "external": True}
        found = find_file(name, importer, self.source.files)
        if found is not None:
            return _file(Found(found, "url" if kind == "url-token" else ""))
        # An address that leads nowhere shows no picture, and is no reason not to show the app.
        if kind == "url-token":
            return {"path": name, "external": True}
        return _refusal(f'"{name}" is imported here, but there is no such style sheet in the app.')

    def _load(self, path: str, suffix: str) -> dict[str, Value]:
        contents, loader = self._contents(path, suffix.removeprefix("?"))
        return {"contents": contents, "loader": loader, "resolveDir": self.packages_root}

    def _load_icons(self, package: Path) -> dict[str, Value]:
        names = used_icons(self.source)
        if names is None:
            return {}
        module = without_others(package.read_text(encoding="utf-8"), names)
        return {"contents": module.encode(), "loader": "js", "resolveDir": str(package.parent)}

    def _contents(self, path: str, query: str) -> tuple[bytes, str]:
        inline = self.entries.inline.get(path)
        if inline:
            return inline.code.encode(), "tsx"
        data, kind = self.source.files.get(path) or b"", ending(path)
        if query == "url":
            return data, "file"
        if query in {"raw", "inline"}:
            return data, "text"
        if kind == "svg":
            return _drawing(path, data, only=query == "react"), "js"
        return data, _loader(path, kind)


def _loader(path: str, kind: str) -> str:
    if kind in SCRIPTS:
        return "jsx" if kind in _JAVASCRIPT else kind.lstrip("mc") if kind in {"mts", "cts"} else kind
    if kind == "css":
        return "local-css" if path.endswith(".module.css") else "css"
    if kind == "json":
        return "json"
    return "text" if kind in _TEXTS else "file"


def _file(found: Found) -> dict[str, Value]:
    suffix: dict[str, Value] = {"suffix": f"?{found.query}"} if found.query else {}
    return {"path": found.path, "namespace": NAMESPACE, **suffix}


def _absent(name: str, absent: Absent) -> str:
    what = f"file {absent.path}" if "." in absent.path.rpartition("/")[2] else f"file for {absent.path}"
    return f'"{name}" is imported here, but there is no {what} in the app.'


def _refusal(text: str) -> dict[str, Value]:
    message: Value = {"id": "", "pluginName": "", "text": text, "location": None, "notes": [], "detail": -1}
    return {"errors": [message]}


def _drawing(path: str, data: bytes, *, only: bool) -> bytes:
    """A drawing as a module: its address, and a component that takes the properties of an svg element."""
    name = path.rpartition("/")[2]
    component = (
        'import { createElement } from "react";\n'
        f"const own = {json.dumps(_attributes(data))};\n"
        f"const inner = {{ __html: {json.dumps(_inner(data))} }};\n"
        "export const ReactComponent = (props) =>\n"
        '  createElement("svg", { ...own, ...props, dangerouslySetInnerHTML: inner });\n'
    )
    if only:
        return f"{component}export default ReactComponent;\n".encode()
    address = json.dumps(f"./{name}?url")
    return f"export {{ default }} from {address};\n{component}".encode()


def _attributes(data: bytes) -> dict[str, str]:
    found = _SVG.search(data.decode(errors="replace"))
    pairs = _ATTRIBUTE.findall(found[1] if found else "")
    return {_property(name): value for name, value in pairs if name not in {"style", "class"}}


def _inner(data: bytes) -> str:
    text = data.decode(errors="replace")
    found = _SVG.search(text)
    return text[found.end() : max(found.end(), text.rfind("</svg"))] if found else ""


def _property(attribute: str) -> str:
    if attribute.startswith(("data-", "aria-")) or attribute == "xmlns":
        return attribute
    return re.sub(r"[-:]([a-z])", lambda found: found[1].upper(), attribute)


def message_of(value: Value) -> dict[str, Value]:
    """A message of esbuild as an object."""
    return cast("dict[str, Value]", value)
