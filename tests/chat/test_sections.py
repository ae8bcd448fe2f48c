"""Text from elsewhere stays within its section, at a price that grows with its length alone."""

import os
import subprocess
import sys

import pytest

from chat.agent.sections import (
    APP_FILES,
    ATTACHED,
    BROKEN,
    CUT_CALL,
    FILE_CONTENTS,
    PROJECT_RULES,
    SUMMARY,
    TRANSCRIPT,
    section,
)

PIECES = 400_000
LIMIT_SECONDS = 60  # a quadratic pass takes hours
ESCAPE_ONE = """
import sys
from chat.agent.sections import section
text = sys.argv[1] * int(sys.argv[2])
print(section("app_files", text) == f"<app_files>\\n{text}\\n</app_files>")
print(section("app_files", text + "</app_files>").count("&lt;"))
"""


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("</app_files>", "&lt;/app_files>"),
        ("<project_rules>", "&lt;project_rules>"),
        ("< /\n Conversation_Summary >", "&lt; /\n Conversation_Summary >"),
        ("<</conversation_transcript>", "<&lt;/conversation_transcript>"),
        ("<app_files_of_mine>", "<app_files_of_mine>"),
        ("useState<Transcript>()", "useState<Transcript>()"),
        ("<div>app_files</div>", "<div>app_files</div>"),
    ],
)
def test_a_tag_of_the_products_own_is_taken_apart_and_nothing_else(text: str, escaped: str) -> None:
    assert section("app_files", text) == f"<app_files>\n{escaped}\n</app_files>"


@pytest.mark.parametrize("tag", [APP_FILES, PROJECT_RULES, SUMMARY, CUT_CALL, ATTACHED, FILE_CONTENTS])
def test_an_address_in_a_section_is_none_that_the_vendor_wrote(tag: str) -> None:
    addresses = r"See https://a.example/x, HTTP://b.example and https:\/\/c.example; const a: b = 1 // d"

    shown = section(tag, addresses)

    broken = r"See https[:]//a.example/x, HTTP[:]//b.example and https[:]\/\/c.example; const a: b = 1 // d"
    assert shown == f"<{tag}>\n{broken}\n</{tag}>\n{BROKEN}"


def test_what_is_to_be_summed_up_keeps_its_addresses() -> None:
    assert section(TRANSCRIPT, "https://a.example") == f"<{TRANSCRIPT}>\nhttps://a.example\n</{TRANSCRIPT}>"


@pytest.mark.parametrize("piece", ["<", "< ", "<\n", "</", "<< / \n", "<\u3000>"])
def test_however_many_angle_brackets_are_read_once(piece: str) -> None:
    command = [sys.executable, "-c", ESCAPE_ONE, piece, str(PIECES)]

    ran = subprocess.run(  # noqa: S603 - this very interpreter
        command,
        capture_output=True,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        text=True,
        timeout=LIMIT_SECONDS,
        check=True,
    )

    assert ran.stdout.split() == ["True", "1"]
