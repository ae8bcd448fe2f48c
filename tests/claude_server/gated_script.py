"""A script that another process plays: one word, a closed gate, another word."""

from dev.claude import Gate, Reply, Script, Text

SCRIPT = Script([Reply(Text("one"), Gate("go-on"), Text("two"))])
