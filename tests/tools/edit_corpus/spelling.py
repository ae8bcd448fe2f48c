"""Quotes, dashes and accents that the call spells in another way than the file."""

from tests.tools.edit_corpus.case import Case

CASES = [
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
    Case(
        "a letter with more accents than can be put in order",
        "a" + "\u0301\u0323" * 200_000 + "\n\u00e9 = \u20181\u2019\n",
        [("\u00e9  = '1'", "\u00e9  = '2'")],
        "a" + "\u0301\u0323" * 200_000 + "\n\u00e9  = \u20182\u2019\n",
    ),
]
