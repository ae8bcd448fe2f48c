"""The files of an app that are published as they are."""

import re
from collections.abc import Iterable, Mapping

from aicode.file_store.secret_paths import looks_secret
from build.source import SCRIPTS, Source, ending

PUBLIC = "public/"
# What the preview gives to an app that asks for it by its address: web/src/preview/engine/files.ts
_ASSETS = frozenset({"svg", "json", "txt", "csv", "tsv", "md", "xml", "geojson"})
_CODE = SCRIPTS | {"css", "html", "htm", "vue", "svelte"}
# Names of files in code and in text, such as data/cities.json: what may be a path within quotes.
_NAMED = re.compile(rb"[\w./@+~ -]+\.\w+")


def address(path: str) -> str:
    """Where a file of the app is in its site: those of `public` are at the root."""
    return path.removeprefix(PUBLIC)


def static_files(
    source: Source, wanted: Iterable[str], built: Iterable[bytes]
) -> tuple[Mapping[str, bytes], set[str]]:
    """Files by their address: all of `public`, the `wanted` ones, and those that something `built` names.

    What looks secret by its name is in none of these; second, the paths of such files that the app asks for.
    """
    named = {name.decode().lstrip("./") for data in built for name in _NAMED.findall(data)}
    asked = {*wanted, *(path for path in source.files if _is_asset(path) and address(path) in named)}
    paths = asked | {path for path in source.files if path.startswith(PUBLIC)}
    # A file of `public` wins over another one at the same address, as in the preview.
    ordered = sorted(paths & source.files.keys(), key=lambda path: path.startswith(PUBLIC))
    files = {
        address(path): source.files[path] or b""
        for path in ordered
        if not looks_secret(path) and not path.endswith(".html")
    }
    return files, {path for path in asked if looks_secret(path)}


def _is_asset(path: str) -> bool:
    kind = ending(path)
    return kind in _ASSETS or kind not in _CODE
