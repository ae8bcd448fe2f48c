"""Lines at a depth that the call's old text does not show, in a file with another indentation."""

from tests.tools.edit_corpus.case import Case

YAML = "services:\n  web:\n    image: x\n    ports: 80\n"
CLASS = "class A:\n    def f(self):\n        self.a()\n        self.b()\n"

CASES = [
    Case(
        "one depth of a call in fours, a file in twos",
        YAML,
        [("        image: x\n        ports: 80", "        image: x\n    ports: 80")],
        "services:\n  web:\n    image: x\n  ports: 80\n",
    ),
    Case(
        "one depth of a call in fours, one level more",
        YAML,
        [("        ports: 80", "        ports:\n            - 80\n            - 81")],
        "services:\n  web:\n    image: x\n    ports:\n      - 80\n      - 81\n",
    ),
    Case(
        "one depth of a call in twos, a file in fours",
        CLASS,
        [("    self.a()\n    self.b()", "    if x:\n      self.a()\n    self.b()\n  def g(self):\n    pass")],
        CLASS.replace("        self.a()", "        if x:\n            self.a()")
        + "    def g(self):\n        pass\n",
    ),
    Case(
        "one depth of spaces, a file of tabs",
        "<ul>\n\t<li>\n\t\t<b>1</b>\n\t</li>\n</ul>\n",
        [("        <b>1</b>", "        <b>1</b>\n    </li>\n    <li>\n        <b>2</b>")],
        "<ul>\n\t<li>\n\t\t<b>1</b>\n\t</li>\n\t<li>\n\t\t<b>2</b>\n\t</li>\n</ul>\n",
    ),
    Case(
        "one depth of tabs, a file of spaces",
        CLASS,
        [("\t\tself.a()", "\t\tself.a()\n\t\twith x:\n\t\t\tself.c()")],
        CLASS.replace("self.a()", "self.a()\n        with x:\n            self.c()"),
    ),
    Case(
        "a call without the indentation that all its lines share",
        CLASS,
        [("self.a()\nself.b()", "if x:\n    self.a()\nself.b()")],
        CLASS.replace("        self.a()", "        if x:\n            self.a()"),
    ),
    Case(
        "a call in the file's own indentation",
        "<p>\n  \u201ca\u201d\n</p>\n",
        [('  "a"', '  <b>\n    "a"\n  </b>')],
        '<p>\n  <b>\n    "a"\n  </b>\n</p>\n'.replace('"a"', "\u201ca\u201d"),
    ),
    Case(
        "an alignment in the file's own indentation",
        "def f():\n    g(a,  b)\n",
        [("    g(a, b)", "    g(a, b,\n      c)")],
        "def f():\n    g(a, b,\n      c)\n",
    ),
    Case(
        "lines that are all deeper by as much",
        "class A:\n    def f(a,\n          b):\n        pass\n",
        [("def f(a,\n      b):\n    pass", "def f(a,\n      b,\n       c):\n    pass")],
        "class A:\n    def f(a,\n          b,\n           c):\n        pass\n",
    ),
    Case(
        "a middle of a line, and lines after it",
        "if a:\n  const b  = f(1);\n",
        [("b = f(1);", "b = f(\n    1,\n  );")],
        "if a:\n  const b = f(\n    1,\n  );\n",
    ),
    Case(
        "no whole level less",
        YAML,
        [("        image: x\n        ports: 80", "        image: x\n     ports: 80")],
        None,
        "    4\t    ports: 80",
    ),
    Case(
        "two levels of the call, or one of the file",
        CLASS,
        [("    self.a()\n    self.b()", "    self.a()\n    self.b()\nprint()")],
        None,
        "    3\t        self.a()",
    ),
    Case(
        "a file without any indentation",
        "a = \u2018b\u2019\n",
        [("a = 'b'", "if c:\n    a = 'b'")],
        None,
        "it cannot be told how deep",
    ),
    Case(
        "a file with another step around the place",
        "a:\n  b:\n    c\nd:\n  e:\n    f\n  g\nh:\n    i\n    j\n",
        [("        i\n        j", "        i\n                k\n        j")],
        None,
        "it cannot be told how deep",
    ),
    Case(
        "tabs and spaces in one call",
        CLASS,
        [("\t\tself.a()", "\t\tself.a()\n    \twith x:\n            self.c()")],
        None,
        "it cannot be told how deep",
    ),
    Case(
        "a line more in a call whose lines are all at one depth",
        CLASS,
        [("def f(self):\nself.a()\nself.b()", "def f(self):\nself.a()\nself.c()\nself.b()")],
        None,
        "it cannot be told how deep",
    ),
    Case(
        "a middle of a line, and a line of any depth after it",
        "if a:\n  const b  = f(1);\n",
        [("b = f(1);", "b = f(1);\nc();")],
        None,
        "it cannot be told how deep",
    ),
]
