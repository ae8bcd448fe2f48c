"""What ships is listed and may ship, and no secret is among the files."""

import json
from pathlib import Path

import pytest

from dev.setup.environment import ROOT
from dev.setup.page import WEB
from dev.supply_chain import sbom, secret_scan
from dev.supply_chain.licences import DOCUMENT, document, may_ship, refused
from dev.supply_chain.shipped import (
    Package,
    build_packages,
    imported_packages,
    page_packages,
    page_places,
    python_packages,
)

# Put together here, so that none of them stands in this file.
PLANTED = {
    "private key": "-----BEGIN RSA PRIVATE " + "KEY-----\n" + "MIIEow" * 5,
    "AWS access key": "key = AKIA" + "ABCDEFGHIJKLMNOP",
    "AWS secret key": "aws_secret_access_key = " + "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"[:40],
    "Anthropic key": "ANTHROPIC_API_KEY=sk-ant-" + "api03-" + "x1" * 20,
    "OpenAI key": "sk-" + "a1B2" * 10,
    "GitHub token": "ghp_" + "a1" * 18,
    "GitLab token": "glpat-" + "a1" * 10,
    "npm token": "//registry/:_authToken=npm_" + "a1" * 18,
    "PyPI token": "pypi-" + "AgE" + "a1" * 30,
    "Slack token": "xoxb-" + "1" * 24,
    "Stripe key": "sk_live_" + "a1" * 12,
    "Google key": "AIza" + "a1B2c" * 7,
    "token": "ey" + "J" + "a1" * 8 + ".ey" + "J" + "a1" * 8 + "." + "a1" * 16,
    "password in an address": "redis://default" + ":hunter22@" + "store.example.com",
    "secret with a name": 'VENDOR_JWT_SECRET = "' + "aB3" * 12 + '"',
    "own secret": "VENDOR_JWT_SECRET=" + "a1b2" * 8,
    "Sentry address": "SENTRY_DSN=https://" + "0a1b2c3d" * 4 + "@o1.ingest.example.com/2",
}
# How the product's own are kept: {} is the value.
FORMS = (
    "VENDOR_JWT_SECRET={}",
    "export UPSTASH_REDIS_REST_TOKEN='{}'",
    "  EXA_API_KEY: {}",
    '{{"ANTHROPIC_API_KEY":"{}"}}',
    r'SECRETS="{{\"ORIGIN_SECRET\": \"{}\"}}"',
    'os.environ["EXA_API_KEY"] = "{}"',
    "- name: ORIGIN_SECRET\n  value: {}",
    '{{"Name": "ORIGIN_SECRET", "Value": "{}"}}',
    "OTEL_EXPORTER_OTLP_HEADERS=api-key={}",
    'OTEL_EXPORTER_OTLP_HEADERS: "Authorization=Basic%20{}"',
)


def test_every_package_that_ships_has_a_licence_that_lets_it():
    shipped = [*python_packages(), *page_packages(), *build_packages()]

    assert {
        "anthropic",
        "botocore",
        "react",
        "monaco-editor",
        "zod",
        "tailwindcss",
        "@tailwindcss/browser",
        "@esbuild/linux-arm64",
    } <= {package.name for package in shipped}
    assert refused(shipped) == []


@pytest.mark.parametrize(
    ("source", "packages"),
    [
        ('import { a,\n  b } from "one/part";\nexport * from "@two/two/part";', {"one", "@two/two"}),
        ('import "one";\nconst two = await import("two");', {"one", "two"}),
        ('@import "one";\n@import url("two/styles.css");', {"one", "two"}),
        ('import type { A } from "one";\nimport { b } from "./two";\nimport "../three.css";', set[str]()),
        ('export const WORDS = ["one", "two"];\nexport type Side = "left" | "right";', set[str]()),
    ],
)
def test_what_a_source_of_the_page_imports_is_told_from_other_texts(source: str, packages: set[str]):
    assert imported_packages(source) == packages


# One that the page imports, one that only its style sheet does, one that another package needs.
@pytest.mark.parametrize("name", ["react", "tailwindcss", "scheduler"])
def test_a_package_that_the_lock_does_not_have_is_not_passed_over(name: str):
    locked = json.loads((WEB / "package-lock.json").read_bytes())["packages"]
    del locked[f"node_modules/{name}"]

    with pytest.raises(LookupError, match=f"node_modules/{name}"):
        page_places(locked)


def test_the_list_of_third_party_packages_is_that_of_the_locks():
    assert DOCUMENT.read_text(encoding="utf-8") == document()


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        *(("MIT", True), ("MIT OR GPL-3.0-or-later", True), ("(MIT OR GPL-2.0-only)", True)),
        *(
            ("GPL-2.0-or-later OR (LGPL-2.1-or-later OR MPL-1.1)", False),
            ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ),
        *(("MIT AND GPL-3.0-only", False), ("GPL-3.0-only OR MIT AND LGPL-3.0-only", False)),
        *(("AGPL-3.0-only", False), ("LGPL-2.1-only", False), ("GPL-3.0-only WITH GCC-exception-3.1", False)),
        *(("", False), ("UNLICENSED", False), ("SEE LICENSE IN x", False), ("MIT OR", True), ("(MIT", False)),
    ],
)
def test_a_licence_ships_where_one_of_its_choices_may(expression: str, *, allowed: bool):
    assert may_ship(expression) is allowed
    assert refused([Package("one", "1.0", expression)]) == (
        [] if allowed else [f"one 1.0: {expression or 'no licence told'}"]
    )


def test_the_files_that_are_scanned_are_those_that_git_keeps():
    kept = set(secret_scan.kept_files())

    assert {ROOT / "README.md", ROOT / ".env.example", Path(__file__)} <= kept
    assert ROOT / ".env.local" not in kept


def test_a_planted_secret_of_each_kind_is_found_and_not_repeated(tmp_path: Path):
    for number, text in enumerate(PLANTED.values()):
        (tmp_path / f"{number:02}.txt").write_text(f"first\n{text}\n", encoding="utf-8")

    found = secret_scan.scan(sorted(tmp_path.iterdir()), tmp_path)

    assert PLANTED.keys() == secret_scan.PATTERNS.keys()
    for number, kind in enumerate(PLANTED):
        assert f"{number:02}.txt:2: {kind}" in found


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "value",
    ["a1b2" * 8, "0b8f" * 2 + "-4c2d-4e1f-8a3b-" + "5d6e" * 3, "QUFB" * 9 + "+/=", "letters" * 4],
    ids=["hex", "UUID", "base64", "letters"],
)
def test_a_secret_of_the_products_own_is_found_however_it_is_kept(tmp_path: Path, form: str, value: str):
    file = tmp_path / "kept"
    file.write_text(f"first\n{form.format(value)}\n", encoding="utf-8")

    assert "kept:2: own secret" in secret_scan.scan([file], tmp_path)


def test_the_scan_allows_a_text_and_no_file(tmp_path: Path):
    file = tmp_path / "kept"
    for allowed in secret_scan.ALLOWED:
        lines = [f"VENDOR_JWT_SECRET={value}" for value in (allowed, allowed + "a1", allowed, "a1" * 16)]
        file.write_text("\n".join(lines), encoding="utf-8")

        assert secret_scan.scan([file], tmp_path) == ["kept:2: own secret", "kept:4: own secret"]


def test_an_empty_variable_and_another_name_are_no_secrets(tmp_path: Path):
    file = tmp_path / "kept"
    file.write_text("EXA_API_KEY=\nVENDOR_JWT_SECRET=DEVELOPMENT_JWT_SECRET\n", encoding="utf-8")

    assert secret_scan.scan([file], tmp_path) == []


def test_the_bills_of_materials_name_every_package_that_ships_and_its_licence(tmp_path: Path):
    sbom.write(tmp_path)

    for name, shipped in (
        ("sbom-functions.json", python_packages()),
        ("sbom-page.json", [*page_packages(), *build_packages()]),
    ):
        components = json.loads((tmp_path / name).read_bytes())["components"]
        listed = {
            (each["name"], each["version"], told.get("expression") or told["license"]["name"])
            for each in components
            if each.get("scope") != "excluded"
            for told in each.get("licenses", [])
        }
        assert listed >= {(package.name, package.version, package.licence) for package in shipped}


def test_a_bill_of_materials_is_the_same_whenever_it_is_made():
    bills = [
        {"serialNumber": number, "metadata": {"timestamp": time}, "components": ["one"]}
        for number, time in (("urn:uuid:1", "today"), ("urn:uuid:2", "tomorrow"))
    ]

    assert len({sbom.settled(bill) for bill in bills}) == 1


def test_no_package_of_the_page_runs_a_script_when_it_is_installed():
    assert "ignore-scripts=true" in (WEB / ".npmrc").read_text(encoding="utf-8").splitlines()
    for file in (ROOT / "dev").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert text.count('"npm", "ci"') == text.count('"npm", "ci", "--ignore-scripts"'), file
    for file in (*(ROOT / ".github").rglob("*.yml"), ROOT / ".ci" / "run", ROOT / "Makefile"):
        assert "npm ci" not in file.read_text(encoding="utf-8"), file
