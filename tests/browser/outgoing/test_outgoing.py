"""What the other tests in the browser rely on: whoever asks something of another computer is seen and refused."""

import subprocess
import sys

import pytest

from tests.browser.outgoing.recorder import guarded, recording_proxy

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "asking",
    [
        "import urllib.request; urllib.request.urlopen('http://espalier.example/a')",
        "import socket; socket.create_connection(('192.0.2.1', 80), 1)",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
        "import socket; socket.create_connection(('2001:db8::1', 80), 1)",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', "
        "'import socket; socket.create_connection((\"192.0.2.1\", 80), 1)'], check=True)",
    ],
)
def test_a_process_that_asks_another_computer_is_refused_and_seen(asking, tmp_path):
    record = tmp_path / "outgoing.txt"
    asked = subprocess.run([sys.executable, "-c", asking], env=guarded(record), capture_output=True, text=True)
    assert asked.returncode == 1
    assert "is another computer" in asked.stderr
    assert record.read_text().startswith("socket.")


def test_a_process_may_talk_with_this_computer(tmp_path):
    talking = (
        "import socket\n"
        "with socket.create_server(('127.0.0.1', 0)) as server:\n"
        "    socket.create_connection(('localhost', server.getsockname()[1])).close()\n"
    )
    subprocess.run([sys.executable, "-c", talking], env=guarded(tmp_path / "outgoing.txt"), check=True)
    assert not (tmp_path / "outgoing.txt").exists()


def test_a_page_that_asks_another_computer_is_seen(launch):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, recording_proxy() as (proxy, asked):
        opened = launch(playwright, proxy)
        page = opened.new_page()
        page.set_content("<img src='http://espalier.example/a.png' onerror='this.alt = 1'>")
        page.wait_for_selector("img[alt='1']", state="attached")
        opened.close()
    assert asked == ["GET http://espalier.example/a.png"]
