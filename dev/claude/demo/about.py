"""Who is speaking, and what it can do."""

from dev.claude.script import Reply, Text, Thinking

WHO = "I'm the built-in demo model"


def answer() -> Reply:
    """For everything that the demo model can't play: what it is, and three prompts that work."""
    return Reply(
        Thinking("This isn't one of the things I can play. I'd better say what I am."),
        Text(
            f"{WHO}: a small script, not Claude, so I can't think about this. "
            "With an `ANTHROPIC_API_KEY` in `.env.local` the real Claude answers here.\n\n"
            "These I can show you, with real tools and real files:\n\n"
            "- Create a todo app with React\n"
            "- Make the heading blue\n"
            "- Search the web for accessible forms\n\n"
            "Or attach a picture and write “use this logo”, or write “make a mistake” and see it found.\n"
        ),
    )
