"""Jobs that a model carries out in one to three steps: what it answers, and what must be there in the end."""

import random
import re
from dataclasses import dataclass, field
from typing import Any

from dev.claude import Reply, Text, Thinking, ToolUse
from dev.claude.received import Received

WORDS = [
    "one",
    "two",
    "three",
    "with",
    "files",
    "ünï",
    "漢字",
    "\U0001f600",
    "<b>",
    "\u2028",
    'quote"',
    "a\\b",
]
_JOB = re.compile(r"Do job (\d+)\.")


def dice(seed: str) -> random.Random:
    """Chance that falls the same way each time."""
    return random.Random(seed)  # noqa: S311 - a fixed seed is the point


@dataclass(slots=True)
class Job:
    """One turn's plan: `replies` by step; the files and the text that it must leave behind."""

    number: int
    replies: list[Reply] = field(default_factory=list[Reply])
    files: dict[str, str] = field(default_factory=dict[str, str])
    text: str = ""

    @property
    def message(self) -> str:
        return f"Do job {self.number}."


def make_job(number: int, rng: random.Random) -> Job:
    """A job of one to three steps, each but the last with one to three files."""
    job = Job(number)
    steps = rng.randint(1, 3)
    for step in range(1, steps + 1):
        said = f"[{number}.{step}] {_words(rng)} "
        job.text += said
        calls: list[ToolUse] = []
        for file in range(rng.randint(1, 3) if step < steps else 0):
            path, content = f"job-{number}/{step}-{file}.txt", _words(rng, 40) + "\n"
            job.files[path] = content
            calls.append(ToolUse("create_file", {"path": path, "content": content}))
        if calls:
            calls.append(ToolUse("list_files", {}))
        job.replies.append(Reply(Thinking(_words(rng)), Text(said), *calls))
    return job


def entry_id_of(request: Received) -> tuple[int, int]:
    """Which job a request belongs to, and which of its steps it asks for, from 0."""
    messages: list[dict[str, Any]] = request.messages
    for at in range(len(messages) - 1, -1, -1):
        if messages[at]["role"] == "user":
            found = [block for block in messages[at]["content"] if block["type"] == "text"]
            numbers = [number for block in found for number in _JOB.findall(block["text"])]
            if numbers:
                answers = [later for later in messages[at + 1 :] if later["role"] == "assistant"]
                return int(numbers[-1]), len(answers)
    raise AssertionError("a request that belongs to no job")


def _words(rng: random.Random, most: int = 12) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, most)))
