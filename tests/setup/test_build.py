"""What `make build` tells `sam build`, and what may be deployed of it."""

import re
import shutil
import subprocess
from pathlib import Path
from platform import machine

import orjson
import pytest

from dev.setup.build import architecture, check_processor, for_architecture
from dev.setup.problem import SetupError

ROOT = Path(__file__).parents[2]
SAMCONFIG = """
[default.deploy.parameters]
parameter_overrides = {}
"""


def parameter(template: str) -> tuple[str, str]:
    """The default and the allowed values of the parameter Architecture."""
    found = re.search(r"  Architecture:\n(?s:.*?)Default: (\w+)\n(?s:.*?)AllowedValues: \[(.*)\]", template)
    assert found
    return found[1], found[2]


def platform(**variables: str) -> str:
    """The machine for which the layer's Makefile would install the packages."""
    make = shutil.which("make")
    assert make
    told = subprocess.run(  # noqa: S603 - found by name
        [
            make,
            "--dry-run",
            "build-DependenciesLayer",
            *(f"{name}={value}" for name, value in variables.items()),
        ],
        cwd=ROOT / "layers" / "dependencies",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = re.search(r"--python-platform (\S+)", told)
    assert found
    return found[1]


def test_the_template_allows_only_the_processor_that_sam_build_builds_for_by_itself() -> None:
    assert parameter((ROOT / "template.yaml").read_text(encoding="utf-8")) == ("x86_64", "x86_64")
    assert platform() == "x86_64-manylinux_2_28"


def test_what_is_built_for_the_other_processor_can_be_deployed_for_that_one_alone() -> None:
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")

    assert parameter(for_architecture(template, "arm64")) == ("arm64", "arm64")
    assert platform(LAYER_ARCH="arm64") == "aarch64-manylinux_2_28"


def test_a_layer_for_another_processor_is_refused() -> None:
    here = {"aarch64": "arm64"}.get(machine(), machine())
    layer = Path(orjson.__file__).parent

    check_processor(layer, here)
    with pytest.raises(SetupError, match="is not for"):
        check_processor(layer, "arm64" if here == "x86_64" else "x86_64")


def test_a_template_without_the_parameter_is_refused() -> None:
    with pytest.raises(SetupError, match="Architecture"):
        for_architecture("Parameters:\n  Edge:\n    Type: String\n", "arm64")


@pytest.mark.parametrize(
    ("overrides", "wanted"),
    [
        ('""', "x86_64"),
        ('"Edge=none Architecture=arm64"', "arm64"),
        ('"Architecture=\\"arm64\\""', "arm64"),
        ('["Edge=none", "Architecture=arm64"]', "arm64"),
    ],
)
def test_it_is_built_for_what_samconfig_deploys(overrides: str, wanted: str) -> None:
    assert architecture({}, SAMCONFIG.format(overrides)) == wanted


def test_arch_wins_over_samconfig() -> None:
    assert architecture({"ARCH": "x86_64"}, SAMCONFIG.format('"Architecture=arm64"')) == "x86_64"


def test_another_processor_is_refused_in_one_line() -> None:
    with pytest.raises(SetupError, match=r"^ARCH is riscv, but Lambda runs on x86_64 and arm64\.$"):
        architecture({"ARCH": "riscv"}, SAMCONFIG.format('""'))
