"""Names as Markdown that shows them as they are. What a browser makes of it, tests/browser/flow/test_names.py sees."""

import pytest

from pages.components.shared.markdown import JOINER, plain


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("apple 3.jpg", "apple 3.jpg"),
        ("![x](a.png)", r"!\[x\](a.png)"),
        ("$a^2$ <b> *i* `c` ~s~ #h |t| {d} a&b", r"\$a^2\$ \<b\> \*i\* \`c\` \~s\~ \#h \|t\| \{d\} a\&b"),
        ("back\\slash", r"back\\slash"),
        (":red[x] at 12:30: yes", rf"\:red\[x\] at 12\:{JOINER}30: yes"),
        ("- apple", r"\- apple"),
        ("1. apple", r"1\. apple"),
        ("1.5 kg, 2) or so", "1.5 kg, 2) or so"),
        ("two\n\n    lines", "two lines"),
        (":material/lock: :streamlit:", rf"\:{JOINER}material/lock: \:{JOINER}streamlit\:"),
        ("a :sunglasses: b", rf"a \:{JOINER}sunglasses: b"),
        ("name ", f"name {JOINER}"),
        ("a -> b, c -- d", rf"a -{JOINER}\> b, c -{JOINER}- d"),
        ("http://a.de www.a.de me@a.de", rf"http\:{JOINER}//a.de www{JOINER}.a.de me@{JOINER}a.de"),
    ],
)
def test_what_would_be_read_as_markdown_is_escaped(name, written):
    assert plain(name) == written
