"""Names and sentences in texts that Streamlit reads as Markdown."""

import re

# Backslashes stop Markdown, but not what Streamlit replaces in the text that is left: icons, smileys, arrows,
# addresses. Those are broken by a character that takes no room.
JOINER = "\N{WORD JOINER}"
REPLACED = re.compile(
    r":(?=material[/_]\w|[\w+-]+:)"  # icons and smileys: :material/lock: :streamlit: :heart:
    r"|(?<!\S)[-<>~](?=[-=>]{1,2}(?!\S))"  # arrows, dashes and relations: -> <-> <- -- >= <= ~=
    r"|https?:(?=//)|www(?=\.)|@(?=\w)",  # addresses, which would become links
    re.IGNORECASE,
)
BREAKS = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")


def plain(text: str) -> str:
    """A name, or a sentence that has names in it, as Markdown of one line that shows it as it is."""
    text = REPLACED.sub(lambda found: found[0] + JOINER, BREAKS.sub(" ", text))
    text = re.sub(r"([\\`*_{}\[\]#|~$<>&]|:(?!\s))", r"\\\1", text)
    return _with_firm_ends(re.sub(r"^(\s*)([-+=]|\d+(?=[.)](?:\s|$)))", _not_a_list, text))


def _with_firm_ends(text: str) -> str:
    """Spaces at the ends kept from being taken for the end of a line: "**name **" would not be bold."""
    before, after = (JOINER if text[at : at + 1 or None].isspace() else "" for at in (0, -1))
    return f"{before}{text}{after}"


def _not_a_list(found: re.Match[str]) -> str:
    space, begins = found.groups()
    return f"{space}{begins}\\" if begins.isdigit() else f"{space}\\{begins}"
