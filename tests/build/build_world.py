"""The build function as others meet it: a real process behind the Invoke API, over a real store."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from aicode.file_store import DATABASE
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Commit, Put
from dev import composition, function_url, template
from dev.setup import page
from dev.template import ROOT

VENDOR = "alice"
SAMPLES = Path(__file__).with_name("samples")
ENOUGH_SECONDS = 120

Files = Mapping[str, str | bytes]


def sample(name: str) -> dict[str, str | bytes]:
    """The files of a sample app."""
    folder = SAMPLES / name
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def many_files() -> dict[str, str | bytes]:
    """An app of 62 files: twenty pages with a hook and a sheet each, which use four packages."""
    files: dict[str, str | bytes] = {}
    for at in range(20):
        files[f"src/pages/Page{at}.tsx"] = (
            'import { motion } from "motion/react";\n'
            'import { Link } from "react-router";\n'
            f'import {{ useItems{at} }} from "@/hooks/useItems{at}";\n'
            f'import styles from "./Page{at}.module.css";\n\n'
            f"export function Page{at}({{ title }}: {{ title: string }}) {{\n"
            f"  const items = useItems{at}();\n"
            "  return (\n"
            "    <motion.section className={styles.page} animate={{ opacity: 1 }}>\n"
            '      <h1>{title}</h1><Link to="/">Home</Link>\n'
            "      <ul>{items.map((item) => <li key={item.id}>{item.name.toUpperCase()}</li>)}</ul>\n"
            "    </motion.section>\n"
            "  );\n"
            "}\n"
        )
        files[f"src/hooks/useItems{at}.ts"] = (
            'import { useMemo } from "react";\n\n'
            f"export interface Item{at} {{ id: number; name: string }}\n\n"
            f"export function useItems{at}(): Item{at}[] {{\n"
            f"  return useMemo(() => Array.from({{ length: {at + 3} }}, (_, id) => "
            "({ id, name: `Item ${id}` })), []);\n"
            "}\n"
        )
        files[f"src/pages/Page{at}.module.css"] = ".page { padding: 1rem; }\n"
    imports = "".join(f'import {{ Page{at} }} from "./pages/Page{at}";\n' for at in range(20))
    routes = "".join(
        f'<Route path="/{at}" element={{<Page{at} title="Page {at}" />}} />\n' for at in range(20)
    )
    files["src/App.tsx"] = (
        'import { BrowserRouter, Route, Routes } from "react-router";\n'
        'import { House } from "lucide-react";\n'
        f"{imports}\nexport default function App() {{\n"
        f"  return <BrowserRouter><House /><Routes>{routes}</Routes></BrowserRouter>;\n}}\n"
    )
    files["src/main.tsx"] = (
        'import { createRoot } from "react-dom/client";\nimport App from "./App";\n\n'
        'createRoot(document.getElementById("root")!).render(<App />);\n'
    )
    return files


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildWorld:
    """One function and the store that it reads; `folder` is where its processes put what they need."""

    store: SqliteFileStore
    client: httpx.AsyncClient
    folder: Path

    async def app(self, files: Files) -> str:
        """A new app with these files."""
        app = (await self.store.create_app(VENDOR, "An app"))["appId"]
        if files:
            await self.save(app, files)
        return app

    async def save(self, app: str, files: Files) -> int:
        """Writes the files, new or not; the app's revision."""
        listing = await self.store.list_files(VENDOR, app)
        versions = {file["path"]: file["version"] for file in listing.files}
        puts = [Put(path, content, versions.get(path, 0)) for path, content in files.items()]
        commit = Commit(changes=puts, author="vendor", message="Save")
        return (await self.store.commit(VENDOR, app, commit)).revision

    async def ask(self, event: Mapping[str, object]) -> Any:
        """What the function answers to an event."""
        answer = await self.client.post("/2015-03-31/functions/build/invocations", json=event)
        assert "x-amz-function-error" not in answer.headers, answer.text
        return answer.json()

    async def check(self, app: str, **more: object) -> Any:
        """What it answers to a check of the app."""
        return await self.ask({"check": {"vendor": VENDOR, "appId": app, **more}})

    async def problems(self, files: Files) -> list[tuple[str, int, str]]:
        """Path, line and code of what is wrong with an app of these files."""
        checked = await self.check(await self.app(files))
        return [(error["path"], error["line"], error["code"]) for error in checked["errors"]]


@asynccontextmanager
async def serve(folder: Path) -> AsyncGenerator[BuildWorld]:
    """The world until the block is left, with its data in `folder`."""
    page.install_packages()
    places = folder / "places"
    places.mkdir()
    deployed = template.read_template()
    own = {"DATA_DIR": str(folder), "BUILD_TOOLS": str(ROOT / "web"), "TMPDIR": str(places)}
    functions = composition.functions(deployed, template.parameters(deployed), own)
    build = [function for function in functions if function.name == "build"]
    store = SqliteFileStore(folder / DATABASE)
    async with AsyncExitStack() as running:
        running.callback(store.close)
        server = await running.enter_async_context(function_url.serve(functions=build, routes=[]))
        client = await running.enter_async_context(
            httpx.AsyncClient(base_url=server.invoke_url, timeout=ENOUGH_SECONDS, trust_env=False)
        )
        yield BuildWorld(store=store, client=client, folder=places)


def working_in(folder: Path) -> list[str]:
    """The names of the processes that work below a folder."""
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(folder):
                found.append((process / "comm").read_text(encoding="utf-8").strip())
        except OSError:
            continue  # it has ended, or is another user's
    return found
