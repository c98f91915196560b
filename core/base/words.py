"""Numbers in plain words, the same on every page and on the command line."""


def counted(n: int, noun: str, plural: str | None = None) -> str:
    """ "1 photo", "2 photos", "12,000 photos"."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def storage(n_bytes: int) -> str:
    """Bytes as "12.3 MB" or "1.2 GB"; never as none."""
    return f"{n_bytes / 1e9:,.1f} GB" if n_bytes >= 1e9 else f"{max(n_bytes / 1e6, 0.1):,.1f} MB"


def duration(seconds: float) -> str:
    """ "4 seconds", "3 minutes", "1 h 20 min": as exact as a person waiting needs."""
    if seconds < 60:
        return counted(max(1, round(seconds)), "second")
    minutes = round(seconds / 60)
    if minutes < 60:
        return counted(minutes, "minute")
    return f"{minutes // 60} h {minutes % 60} min"


def decimal(value: float) -> str:
    """A number as people write it, to seven places: 0.00001, since 1e-05 is no plain word."""
    return f"{value:.7f}".rstrip("0").rstrip(".")


def percent(share: float) -> str:
    """A share 0..1 as "95 %"; never "100 %" for less than all, nor "0 %" for more than none."""
    shown = round(100 * share)
    if shown == 100 and share < 1:
        return "over 99 %"
    return "under 1 %" if shown == 0 and share > 0 else f"{shown} %"
