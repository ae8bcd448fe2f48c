"""One bundle of an app's modules and packages, and what is wrong with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from aicode.api_types import FoundProblem
from build.entries import Entries
from build.esbuild.modules import NAMESPACE, Modules, message_of
from build.esbuild.packets import Value
from build.esbuild.service import PROGRAM, build, strings
from build.problems import BUNDLE, of_build, shortened
from build.processes import Limits, Stopped
from build.resolve import Aliases
from build.source import Source
from build.workspace import Workspace

LIMITS = Limits(seconds=6, memory_mb=600, output_bytes=64_000_000)
_OUT = "out"
_SHARED = (
    "--log-level=silent",
    "--log-limit=200",
    "--color=false",
    "--bundle",
    "--splitting",
    "--format=esm",
    "--target=es2022",
    "--jsx=automatic",
    "--platform=browser",
    "--tsconfig-raw={}",
    f"--outdir={_OUT}",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A file of a bundle, by its path in it."""

    path: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What came of it: problems, or the files; `metafile` is esbuild's account of them, if asked for."""

    problems: list[FoundProblem]
    outputs: list[Output]
    metafile: bytes = b""


async def bundle(
    space: Workspace, source: Source, entries: Entries, aliases: Aliases, flags: Sequence[str] = ()
) -> Bundle:
    """The app's entries with all that they import; `flags` of esbuild come to those that are always set."""
    if not entries.paths:
        return Bundle(problems=list(entries.problems), outputs=[])
    modules = Modules(source=source, entries=entries, aliases=aliases, packages_root=str(space.root))
    request: dict[str, Value] = {
        "command": "build",
        "key": 0,
        "entries": [strings((_output_name(path), f"{NAMESPACE}:{path}")) for path in entries.paths],
        "flags": strings((*_SHARED, *flags)),
        "write": False,
        "stdinContents": None,
        "stdinResolveDir": None,
        "absWorkingDir": str(space.root),
        "nodePaths": [],
        "context": False,
        "plugins": [modules.plugin()],
    }
    program = space.tools.program(PROGRAM)
    try:
        result = await build(program, request, modules.answer, cwd=space.root, limits=LIMITS)
    except Stopped as stopped:
        return Bundle(
            problems=[of_build(f"The app could not be bundled: the bundler {stopped}.")], outputs=[]
        )
    errors = cast("list[Value]", result.get("errors") or [])
    found = [_problem(message_of(error), entries, space) for error in errors]
    return Bundle(
        problems=[*entries.problems, *found],
        outputs=[
            _output(message_of(file), space) for file in cast("list[Value]", result.get("outputFiles") or [])
        ],
        metafile=cast("bytes", result.get("metafile") or b""),
    )


def _output_name(path: str) -> str:
    return path.rpartition(".")[0] or path


def _output(file: dict[str, Value], space: Workspace) -> Output:
    path = str(file["path"]).removeprefix(f"{space.root}/{_OUT}/")
    return Output(path=path, data=cast("bytes", file["contents"]))


def _problem(error: dict[str, Value], entries: Entries, space: Workspace) -> FoundProblem:
    message = shortened(space.without_places(str(error["text"])).replace(f"{NAMESPACE}:", ""))
    place = cast("dict[str, Value] | None", error["location"])
    if not place or not str(place["file"]).startswith(f"{NAMESPACE}:"):
        return FoundProblem(path="", line=0, column=0, code=BUNDLE, message=message)
    path = str(place["file"]).removeprefix(f"{NAMESPACE}:").partition("?")[0]
    line = cast("int", place["line"])
    # It counts bytes.
    before = str(place["lineText"]).encode()[: cast("int", place["column"])]
    column = len(before.decode(errors="ignore")) + 1
    inline = entries.inline.get(path)
    if inline:
        path, line = inline.page, inline.line + line - 1
    return FoundProblem(path=path, line=line, column=column, code=BUNDLE, message=message)
