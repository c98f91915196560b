import shlex
from pathlib import Path

from core.server.address import PORT, curl_line, serve_line


def test_the_line_names_the_run_whatever_its_folder_is_called():
    for name in ("plain", "two words", "it's", 'a "b"', "$HOME;ls", "äpfel"):
        words = shlex.split(serve_line(Path("/runs") / name, windows=False))
        assert words == ["python", "-m", "core", "serve", str(Path("/runs") / name)]


def test_windows_quotes_in_its_own_way():
    assert serve_line(Path("two words"), windows=True) == 'python -m core serve "two words"'
    assert curl_line(windows=True).startswith("curl.exe -F ")
    assert shlex.split(curl_line(windows=False)) == [
        "curl",
        "-F",
        "photos=@photo.jpg",
        f"http://127.0.0.1:{PORT}/predict",
    ]
