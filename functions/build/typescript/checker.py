"""Types: what the compiler says of an app's scripts, by a configuration that is never the app's own."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from aicode.api_types import FoundProblem
from build.packages import packages
from build.problems import of_build, shortened
from build.processes import Limits, Stopped, broken_off, read_all, running
from build.resolve import Aliases
from build.source import SCRIPTS, Source, ending
from build.workspace import APP, Workspace

LIMITS = Limits(seconds=6, memory_mb=800, output_bytes=4_000_000)
_PROGRAM = "@typescript/typescript-*/lib/tsc"
_ENVIRONMENT = Path(__file__).with_name("environment.d.ts").read_text(encoding="utf-8")
# The function has one core: more threads only cost memory and time there.
_FLAGS = ("-p", ".", "--pretty", "false", "--singleThreaded")
# As Vite's template for React and TypeScript, but for what is a matter of style.
_OPTIONS = {
    "target": "ES2022",
    "lib": ["ES2023", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    "module": "ESNext",
    "moduleResolution": "Bundler",
    "moduleDetection": "force",
    "allowImportingTsExtensions": True,
    "isolatedModules": True,
    "resolveJsonModule": True,
    "jsx": "react-jsx",
    "strict": True,
    "noFallthroughCasesInSwitch": True,
    "allowJs": True,
    "skipLibCheck": True,
    "noEmit": True,
    "types": [],
    "typeRoots": [],
}
_DIAGNOSTIC = re.compile(r"(.+?)\((\d+),(\d+)\): error (TS\d+): (.*)")
_GLOBAL = re.compile(r"error (TS\d+): (.*)")
_NO_MODULE = re.compile(r"Cannot find module '([^'./~@][^']*|@[^'/][^']*)' or its corresponding type")
_BROUGHT = re.compile(r"(^|/)node_modules/")
# What is run by other tools than the app's page.
_APART = re.compile(
    r"(^|/)(node_modules|dist|build|__tests__|__mocks__|e2e|cypress)/"
    r"|\.(test|spec|stories|config)\.[cm]?[jt]sx?$"
)


async def check_types(
    space: Workspace, source: Source, entries: Iterable[str], aliases: Aliases
) -> list[FoundProblem]:
    """The type errors of what the app's page is made of, in the compiler's order."""
    scripts = [path for path in source.files if ending(path) in SCRIPTS]
    checked = _checked(scripts, [path for path in entries if path in source.files])
    if not checked:
        return []
    readable = {
        path: source.files[path] or b"" for path in source.files if ending(path) in SCRIPTS | {"json"}
    }
    # Of packages only those of our list count, and of configuration only ours.
    space.write({path: data for path, data in readable.items() if not _BROUGHT.search(path)})
    space.configure("environment.d.ts", _ENVIRONMENT)
    # Vite's template names these types in a file of its own.
    space.configure("node_modules/vite/client.d.ts", '/// <reference path="../../environment.d.ts" />\n')
    space.configure("node_modules/vite/package.json", '{"name": "vite"}')
    space.configure("tsconfig.json", json.dumps(_configuration(checked, aliases)))
    try:
        said = await _ask(space)
    except Stopped as stopped:
        return [of_build(f"The types could not be checked: the type checker {stopped}.")]
    if any(_is_outside(file, space) for file in said.files):
        return [of_build("The types could not be checked: a file is imported that is not in the app.")]
    found = _problems(space.without_places(said.text))
    return [of_build("There are more type errors than these."), *found] if said.is_cut_off else found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What the compiler says, which may be only the beginning of that, and all files that it read."""

    text: str
    files: list[str]
    is_cut_off: bool = False


async def _ask(space: Workspace) -> _Said:
    """Raises Stopped at the limits of time and memory."""
    try:
        text = await _run(space, "--listFiles")
        return _Said(text=text, files=_files(text))
    except Stopped as stopped:
        if not stopped.output:
            raise
        # The files would have come last.
        files = _files(await _run(space, "--listFilesOnly"))
        whole_lines = stopped.output.decode(errors="replace").rpartition("\n")[0]
        return _Said(text=whole_lines, files=files, is_cut_off=True)


async def _run(space: Workspace, listing: str) -> str:
    command = [space.tools.program(_PROGRAM), *_FLAGS, listing]
    async with running(command, cwd=space.root, limits=LIMITS) as started:
        output = (await read_all(started, LIMITS)).decode(errors="replace")
        if not _files(output):  # which it tells last
            raise await broken_off(started, LIMITS)
    return output


def _checked(scripts: list[str], entries: list[str]) -> list[str]:
    """Where the compiler begins: what is in src, else what is anywhere, and what the page loads."""
    own = [path for path in scripts if not _APART.search(path)]
    inner = [path for path in own if path.startswith("src/") or path.endswith(".d.ts")]
    if not any(path.startswith("src/") for path in inner):
        inner = [path for path in own if not path.startswith("public/")]
    return sorted({*inner, *(path for path in entries if ending(path) in SCRIPTS)})


def _configuration(checked: list[str], aliases: Aliases) -> dict[str, object]:
    paths = {
        f"{prefix}*": [f"./{APP}/{folder}*" for folder in folders]
        for prefix, folders in aliases.items()
        if folders
    }
    paths["/*"] = [f"./{APP}/*", f"./{APP}/public/*"]
    files = ["environment.d.ts", *(f"{APP}/{path}" for path in checked)]
    return {"compilerOptions": {**_OPTIONS, "paths": paths}, "files": files}


def _files(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("/")]


def _is_outside(file: str, space: Workspace) -> bool:
    return not any(Path(file).is_relative_to(place) for place in (space.root, space.tools.modules))


def _problems(output: str) -> list[FoundProblem]:
    found: list[FoundProblem] = []
    for line in output.splitlines():
        if diagnostic := _DIAGNOSTIC.fullmatch(line):
            path, row, column, code, message = diagnostic.groups()
            place = (
                (path.removeprefix(f"{APP}/"), int(row), int(column)) if path.startswith(f"{APP}/") else None
            )
            found.append(_problem(place, code, message))
        elif general := _GLOBAL.fullmatch(line):
            found.append(_problem(None, *general.groups()))
        elif line.startswith(" ") and found:
            found[-1]["message"] += f"\n{line}"
    for problem in found:
        problem["message"] = shortened(problem["message"])
    return found


def _problem(place: tuple[str, int, int] | None, code: str, message: str) -> FoundProblem:
    missing = _NO_MODULE.match(message)
    if missing and not packages().is_provided(missing[1]):
        message = packages().missing(missing[1])
    path, line, column = place or ("", 0, 0)
    return FoundProblem(path=path, line=line, column=column, code=code, message=message)
