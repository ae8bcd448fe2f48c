"""Text from elsewhere stays within its section, at a price that grows with its length alone."""

import os
import subprocess
import sys

import pytest

from chat.agent.sections import section

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
