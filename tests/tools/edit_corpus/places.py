"""Where an edit lands, and what it leaves of lines, BOM and line ends."""

from tests.tools.edit_corpus.case import Case

BOM = "\ufeff"
JS = "function add(a, b) {\n  return a + b;\n}\n\nfunction sub(a, b) {\n  return a - b;\n}\n"
REPEATED = "<li>\n  one\n</li>\n<li>\n  one\n</li>\n"

CASES = [
    # exact
    Case("one line", JS, [("return a + b;", "return b + a;")], JS.replace("a + b", "b + a"), "+1 -1"),
    Case("several lines", "a\nb\nc\n", [("a\nb", "x\ny")], "x\ny\nc\n", "+2 -2"),
    Case("part of a line", "let x = 1; let y = 2;\n", [("x = 1", "x = 9")], "let x = 9; let y = 2;\n"),
    Case("deletion of a line", "a\nb\nc\n", [("b\n", "")], "a\nc\n", "+0 -1"),
    Case("deletion of everything", "a\n", [("a\n", "")], "", "+0 -1"),
    Case("insertion after a line", "a\nb\n", [("a\n", "a\nnew\n")], "a\nnew\nb\n", "+1 -0"),
    Case("append at the end", "a\n", [("a\n", "a\nb\n")], "a\nb\n"),
    Case("several edits", "a\nb\nc\n", [("a", "1"), ("c", "3")], "1\nb\n3\n", "+2 -2"),
    Case("an edit of what the one before made", "a\n", [("a", "b c"), ("b", "d")], "d c\n"),
    Case("special characters of expressions", "x = a.*(b)\n", [("a.*(b)", r"\1 $&")], "x = \\1 $&\n"),
    Case("non-Latin text", "const 名前 = 'あ'\n", [("'あ'", "'い'")], "const 名前 = 'い'\n"),
    Case("emoji", "say('👩‍👩‍👧 hi')\n", [("👩‍👩‍👧 hi", "👋🏽")], "say('👋🏽')\n"),
    # everywhere
    Case("replace all", "x x\nx\n", [("x", "y", True)], "y y\ny\n", "replaced 3 places"),
    Case("replace all of one", "x\n", [("x", "y", True)], "y\n"),
    Case("replace all grows", "ab ab\n", [("ab", "abab", True)], "abab abab\n"),
    Case("overlapping places once each", "aaaa\n", [("aa", "b", True)], "bb\n"),
    # line ends, BOM, end of file
    Case("CRLF is kept", "a\r\nb\r\nc\r\n", [("a\nb", "x\ny\nz")], "x\r\ny\r\nz\r\nc\r\n"),
    Case("CRLF in the call", "a\r\nb\r\n", [("a\r\nb", "a\r\nc")], "a\r\nc\r\n"),
    Case("CRLF only in the call", "a\nb\n", [("a\r\nb", "a\r\nc")], "a\nc\n"),
    Case("a place that begins with CRLF", "a\r\nb\r\nc", [("\nb", "")], "a\r\nc"),
    Case("mixed ends stay as they are", "a\r\nb\nc\r\nd\r\n", [("c", "x")], "a\r\nb\nx\r\nd\r\n"),
    Case("BOM is kept", f"{BOM}a\nb\n", [("a", "x")], f"{BOM}x\nb\n"),
    Case("BOM in the call", f"{BOM}a\n", [(f"{BOM}a", f"{BOM}x")], f"{BOM}x\n"),
    Case("BOM and CRLF", f"{BOM}a\r\nb\r\n", [("a\nb\n", "c\n")], f"{BOM}c\r\n"),
    Case("no final line feed stays so", "a\nb", [("b", "c")], "a\nc"),
    Case("final line feed that is not there", "a\nb", [("b\n", "c\n")], "a\nc", "ignoring white space"),
    Case("final line feed survives", "a\nb\n", [("b\n", "c")], "a\nc\n"),
    Case("final line feed may be added", "a\nb", [("b", "b\n")], "a\nb\n"),
    # empty files
    Case("filling an empty file", "", [("", "a\n")], "a\n", "+1 -0"),
    Case("an empty old in a file that has text", "a\n", [("", "b")], None, "old is empty"),
    Case("text in an empty file", "", [("a", "b")], None, "the file is empty"),
    # refusals
    Case("not there", JS, [("return a * b;", "x")], None, "2\t  return a + b;"),
    Case("not there at all", "a\nb\n", [("zebra", "x")], None, "    1\ta"),
    Case("ambiguous", REPEATED, [("  one", "  two")], None, "2 places"),
    Case("ambiguous names the lines", REPEATED, [("one", "two")], None, "    5\t  one"),
    Case("ambiguous places that overlap", "aaa\n", [("aa", "b")], None, "2 places"),
    Case("ambiguous without white space", "a = 1\nb\na  = 1\n", [("a =  1", "a = 2")], None, "2 places"),
    Case(
        "more lines make it unambiguous", REPEATED, [("one\n</li>\n<li>\n  one", "1")], "<li>\n  1\n</li>\n"
    ),
    Case("part of a longer word is not meant", "max=12\n", [("x = 1", "x = 2")], None, "not found"),
    Case("all or none", "a\nb\n", [("a", "x"), ("nope", "y")], None, "edit 2"),
    Case(
        "replaced by the edit before", "a b\n", [("a b", "c"), ("b", "d")], None, "earlier edits of this call"
    ),
    Case("line numbers in the call", "a\nb\n", [("    1\ta\n    2\tb", "c")], None, "not found"),
    # no-ops
    Case("old is new", "a\n", [("a", "a")], "a\n", "No change"),
    Case("there and back", "a\n", [("a", "b"), ("b", "a")], "a\n", "No change"),
    # large
    Case(
        "a huge file",
        "line\n" * 100_000 + "end\n",
        [("end", "fin")],
        "line\n" * 100_000 + "fin\n",
        "100001 + fin",
    ),
    Case("a huge line", "x" * 500_000 + " y\n", [(" y", " z")], "x" * 500_000 + " z\n"),
]
