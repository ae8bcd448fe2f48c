"""Lets an app live below a path: its router is told the path, since its code only knows `/`.

In AWS a site has a host of its own, and nothing of this is needed. On one machine all sites share one, each
below its own path. What an app says itself of a base path counts.
"""

import json
import shutil

from build.workspace import Workspace

_ROUTER = "react-router"
_WOUTER = "wouter"
# Of the packages as they are pinned. A test routes with both.
_ROUTER_MODULE = "dist/development/index.mjs"
_ROUTER_DOM = "dist/development/dom-export.mjs"
_WOUTER_MODULE = "src/index.js"
_WOUTER_BASE = '  base: "",'


def allow_base(space: Workspace, base: str) -> None:
    """Makes the routers of this root begin at a base such as `/site/`; `/` is where they begin anyway."""
    path = base.rstrip("/")
    if path:
        _react_router(space, path)
        _wouter(space, path)


def _react_router(space: Workspace, path: str) -> None:
    real = space.tools.modules / _ROUTER
    (space.root / "node_modules" / _ROUTER).unlink()
    name = json.dumps(str(real / _ROUTER_MODULE))
    space.configure(
        f"node_modules/{_ROUTER}/index.js",
        f"""import {{ createElement }} from "react";
import * as router from {name};
export * from {name};
const basename = {json.dumps(path)};
export const BrowserRouter = (given) => createElement(router.BrowserRouter, {{ basename, ...given }});
export const createBrowserRouter = (routes, given) =>
  router.createBrowserRouter(routes, {{ basename, ...given }});
""",
    )
    dom = json.dumps(str(real / _ROUTER_DOM))
    space.configure(f"node_modules/{_ROUTER}/dom.js", f"export * from {dom};\n")
    manifest = {
        "name": _ROUTER,
        "type": "module",
        "exports": {".": "./index.js", "./dom": "./dom.js"},
        "sideEffects": False,
    }
    space.configure(f"node_modules/{_ROUTER}/package.json", json.dumps(manifest))


def _wouter(space: Workspace, path: str) -> None:
    real, here = space.tools.modules / _WOUTER, space.root / "node_modules" / _WOUTER
    here.unlink()
    shutil.copytree(real, here)
    module = here / _WOUTER_MODULE
    text = module.read_text(encoding="utf-8")
    module.write_text(text.replace(_WOUTER_BASE, f"  base: {json.dumps(path)},", 1), encoding="utf-8")
    needed: dict[str, str] = json.loads((here / "package.json").read_bytes())["dependencies"]
    for name in needed:
        place = space.root / "node_modules" / name
        if not place.exists():
            place.symlink_to(space.tools.modules / name)
