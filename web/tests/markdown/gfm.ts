/** Examples of GitHub's additions, after its specification: what is written, and the text of each part that it makes. */
export const GFM: { markdown: string; html: string }[] = [
  {
    markdown: "| foo | bar |\n| --- | --- |\n| baz | bim |\n",
    html: "<table><thead><tr><th>foo</th><th>bar</th></tr></thead><tbody><tr><td>baz</td><td>bim</td></tr></tbody></table>",
  },
  {
    markdown: "| abc | defghi |\n:-: | -----------:\nbar | baz\n",
    html: "<table><thead><tr><th>abc</th><th>defghi</th></tr></thead><tbody><tr><td>bar</td><td>baz</td></tr></tbody></table>",
  },
  {
    markdown: "| f\\|oo  |\n| ------ |\n| b `\\|` az |\n| b **\\|** im |\n",
    html: "<table><thead><tr><th>f|oo</th></tr></thead><tbody><tr><td>b <code>|</code> az</td></tr><tr><td>b <strong>|</strong> im</td></tr></tbody></table>",
  },
  {
    markdown: "| abc | def |\n| --- | --- |\n| bar | baz |\n> bar\n",
    html: "<table><thead><tr><th>abc</th><th>def</th></tr></thead><tbody><tr><td>bar</td><td>baz</td></tr></tbody></table><blockquote><p>bar</p></blockquote>",
  },
  {
    markdown: "| abc | def |\n| --- | --- |\n| bar | baz |\nbar\n\nbar\n",
    html: "<table><thead><tr><th>abc</th><th>def</th></tr></thead><tbody><tr><td>bar</td><td>baz</td></tr><tr><td>bar</td><td></td></tr></tbody></table><p>bar</p>",
  },
  { markdown: "| abc | def |\n| --- |\n| bar |\n", html: "<p>| abc | def | | --- | | bar |</p>" },
  {
    markdown: "| abc | def |\n| --- | --- |\n| bar |\n| bar | baz | boo |\n",
    html: "<table><thead><tr><th>abc</th><th>def</th></tr></thead><tbody><tr><td>bar</td><td></td></tr><tr><td>bar</td><td>baz</td></tr></tbody></table>",
  },
  {
    markdown: "| abc | def |\n| --- | --- |\n",
    html: "<table><thead><tr><th>abc</th><th>def</th></tr></thead></table>",
  },
  {
    markdown: "- [ ] foo\n- [x] bar\n",
    html: '<ul><li><input type="checkbox">foo</li><li><input type="checkbox">bar</li></ul>',
  },
  {
    markdown: "- [x] foo\n  - [ ] bar\n  - [x] baz\n- [ ] bim\n",
    html: '<ul><li><input type="checkbox">foo<ul><li><input type="checkbox">bar</li><li><input type="checkbox">baz</li></ul></li><li><input type="checkbox">bim</li></ul>',
  },
  { markdown: "~~Hi~~ Hello, world!\n", html: "<p><del>Hi</del> Hello, world!</p>" },
  { markdown: "This ~~has a\n\nnew paragraph~~.\n", html: "<p>This ~~has a</p><p>new paragraph~~.</p>" },
  { markdown: "This will ~~~not~~~ strike.\n", html: "<p>This will ~~~not~~~ strike.</p>" },
  { markdown: "www.commonmark.org\n", html: '<p><a href="http://www.commonmark.org">www.commonmark.org</a></p>' },
  {
    markdown: "Visit www.commonmark.org/help for more information.\n",
    html: '<p>Visit <a href="http://www.commonmark.org/help">www.commonmark.org/help</a> for more information.</p>',
  },
  {
    markdown: "Visit https://commonmark.org.\n\nVisit https://commonmark.org/a.b.\n",
    html: '<p>Visit <a href="https://commonmark.org">https://commonmark.org</a>.</p><p>Visit <a href="https://commonmark.org/a.b">https://commonmark.org/a.b</a>.</p>',
  },
  {
    markdown: "(https://encrypted.example/search?q=Markup+(business))\n",
    html: '<p>(<a href="https://encrypted.example/search?q=Markup+(business)">https://encrypted.example/search?q=Markup+(business)</a>)</p>',
  },
  {
    markdown: "foo@bar.baz, a.b-c_d@a.b-\n",
    html: '<p><a href="mailto:foo@bar.baz">foo@bar.baz</a>, a.b-c_d@a.b-</p>',
  },
  { markdown: "Text[^1].\n\n[^1]: Note\n\n    more\n", html: "<p>Text<sup>[1]</sup>.</p>" },
];
