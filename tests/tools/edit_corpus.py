"""Edits as models make them, with what each should leave: for the tests, and for comparing matchers."""

from dataclasses import dataclass

BOM = "\ufeff"
JS = "function add(a, b) {\n  return a + b;\n}\n\nfunction sub(a, b) {\n  return a - b;\n}\n"
TABBED = "def f():\n\tif x:\n\t\treturn 1\n\treturn 2\n"
REPEATED = "<li>\n  one\n</li>\n<li>\n  one\n</li>\n"


@dataclass(frozen=True)
class Case:
    """`after` is the file an edit leaves; None: it is refused. `says` stands in the result."""

    name: str
    before: str
    edits: list[tuple[str, str] | tuple[str, str, bool]]
    after: str | None
    says: str = ""


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
    # white space
    Case("indentation missing", JS, [("return a + b;\n}", "return b;\n}")], JS.replace("a + b", "b", 1)),
    Case(
        "indentation of four for two",
        "class A:\n  def f(self):\n    return 1\n",
        [
            (
                "    def f(self):\n        return 1",
                "    def f(self):\n        if x:\n            return 2\n        return 1",
            )
        ],
        "class A:\n  def f(self):\n    if x:\n      return 2\n    return 1\n",
        "ignoring white space",
    ),
    Case(
        "spaces for tabs",
        TABBED,
        [("    if x:\n        return 1", "    if x:\n        if y:\n            return 3\n        return 1")],
        "def f():\n\tif x:\n\t\tif y:\n\t\t\treturn 3\n\t\treturn 1\n\treturn 2\n",
        "ignoring white space",
    ),
    Case("tabs for spaces", "if a:\n    b\n", [("if a:\n\tb", "if a:\n\tc")], "if a:\n    c\n"),
    Case("trailing blanks in the file", "a;  \nb;\n", [("a;\nb;", "a;\nc;")], "a;  \nc;\n"),
    Case("trailing blanks in the call", "a;\nb;\n", [("a;  \nb; ", "x;\nb;")], "x;\nb;\n"),
    Case("spaces within a line", "f( a,b )\n", [("f(a, b)", "g(a, b)")], "g(a, b)\n"),
    Case("other line breaks", "f(\n  a,\n  b\n)\n", [("f(a, b)", "f(a)")], "f(a)\n"),
    Case(
        "other line breaks, first line kept by the call",
        "f(\n  a,\n  b)\nend\n",
        [("f(a, b)", "f(a, b)\ng()")],
        "f(a, b)\ng()\nend\n",
    ),
    Case(
        "the end of a deeper indentation is another line",
        "  f:\n    a()\n  g:\n      a()\n",
        [("     a()", "     b()")],
        None,
        "2 places (ignoring white space)",
    ),
    Case(
        "a shallower indentation",
        "f:\n      if x:\n        a()\n",
        [("  if x:\n        a()", "  if x:\n    b()\n    c()")],
        "f:\n      if x:\n        b()\n        c()\n",
    ),
    Case(
        "blank lines around",
        "  a()\n\n  b()\n\n\n  c()\n",
        [("\nb()\n  \n\n", "\nB()\n  \n\n"), ("B()\n\n", "b()\n")],
        "  a()\n\n  b()\n\n  c()\n",
    ),
    Case("a blank line too many", "a()\nb()\n", [("a()\n\nb()", "a()\n\nc()")], "a()\n\nc()\n"),
    Case("no-break space", "x\u00a0= 1\n", [("x = 1", "x = 2")], "x = 2\n"),
    Case("zero-width space", "na\u200bme = 1\n", [("name = 1", "name = 2")], "name = 2\n"),
    Case(
        "a middle of a line",
        "let a  =  1; let b = 2;\n",
        [("let a = 1;", "let a = 3;")],
        "let a = 3; let b = 2;\n",
    ),
    Case(
        "lines that are not changed keep their own white space",
        "a  =  1\nb  =  2\nc  =  3\n",
        [("a = 1\nb = 2\nc = 3", "a = 1\nb = 9\nc = 3")],
        "a  =  1\nb = 9\nc  =  3\n",
    ),
    Case("deletion without the indentation", "{\n    a\n    b\n}\n", [("\n  a\n", "\n")], "{\n    b\n}\n"),
    Case(
        "white space and CRLF",
        "if (x) {\r\n    y()\r\n}\r\n",
        [("if (x) {\n  y()", "if (x) {\n  z()")],
        "if (x) {\r\n    z()\r\n}\r\n",
    ),
    # typography
    Case(
        "curly quotes",
        "<p>Don\u2019t \u201cquote\u201d</p>\n<p>a</p>\n",
        [('<p>Don\'t "quote"</p>\n<p>a</p>', '<p>Don\'t "quote"</p>\n<p>b</p>')],
        "<p>Don\u2019t \u201cquote\u201d</p>\n<p>b</p>\n",
        "typographic",
    ),
    Case("a dash", "1\u20132 items\n", [("1-2 items", "1-3 items")], "1\u20133 items\n", "typographic"),
    Case(
        "quotes around a word that changes",
        "\u201cHello\u201d she said. It\u2019s me.\n",
        [('"Hello" she said. It\'s', '"Goodbye" she said. "It\'s')],
        '\u201cGoodbye\u201d she said. "It\u2019s me.\n',
        "typographic",
    ),
    Case(
        "quotes that are added are as the call has them",
        "a \u201cb\u201d c\n",
        [('a "b" c', 'a "b" \'d\' "e" c')],
        "a \u201cb\u201d 'd' \"e\" c\n",
    ),
    Case(
        "quotes of several words that change",
        "say \u201cno way\u201d twice\n",
        [('say "no way" twice', 'say "by all means" twice')],
        "say \u201cby all means\u201d twice\n",
    ),
    Case(
        "dashes and a minus between what changes",
        "10\u201320 \u2014 x\u22121 \u2013 it\u2019s\n",
        [("10-20 - x-1 - it's", "15-25 - y-2 - don't")],
        "15\u201325 \u2014 y\u22122 \u2013 don\u2019t\n",
    ),
    Case(
        "quotes in a line that moves with others to another depth",
        "<ul>\n  <li>\u201ca\u201d</li>\n  <li>b \u2013 c</li>\n</ul>\n",
        [
            (
                '<ul>\n    <li>"a"</li>\n    <li>b - c</li>\n</ul>',
                "<ul>\n    <li>\"a\"</li>\n    <li>'x'</li>\n    <li>b - d</li>\n</ul>",
            )
        ],
        "<ul>\n  <li>\u201ca\u201d</li>\n  <li>'x'</li>\n  <li>b \u2013 d</li>\n</ul>\n",
    ),
    Case(
        "quotes over other line breaks",
        "f(\n  \u201ca\u201d,\n  b)\n",
        [('f("a", b)', 'f("a", c)')],
        "f(\u201ca\u201d, c)\n",
    ),
    Case(
        "an apostrophe is no string's quote",
        'x = "It\u2019s"\n',
        [('x = "It\'s"', "x = 'It is'")],
        "x = 'It is'\n",
    ),
    Case(
        "an inner quote is no string's quote",
        "x = 'He said \u201cno\u201d'\n",
        [("x = 'He said \"no\"'", 'x = "He said no"')],
        'x = "He said no"\n',
    ),
    Case(
        "prose that code replaces",
        "# pages 1\u20135\n",
        [("# pages 1-5", "return a-b")],
        "return a-b\n",
    ),
    # canonical equivalence
    Case(
        "accents apart in the file",
        "cafe\u0301 = 1\n",
        [("caf\u00e9 = 1", "caf\u00e9 = 2")],
        "cafe\u0301 = 2\n",
    ),
    Case(
        "accents apart in the call",
        "caf\u00e9 = 1\n",
        [("cafe\u0301 = 1", "cafe\u0301s = 2")],
        "caf\u00e9s = 2\n",
    ),
    Case(
        "accents, white space and quotes",
        "\u00e9\u00e9\r\nif a:\r\n    \u201ccafe\u0301\u201d\r\n    e\u0301t\u00e9\r\n",
        [('if a:\n  "caf\u00e9"\n  \u00e9te\u0301', 'if a:\n  "caf\u00e9s"\n  \u00e9te\u0301(1)\n  \u00e9')],
        "\u00e9\u00e9\r\nif a:\r\n    \u201ccafe\u0301s\u201d\r\n    e\u0301t\u00e9(1)\r\n    \u00e9\r\n",
    ),
    Case(
        "marks in another order",
        "e\u0323\u0301 = 1\n",
        [("e\u0301\u0323 = 1", "e\u0301\u0323 = 2")],
        "e\u0323\u0301 = 2\n",
    ),
    Case("a sign that is another one", "5 \u212b\n", [("5 \u00c5", "6 \u00c5")], "6 \u212b\n"),
    Case(
        "syllables apart",
        "\u1112\u1161\u11ab = 1\n",
        [("\ud55c = 1", "\ud55c = 2")],
        "\u1112\u1161\u11ab = 2\n",
    ),
    Case("both forms are one text", "\u00e9\ne\u0301\n", [("\u00e9", "x")], None, "2 places"),
    Case(
        "replace all of both forms",
        "\u00e9 e\u0301\n",
        [("\u00e9", "\u00e9!", True)],
        "\u00e9! e\u0301!\n",
        "2 places",
    ),
    Case("a letter is not meant without its accent", "cafe\u0301\n", [("cafe", "tea")], None, "not found"),
    Case("nor is a syllable without its end", "\u1112\u1161\u11ab\n", [("\ud558", "x")], None, "not found"),
    Case("nor part of one character", "caf\u00e9\n", [("cafe", "tea")], None, "not found"),
    Case(
        "Cyrillic letters are other letters",
        "\u0441onst x = 1\n",
        [("const x = 1", "const x = 2")],
        None,
        "not found",
    ),
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
