"""White space that the call has in another way than the file."""

from tests.tools.edit_corpus.case import Case

JS = "function add(a, b) {\n  return a + b;\n}\n\nfunction sub(a, b) {\n  return a - b;\n}\n"
TABBED = "def f():\n\tif x:\n\t\treturn 1\n\treturn 2\n"

CASES = [
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
]
