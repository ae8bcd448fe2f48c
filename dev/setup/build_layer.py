"""What the build function's layer holds: compilers, bundler, and of the packages what these read of them.

The packages come from web/node_modules, the programs for the layer's processor by npm; both are what
web/package-lock.json says, by its hashes. The function's own packages, and the engine that Tailwind runs in,
are those of the group `build` in uv.lock: with all that the other functions have, Lambda would not take it.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dev.setup import page
from dev.setup.environment import ROOT, UV, run
from dev.setup.problem import SetupError

FOLDER = ROOT / "layers" / "build" / "files"
_PROCESSORS = {"x86_64": "x64", "arm64": "arm64"}
_PROGRAMS = ("@esbuild/linux-{}", "@typescript/typescript-linux-{}")
_LICENCES = ("LICENSE*", "LICENCE*", "NOTICE*", "license*")
_INSTALLED = page.WEB / "node_modules"
# Of botocore's service descriptions, those of the services that the function calls.
_SERVICES = frozenset({"dynamodb", "s3"})
# The sheets of Tailwind that an app's styles may import.
_TAILWIND = tuple(f"tailwindcss/{name}.css" for name in ("index", "preflight", "theme", "utilities"))


def programs() -> list[str]:
    """The packages of the programs, for each processor."""
    return [name.format(processor) for name in _PROGRAMS for processor in _PROCESSORS.values()]


def write(processor: str) -> None:
    """Makes the folder that the layer's Makefile copies, for this processor. Raises SetupError."""
    env = page.install_packages()
    shutil.rmtree(FOLDER, ignore_errors=True)
    modules = FOLDER / processor / "node_modules"
    for name in _PROGRAMS:
        _add_program(name.format(_PROCESSORS[processor]), modules, env)
    _add_packages(modules)
    _add_python(processor)


def _add_python(processor: str) -> None:
    folder = FOLDER / processor
    requirements = folder / "requirements.txt"
    uv = [str(UV), "--quiet"]
    told = "Packages could not be fetched (see above): check the network, then run make again."
    run([*uv, "export", "--frozen", "--only-group", "build", "--output-file", str(requirements)], told, ROOT)
    machine = "aarch64" if processor == "arm64" else "x86_64"
    run(
        [
            *uv,
            *("pip", "install", "--no-deps", "--require-hashes", "--requirement", str(requirements)),
            *("--target", str(folder / "python"), "--python", sys.executable, "--python-version", "3.13"),
            *("--python-platform", f"{machine}-manylinux_2_28", "--only-binary", ":all:"),
            *("--link-mode", "copy"),
        ],
        told,
        ROOT,
    )
    for service in (folder / "python" / "botocore" / "data").iterdir():
        if service.is_dir() and service.name not in _SERVICES:
            shutil.rmtree(service)
    for left in ("bin", "boto3/examples"):
        shutil.rmtree(folder / "python" / left, ignore_errors=True)
    (folder / "python" / ".lock").unlink(missing_ok=True)
    requirements.unlink()


def _add_program(name: str, modules: Path, env: Mapping[str, str]) -> None:
    locked: Any = json.loads((page.WEB / "package-lock.json").read_bytes())
    entry = locked["packages"][f"node_modules/{name}"]
    with tempfile.TemporaryDirectory() as folder:
        run(
            ["npm", "pack", f"{name}@{entry['version']}", "--silent", "--pack-destination", folder],
            f"{name} could not be fetched (see above): check the network, then run make again.",
            Path(folder),
            env,
        )
        (archive,) = Path(folder).glob("*.tgz")
        check(archive.read_bytes(), entry["integrity"], name)
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        shutil.copytree(Path(folder) / "package", modules / name)


def check(archive: bytes, integrity: str, name: str) -> None:
    """Raises SetupError where a package is not the one with this hash, as npm writes it."""
    kind, _, wanted = integrity.partition("-")
    if kind != "sha512" or base64.b64encode(hashlib.sha512(archive).digest()).decode() != wanted:
        raise SetupError(f"{name} is not what web/package-lock.json says.")


def _add_packages(modules: Path) -> None:
    """Copies the files of packages that are read where an app imports all that it may."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [*_bundled(Path(folder)), *_declared(Path(folder)), *_TAILWIND]
    for path in {*paths, *_beside(paths)}:
        target = modules / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_INSTALLED / path, target)


def _all_imports() -> str:
    listed: Any = json.loads(page.PACKAGES.read_bytes())
    names = [name for entry in listed["packages"] for name in entry["imports"]]
    return "".join(f'export * as name{at} from "{name}";\n' for at, name in enumerate(names))


def _bundled(folder: Path) -> set[str]:
    """The modules that the bundler reads, as for developing so for publishing."""
    account = folder / "account.json"
    found: set[str] = set()
    for mode in ("development", "production"):
        command = [
            _program("@esbuild/*/bin/esbuild"),
            *("--bundle", "--format=esm", "--platform=browser", "--log-level=error"),
            f"--outfile={folder}/out.js",
            f'--define:process.env.NODE_ENV="{mode}"',
            f"--metafile={account}",
        ]
        imports = f'{_all_imports()}export * as tailwind from "tailwindcss";\n'
        subprocess.run(command, input=imports, cwd=page.WEB, text=True, check=True)  # noqa: S603 - esbuild
        inputs: dict[str, object] = json.loads(account.read_bytes())["inputs"]
        found |= {path.removeprefix("node_modules/") for path in inputs if path.startswith("node_modules/")}
    return found


def _declared(folder: Path) -> set[str]:
    """The declarations that the compiler reads."""
    (folder / "node_modules").symlink_to(_INSTALLED)
    (folder / "all.ts").write_text(_all_imports(), encoding="utf-8")
    options = ("--ignoreConfig", "--listFilesOnly", "--module", "esnext", "--moduleResolution", "bundler")
    command = [_program("@typescript/typescript-*/lib/tsc"), *options, "--types", "", "all.ts"]
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout  # noqa: S603 - tsc
    files = [Path(line) for line in told.splitlines() if line.startswith("/")]
    paths = {str(file.relative_to(_INSTALLED)) for file in files if file.is_relative_to(_INSTALLED)}
    return {path for path in paths if not path.startswith("@typescript/")}


def _program(pattern: str) -> str:
    return str(next(_INSTALLED.glob(pattern)))


def _beside(paths: Iterable[str]) -> set[str]:
    """The package.json files of the packages of which files are read, and their licences."""
    packages = {_package(path) for path in paths}
    return {
        str(file.relative_to(_INSTALLED))
        for package in packages
        for file in (
            *(_INSTALLED / package).rglob("package.json"),
            *(file for name in _LICENCES for file in (_INSTALLED / package).glob(name)),
        )
        if file.is_file()
    }


def _package(path: str) -> Path:
    """The folder of the package that a file is in, which may be in the node_modules of another one."""
    outer, _, inner = path.rpartition("node_modules/")
    parts = inner.split("/")
    return Path(outer, "node_modules" if outer else "", *parts[: 2 if inner.startswith("@") else 1])
