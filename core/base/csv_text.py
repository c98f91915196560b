"""Names in a CSV, such that no spreadsheet takes one for a formula."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_text(name: str) -> str:
    """A name with an apostrophe before it where a spreadsheet would take it for a formula (OWASP, "CSV Injection").

    Only for texts that users choose: numbers are written as numbers, so that -1 stays one.
    """
    return f"'{name}" if name.startswith(FORMULA_STARTS) else name
