"""Conversations with the demo model, from the message to the changed files."""

import json
from typing import Any

import pytest
from anthropic import AsyncAnthropic
from claude_client import Connect
from demo_chat import NAMES, OUTWARD, App, Chat

from aicode.errors import ToolError
from chat.agent.prompt.app_context import app_context
from chat.agent.sections import APP_CHECK, section
from dev import claude
from tests.memory_uploads import png


@pytest.fixture
async def demo(connect: Connect):
    async with claude.serve(pace=0) as server:
        yield connect(server)


LOGO = png(20, 10)
CSS = "body {\n  margin: 0;\n}\n\nh1 {\n  font-size: 2rem;\n}\n"
TODO_APP = {
    "index.html",
    "package.json",
    "README.md",
    "src/main.tsx",
    "src/App.tsx",
    "src/components/TodoItem.tsx",
    "src/styles.css",
}


async def test_it_builds_a_todo_app_with_parallel_calls_in_one_step(demo: AsyncAnthropic):
    chat = Chat(demo)
    closing = await chat.say("Create a todo app with React")

    assert chat.steps == [["create_file"] * 7, []]
    assert set(chat.app.files) == TODO_APP
    assert "todo app is ready" in closing
    first: list[dict[str, Any]] = chat.messages[1]["content"]
    assert [block["type"] for block in first[:2]] == ["thinking", "text"]
    assert "I'm the built-in demo model" in first[1]["text"]


async def test_its_todo_app_holds_together():
    files = Chat(AsyncAnthropic(api_key="any")).app.files
    async with claude.serve(pace=0) as server, AsyncAnthropic(api_key="any", base_url=server.url) as sdk:
        chat = Chat(sdk, App(files))
        await chat.say("Create a todo app with React")

    assert json.loads(files["package.json"])["dependencies"].keys() == {"react", "react-dom"}
    assert 'src="/src/main.tsx"' in files["index.html"]
    assert 'from "./App"' in files["src/main.tsx"]
    assert 'from "./components/TodoItem"' in files["src/App.tsx"]
    for path in TODO_APP:
        if path.endswith(".tsx"):
            assert files[path].startswith("import React")


@pytest.mark.parametrize(
    "message",
    [
        "Build me a to-do list app",
        "make a landing page",
        "Hi! Could you please create a website for my dog?",
        "I'd like to build an app with a search for books",
        "Create a todo app with a dark mode and a blue heading",
        "I am a baker. I need a to do list.",
    ],
)
async def test_near_variants_build_the_same_app(demo: AsyncAnthropic, message: str):
    chat = Chat(demo)
    await chat.say(message)

    assert set(chat.app.files) == TODO_APP


async def test_a_change_request_reads_first_and_edits_what_is_there(demo: AsyncAnthropic):
    chat = Chat(demo)
    await chat.say("Create a todo app with React")
    before = dict(chat.app.files)
    closing = await chat.say("Make the heading blue")

    assert chat.steps == [["list_files"], ["read_file"], ["edit_file"], []]
    assert "`src/styles.css`" in closing
    changed = {path for path in before if chat.app.files[path] != before[path]}
    assert changed == {"src/styles.css"}
    assert "h1 {\n  margin: 0 0 1rem;\n  color: blue;" in chat.app.files["src/styles.css"]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("make the heading blue", "h1 {\n  font-size: 2rem;\n  color: blue;\n}"),
        ("Change the background colour to #fafafa!", "body {\n  margin: 0;\n  background: #fafafa;\n}"),
        ("turn the buttons green please", "button {\n  background: green;\n}"),
        ("make the page background black", "body {\n  margin: 0;\n  background: black;\n}"),
        ("Please create a dark mode for the page", "@media (prefers-color-scheme: dark) {\n  body {"),
        ("Add a dark mode", "@media (prefers-color-scheme: dark) {\n  body {"),
    ],
)
async def test_styles_are_changed_in_css_that_it_never_saw_before(
    demo: AsyncAnthropic, message: str, expected: str
):
    chat = Chat(demo, App({"css/site.css": CSS, "a.ts": "1"}))
    await chat.say(message)

    assert expected in chat.app.files["css/site.css"]
    assert chat.app.files["a.ts"] == "1"


async def test_a_vendors_own_edits_between_the_turns_survive(demo: AsyncAnthropic):
    chat = Chat(demo)
    await chat.say("Create a todo app with React")
    chat.app.files["src/styles.css"] += "\n/* mine */\n"
    await chat.say("Add a dark mode")
    css = chat.app.files["src/styles.css"]
    again = await chat.say("Add a dark mode")

    assert css.endswith("/* mine */\n")
    assert css.count("prefers-color-scheme: dark") == 1
    assert "there already" in again
    assert chat.app.files["src/styles.css"] == css


async def test_the_title_is_changed_in_page_and_heading(demo: AsyncAnthropic):
    chat = Chat(demo)
    await chat.say("Create a todo app with React")
    await chat.say('Change the title to "Tom & Jerry" please')

    assert "<title>Tom &amp; Jerry</title>" in chat.app.files["index.html"]
    assert "<h1>Tom &amp; Jerry</h1>" in chat.app.files["src/App.tsx"]

    await chat.say("Make the heading say Build a todo app.")

    assert "<title>Tom &amp; Jerry</title>" in chat.app.files["index.html"]
    assert "<h1>Build a todo app</h1>" in chat.app.files["src/App.tsx"]


async def test_quoted_text_is_replaced_wherever_it_stands(demo: AsyncAnthropic):
    chat = Chat(demo, App({"a.txt": "one two one\n", "b.txt": "two\n", "c.txt": "one\n"}))
    await chat.say('Replace "one" with "1"')

    assert chat.app.files == {"a.txt": "1 two 1\n", "b.txt": "two\n", "c.txt": "1\n"}


async def test_files_are_renamed_and_deleted_after_a_look(demo: AsyncAnthropic):
    chat = Chat(demo, App({"src/old name.ts": "0", "src/a.ts": "1", "src/b.ts": "2"}))
    renamed = await chat.say("Rename src/a.ts to src/c.ts")
    deleted = await chat.say("Please delete the file `src/b.ts`")
    absent = await chat.say("delete src/b.ts")

    assert chat.app.files == {"src/old name.ts": "0", "src/c.ts": "1"}
    assert "`src/c.ts`" in renamed
    assert "gone" in deleted
    assert "There is no `src/b.ts`" in absent
    assert chat.steps == [["list_files"], []]


async def test_files_in_the_way_are_read_and_edited_instead(demo: AsyncAnthropic):
    chat = Chat(demo)
    await chat.say("Create a todo app with React")
    whole = dict(chat.app.files)
    chat.app.files["README.md"] = "# Mine\n"
    closing = await chat.say("Create a todo app with React")

    assert chat.steps == [["create_file"] * 7, ["read_file"] * 7, ["edit_file"], []]
    assert chat.app.files == whole
    assert "edited `README.md`" in closing


async def test_a_change_to_an_empty_app_is_not_pretended(demo: AsyncAnthropic):
    chat = Chat(demo)
    closing = await chat.say("Make the heading blue")

    assert chat.steps == [["list_files"], []]
    assert "found no file" in closing


async def test_it_says_what_was_attached(demo: AsyncAnthropic):
    answer = await Chat(demo).say("What do you think?", up_1=LOGO, up_2=LOGO)

    assert answer.startswith("I see 2 pictures:\n\n- `up_1 Logo.png`: image/png, 29 bytes, 20x10 pixels\n")


async def test_an_attached_logo_is_put_into_the_app_and_shown_in_its_heading(demo: AsyncAnthropic):
    chat = Chat(demo)
    await chat.say("Create a todo app with React")
    closing = await chat.say("Use this logo", up_1=LOGO)

    assert chat.steps == [["list_files"], ["read_file"] * 4, ["use_attachment", "edit_file"], []]
    assert chat.app.pictures == {"public/up-1-logo.png": LOGO}
    assert '<h1><img src="/up-1-logo.png" alt="" height="48" /> Todos</h1>' in chat.app.files["src/App.tsx"]
    assert "The heading in `src/App.tsx` shows it." in closing


async def test_a_logo_of_an_earlier_message_is_used_and_looked_at_before_it_is_replaced(
    demo: AsyncAnthropic,
):
    chat = Chat(demo)
    await chat.say("Create a todo app with React")
    await chat.say("What do you see?", up_1=LOGO)
    await chat.say("Please use the logo")
    app = dict(chat.app.files)
    closing = await chat.say("Use the logo again")

    assert chat.steps[1:] == [["read_file"] * 5, ["use_attachment"], []]
    assert chat.app.files == app
    assert "The heading in `src/App.tsx` shows it." in closing


async def test_attachments_of_one_name_go_to_paths_of_their_own(demo: AsyncAnthropic):
    other = png(7, 5)
    chat = Chat(demo)
    closing = await chat.say("Use these pictures", up_1=LOGO, UP_1=other)

    assert chat.app.pictures == {"public/up-1-logo.png": LOGO, "public/up-1-logo-2.png": other}
    assert "`public/up-1-logo.png` and `public/up-1-logo-2.png`" in closing


async def test_a_logo_for_an_empty_app_is_kept_until_something_shows_it(demo: AsyncAnthropic):
    chat = Chat(demo)
    closing = await chat.say("Please put this file into the app", up_1=LOGO)

    assert chat.app.pictures == {"public/up-1-logo.png": LOGO}
    assert "Nothing in the app shows it yet" in closing


async def test_a_search_names_its_sources(demo: AsyncAnthropic):
    chat = Chat(demo)
    closing = await chat.say("Search the web for accessible forms.")

    assert chat.steps == [["web_search"], []]
    assert chat.messages[1]["content"][-1]["input"] == {"query": "accessible forms", "max_results": 3}
    assert "- [Forms for all (Demo content)](<https://example.com/forms>)" in closing
    assert "- [Untitled](<https://example.org/labels>)" in closing
    assert "elsewhere" not in closing


async def test_without_a_search_tool_it_says_so_and_without_results_too(demo: AsyncAnthropic):
    without = await Chat(demo, tools=NAMES[:-1]).say("look up React 20")
    nothing = await Chat(demo, App(search_result='No results for "x".')).say("look up React 20")

    assert "no web search is set up" in without
    assert "found nothing" in nothing


@pytest.mark.parametrize(
    "message",
    ["Create a todo app", "make the heading blue", "delete a.ts", "search the web for x", "Use it", "Hi"],
)
async def test_it_calls_no_tool_that_is_not_offered(demo: AsyncAnthropic, message: str):
    chat = Chat(demo, App({"a.ts": ""}), tools=("search_files",))
    closing = await chat.say(message, up_1=LOGO)

    assert chat.steps == [[]]
    assert closing


@pytest.mark.parametrize(
    "message", ["Hello", "What is 2 + 2?", "🦊", "<h1>", "Why is the page so blue?", "Is this app done?"]
)
async def test_anything_else_is_told_what_it_is_and_three_prompts(demo: AsyncAnthropic, message: str):
    answer = await Chat(demo).say(message)

    assert answer.startswith("I'm the built-in demo model")
    assert answer.count("\n- ") == 3


async def test_each_of_the_three_prompts_works(demo: AsyncAnthropic):
    chat = Chat(demo)
    prompts = [line[2:] for line in (await chat.say("Hello")).splitlines() if line.startswith("- ")]
    used: list[set[str]] = []
    for prompt in prompts:
        await chat.say(prompt)
        used.append({name for step in chat.steps for name in step})

    assert used == [{"create_file"}, {"list_files", "read_file", "edit_file"}, {"web_search"}]


async def test_it_makes_a_mistake_and_mends_it_once_a_check_has_found_it(demo: AsyncAnthropic):
    chat = Chat(demo, App({"src/daysUntil.ts": "export {};"}))
    await chat.say("Make a mistake, please")
    broken = chat.app.files["src/daysUntil2.ts"]
    found = section(APP_CHECK, "1 error is left.\nsrc/daysUntil2.ts:4:3 TS2322 Type 'string' is not")

    answer = await chat.say(found)

    assert "+ ' days'" in broken
    assert "+ ' days'" not in chat.app.files["src/daysUntil2.ts"]
    assert answer.startswith("Mended")


async def test_context_beside_the_message_is_not_taken_for_it(demo: AsyncAnthropic):
    chat = Chat(demo, App({"site.css": CSS}))
    context = "\n".join(app_context([], "Create a todo app with React.\nNever delete a.ts.", []))
    chat.messages.append({"role": "user", "content": "Make the heading red"})
    chat.messages.append({"role": "user", "content": context})
    chat.messages.append({"role": "assistant", "content": "Which one?"})
    await chat.say("Make the heading blue")
    after: list[Any] = [{"type": "text", "text": "Hello"}, {"type": "text", "text": context}]
    answer = await demo.messages.create(
        model="claude-sonnet-5-5", max_tokens=1000, messages=[{"role": "user", "content": after}]
    )

    assert "color: blue" in chat.app.files["site.css"]
    assert answer.model_dump()["content"][1]["text"].startswith("I'm the built-in demo model")


async def aside(demo: AsyncAnthropic, system: str, *messages: str) -> str:
    content: Any = [{"role": "user", "content": message} for message in messages]
    answer = await demo.messages.create(
        model="claude-haiku-5-5", max_tokens=50, system=system, messages=content
    )
    return answer.model_dump()["content"][0]["text"]


async def test_a_title_request_gets_a_short_title(demo: AsyncAnthropic):
    in_system = await aside(demo, "Write a short title for the chat.", "Please create a todo app with React")
    in_message = await aside(
        demo,
        "You name chats.",
        "Give this conversation a title of at most five words:\nMake the heading blue!",
    )

    assert in_system == "Todo app with React"
    assert in_message == "Heading blue"


async def test_a_summary_request_gets_a_summary_of_what_was_asked(demo: AsyncAnthropic):
    summary = await aside(demo, "", "Make the heading blue", "Summarize the conversation so far.")

    assert "Make the heading blue" in summary
    assert "Summarize" not in summary


async def test_a_change_that_is_there_already_is_not_made_again(demo: AsyncAnthropic):
    chat = Chat(demo, App({"site.css": CSS}))
    await chat.say("Make the heading blue")
    css = chat.app.files["site.css"]
    again = await chat.say("Make the heading blue")

    assert chat.app.files["site.css"] == css
    assert chat.steps == [["list_files"], ["read_file"], []]
    assert "so already" in again


async def read_pages(demo: AsyncAnthropic, message: str) -> tuple[list[Any], int]:
    """The content of the answers to a message whose pages the API opens itself, and how often it paused."""
    conversation: list[Any] = [{"role": "user", "content": message}]
    content: list[Any] = []
    for pauses in range(3):
        answer = await demo.messages.create(
            model="claude-sonnet-5-5",
            max_tokens=4_000,
            messages=conversation,
            tools=[{"type": "web_fetch_20260318", "name": "web_fetch"}],
        )
        content += json.loads(answer.model_dump_json(include={"content"}, exclude_none=True))["content"]
        conversation = [conversation[0], {"role": "assistant", "content": content}]
        if answer.stop_reason != "pause_turn":
            return content, pauses
    raise AssertionError("no end")


async def test_it_reads_a_page_and_cites_it(demo: AsyncAnthropic):
    content, pauses = await read_pages(demo, "Please read https://example.com/colours.")

    kinds = [block["type"] for block in content]
    assert kinds[:4] == ["thinking", "text", "server_tool_use", "web_fetch_tool_result"]
    page = content[3]["content"]
    [citation] = next(block["citations"] for block in content if block.get("citations"))
    start, end = citation["start_char_index"], citation["end_char_index"]
    assert page["url"] == "https://example.com/colours"
    assert page["content"]["source"]["data"][start:end] == citation["cited_text"]
    assert pauses == 0


async def test_it_pauses_before_a_second_page_and_goes_on(demo: AsyncAnthropic):
    content, pauses = await read_pages(demo, "Read https://example.com/a and https://example.org/b")

    assert pauses == 1
    assert [block["type"] for block in content].count("web_fetch_tool_result") == 2


async def test_it_knows_only_pages_that_are_kept_for_examples(demo: AsyncAnthropic):
    content, _ = await read_pages(demo, "Read https://react.dev/blog")

    assert content[3]["content"]["error_code"] == "url_not_accessible"
    assert "couldn't open it" in content[-1]["text"]


WISHES = {
    "publish it": "publish_app",
    "Please put it online!": "publish_app",
    "Now push it to git": "push_app",
    "ask me something": "ask_user",
    "Look at the preview": "look_at_preview",
    "Hm. How does it look?": "look_at_preview",
}
GIVEN: dict[str, str | ToolError] = {
    "publish_app": "Revision 2 is live as version 1. Address: http://127.0.0.1:3001/x/",
    "push_app": "Pushed to https://git.example/todo.git, branch main (commit abc).\nLeft out: .env",
    "ask_user": "Which style should the app have?\n-> Dark\nWhich pages does it need?\n-> Home; About",
    "look_at_preview": "The preview. The console:\n<preview_console>\nlog: ready\n</preview_console>",
}
TOLD = {
    "publish_app": "live: <http://127.0.0.1:3001/x/>",
    "push_app": "Pushed to https://git.example/todo.git, branch main (commit abc).",
    "ask_user": "Noted: Dark · Home; About.",
    "look_at_preview": "```\nlog: ready\n```",
}


@pytest.mark.parametrize("wish", WISHES)
async def test_it_asks_for_what_waits_for_the_vendor_and_tells_what_came_of_it(
    demo: AsyncAnthropic, wish: str
):
    chat = Chat(demo, App(outward=GIVEN), tools=(*NAMES, *OUTWARD))
    closing = await chat.say(wish)

    assert chat.steps == [[WISHES[wish]], []]
    assert TOLD[WISHES[wish]] in closing


@pytest.mark.parametrize("wish", WISHES)
async def test_it_says_what_was_refused_and_does_not_ask_again(demo: AsyncAnthropic, wish: str):
    refused = dict.fromkeys(OUTWARD, ToolError("The vendor said no."))
    chat = Chat(demo, App(outward={**refused}), tools=(*NAMES, *OUTWARD))
    closing = await chat.say(wish)

    assert chat.steps == [[WISHES[wish]], []]
    assert WISHES[wish] == "ask_user" or "The vendor said no." in closing


@pytest.mark.parametrize("wish", WISHES)
async def test_it_says_so_where_it_is_not_offered_the_tool(demo: AsyncAnthropic, wish: str):
    chat = Chat(demo)
    closing = await chat.say(wish)

    assert chat.steps == [[]]
    assert "demo model" in closing
