"""`sam build`, with what it needs: the functions' Python, and the processor that the layers are built for."""

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from dev.setup import build_layer, lambda_python, sam
from dev.setup.environment import ROOT, run
from dev.setup.problem import SetupError

SAM = sam.PYTHON.with_name("sam")
_PLATFORMS = ("x86_64", "arm64")
_ELF_MACHINES = {"x86_64": 62, "arm64": 183}
_PARAMETER = re.compile(r"^  Architecture:\n(?:   .*\n)+", re.MULTILINE)


def build(
    arguments: Sequence[str], env: Mapping[str, str], folder: Path = ROOT / ".aws-sam" / "build"
) -> None:
    """Builds all functions and layers into `folder`; `arguments` go to `sam build`. Raises SetupError."""
    chosen = architecture(env, (ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    sam.make_environment()
    run(
        ["make", "--silent", "-C", "layers/dependencies", "inputs"],
        "The packages could not be listed (see above).",
    )
    build_layer.write(chosen)
    command = [str(SAM), "build", "--build-dir", str(folder), *arguments]
    own = {**env, "LAYER_ARCH": chosen, "SAM_CLI_TELEMETRY": "0"}
    if "--use-container" in arguments:
        command += ["--container-env-var", f"LAYER_ARCH={chosen}"]
    else:
        own["PATH"] = f"{lambda_python.ensure().parent}{os.pathsep}{env.get('PATH', os.defpath)}"
    run(command, "sam build failed (see above).", env=own)
    check_processor(folder / "DependenciesLayer", chosen)
    check_processor(folder / "BuildLayer", chosen)
    template = folder / "template.yaml"
    template.write_text(for_architecture(template.read_text(encoding="utf-8"), chosen), encoding="utf-8")


def architecture(env: Mapping[str, str], samconfig: str) -> str:
    """The processor to build for: ARCH, else that of samconfig.toml, else x86_64; raises SetupError."""
    deploy = tomllib.loads(samconfig)["default"]["deploy"]["parameters"]
    overrides = deploy.get("parameter_overrides", "")
    given = overrides if isinstance(overrides, str) else " ".join(overrides)
    configured = re.search(r"\bArchitecture=\"?(\w+)", given)
    chosen = env.get("ARCH") or (configured[1] if configured else _PLATFORMS[0])
    if chosen not in _PLATFORMS:
        raise SetupError(f"ARCH is {chosen}, but Lambda runs on {' and '.join(_PLATFORMS)}.")
    return chosen


def check_processor(layer: Path, chosen: str) -> None:
    """Raises SetupError where a compiled module or a program of the layer is for another processor."""
    for file in layer.rglob("*"):
        if file.suffix not in {"", ".so"} or not file.is_file():
            continue
        with file.open("rb") as opened:
            head = opened.read(20)
        # See elf(5); what has no such head is a script or a text.
        if head.startswith(b"\x7fELF") and int.from_bytes(head[18:20], "little") != _ELF_MACHINES[chosen]:
            raise SetupError(f"{file} is not for {chosen}.")


def for_architecture(template: str, chosen: str) -> str:
    """The template that can be deployed for this processor alone.

    As it stands it allows x86_64, which is what `sam build` by itself builds for. So no deployment can join
    functions and layers for different processors: CloudFormation refuses the parameter.
    """
    changed, count = _PARAMETER.subn(lambda found: found[0].replace(_PLATFORMS[0], chosen), template)
    if count != 1:
        raise SetupError("The built template has no parameter Architecture.")
    return changed
