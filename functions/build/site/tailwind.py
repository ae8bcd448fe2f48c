"""Tailwind's own compiler, which is JavaScript, in an engine without anything around it.

It is the compiler that the preview has in the page, so that the same classes mean the same. There the classes
are those of the elements that appear; here whatever in the app's files may be one, as in Tailwind's own
builds. https://tailwindcss.com/docs/detecting-classes-in-source-files
"""

import asyncio
import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from build.esbuild.service import PROGRAM
from build.processes import Limits, read_all, running
from build.source import SCRIPTS, Source, ending
from build.workspace import Workspace

LIMITS = Limits(seconds=5, memory_mb=300, output_bytes=4_000_000)
MEMORY_BYTES = 300_000_000
COMPILE_SECONDS = 5
_SHEETS = ("index", "preflight", "theme", "utilities")
# As web/preview/frame/styles.ts decides which sheets Tailwind compiles.
_DIRECTIVES = re.compile(
    r"@(?:tailwind|theme|apply|utility|variant|custom-variant|source|reference|plugin|config|layer)\b"
    r"|@import\s*[\"']tailwindcss"
)
# The directives of Tailwind 3, in the words of Tailwind 4.
_BASE = re.compile(r"@tailwind\s+(?:base|components)\s*;?")
_USED = re.compile(r"@tailwind\b|@import\s+[\"']tailwindcss")
_CONFIG = re.compile(r"tailwind\.config\.[cm]?[jt]s")
_UTILITIES = re.compile(r"@tailwind\s+utilities\s*;?")
# Of a sheet that esbuild made small. Tailwind takes `@import"a"` for a rule of that whole name.
_NAME_BEFORE_QUOTE = re.compile(r"(@[a-z-]+)([\"'])")
_CANDIDATE = re.compile(r"[^\s\"'`<>=;{}]+")
_SCANNED = SCRIPTS | {"html", "htm", "md", "mdx", "svg", "vue", "json"}
_HOST = """
const sheets = %s;
async function loadStylesheet(id, base) {
  const name = /^(?:tailwindcss|\\.)(?:\\/(preflight|theme|utilities)(?:\\.css)?)?$/.exec(id);
  if (!name) throw new Error(`"${id}" cannot be imported here.`);
  return { path: id, base, content: sheets[name[1] ?? "index"] };
}
async function loadModule(id) {
  throw new Error(`"${id}" is not run: of Tailwind, plug-ins and configuration files are not available.`);
}
async function compileStyles(css, candidates) {
  try {
    const compiler = await tailwind.compile(css, { base: "/", loadStylesheet, loadModule });
    return JSON.stringify({ css: compiler.build(candidates) });
  } catch (error) {
    return JSON.stringify({ error: String(error?.message ?? error) });
  }
}
"""


class NotCompiled(Exception):
    """The styles could not be compiled; the message says why, to the vendor."""


def is_used(source: Source) -> bool:
    """True if the app says anywhere that it is styled with Tailwind, as the preview decides it."""
    return (
        '"tailwindcss"' in source.text("package.json")
        or any(_CONFIG.fullmatch(path) for path in source.files)
        or any(path.endswith(".css") and _USED.search(source.text(path)) for path in source.files)
    )


def is_compiled(css: str) -> bool:
    """True if the sheet has something in it that only Tailwind understands."""
    return _DIRECTIVES.search(css) is not None


def candidates(source: Source) -> list[str]:
    """Whatever in the app's files may be a class."""
    found: set[str] = set()
    for path, data in source.files.items():
        if data and ending(path) in _SCANNED:
            for word in _CANDIDATE.findall(data.decode(errors="replace")):
                found.add(word)
                # Of a call such as clsx("a",b) and of escaped quotes the parts; of a sentence its words.
                found.update(part for part in re.split(r"[,()]|\\\\|\.(?=\s|$)", word) if part)
    return sorted(found)


async def compile_styles(space: Workspace, css: str, classes: Iterable[str]) -> str:
    """The sheet as a browser takes it, with the utilities that these classes name. Raises NotCompiled."""
    spaced = _NAME_BEFORE_QUOTE.sub(r"\1 \2", css)
    text = _UTILITIES.sub('@import "tailwindcss";', _BASE.sub("", spaced))
    if "@import" not in text:  # as @tailwindcss/browser takes a sheet that only adds to the theme
        text = f'@import "tailwindcss";{text}'
    program = await _program(space)
    return await _minified(space, await asyncio.to_thread(_compile, program, text, list(classes)))


def _compile(program: str, css: str, classes: list[str]) -> str:
    from py_mini_racer import JSEvalException, JSTimeoutException, MiniRacer  # noqa: PLC0415 - 22 MB

    engine: MiniRacer = MiniRacer()
    try:
        engine.set_hard_memory_limit(MEMORY_BYTES)
        engine.eval(program)
        call = f"compileStyles({json.dumps(css)}, {json.dumps(classes)})"
        promise: Any = engine.eval(call, timeout_sec=COMPILE_SECONDS)
        answer: dict[str, str] = json.loads(promise.get(timeout=COMPILE_SECONDS))
    except JSTimeoutException as error:
        raise NotCompiled("Tailwind took too long over the app's styles.") from error
    except JSEvalException as error:
        raise NotCompiled("Tailwind could not read the app's styles.") from error
    finally:
        engine.close()
    if "error" in answer:
        raise NotCompiled(f"Tailwind: {answer['error']}")
    return answer["css"]


_programs: dict[str, str] = {}


async def _program(space: Workspace) -> str:
    """The compiler and what it is given, as one script; made once for the process."""
    folder = space.tools.modules / "tailwindcss"
    known = _programs.get(str(folder))
    if known is None:
        flags = ("--bundle", "--format=iife", "--global-name=tailwind", "--minify", "--log-level=silent")
        command = [space.tools.program(PROGRAM), str(folder / "dist" / "lib.mjs"), *flags]
        async with running(command, cwd=space.root, limits=LIMITS) as started:
            script = (await read_all(started, LIMITS)).decode()
        known = _programs[str(folder)] = script + _HOST % _sheets(str(folder))
    return known


@cache
def _sheets(folder: str) -> str:
    return json.dumps({name: Path(folder, f"{name}.css").read_text(encoding="utf-8") for name in _SHEETS})


async def _minified(space: Workspace, css: str) -> str:
    command = [
        space.tools.program(PROGRAM),
        "--loader=css",
        "--minify",
        "--target=es2022",
        "--log-level=silent",
    ]
    async with running(command, cwd=space.root, limits=LIMITS) as started:
        started.writer.write(css.encode())
        return (await read_all(started, LIMITS)).decode()
