"""What the documents name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))
)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_readme_lists_every_setting_with_its_default():
    settings = re.findall(r"^#([A-Z_]+)=(.*)$", read(".env.example"), re.MULTILINE)
    listed = re.findall(r"^\| `([A-Z_]+)` \| (?:`(.*?)`)? ?\|", read("README.md"), re.MULTILINE)

    assert listed == settings


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_command_of_the_documents_exists(document: str):
    named = set(re.findall(r"(?:`|^|&& )make (?:--silent )?([a-z0-9-]+)", read(document), re.MULTILINE))
    targets = set(re.findall(r"^([a-z0-9-]+):", read("Makefile"), re.MULTILINE))

    assert named - targets == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_of_the_documents_lead_somewhere(document: str):
    folder = (ROOT / document).parent
    links = re.findall(r"\]\((?!https?:)([^)#]+)", read(document))

    assert [link for link in links if not (folder / link).exists()] == []


def headings(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_to_a_heading_find_it(document: str):
    folder = (ROOT / document).parent
    links = re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", read(document))

    assert [
        (name, anchor)
        for name, anchor in links
        if anchor not in headings(folder / name if name else ROOT / document)
    ] == []


def test_what_an_alarm_says_to_read_is_there():
    text = re.sub(r"\s+", " ", read("stacks/watch.yaml"))
    headings = re.findall(r"^#+ (.+)$", read("OPERATIONS.md"), re.MULTILINE)

    assert set(re.findall(r'OPERATIONS\.md: "([^"]+)"', text)) - set(headings) == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_that_a_document_names_exists(document: str):
    named = {name.rstrip("/") for name in re.findall(r"`(tests/[\w/.]+)", read(document))}
    functions = re.findall(r"`(tests/[\w/.]+)::(\w+)", read(document))
    bare = set(re.findall(r"`(test_\w+\.py)", read(document)))
    found = {path.name for path in (ROOT / "tests").rglob("test_*.py")}

    assert sorted(name for name in named if not (ROOT / name).exists()) == []
    assert [each for each in functions if f"def {each[1]}(" not in read(each[0])] == []
    assert bare - found == set()


def test_every_threat_is_held_off_by_a_test():
    threats = read("SECURITY.md").partition("## Threats, defences, tests")[2].partition("### Known")[0]
    rows = re.findall(r"^\| (?!Threat|---).*$", threats, re.MULTILINE)

    assert rows
    assert [row for row in rows if not re.search(r"`(tests|web)/[^`]+`(, `[^`]+`)* \|$", row)] == []
