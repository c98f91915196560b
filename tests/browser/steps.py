"""What a user does in many of these tests."""

from pathlib import Path

from playwright.sync_api import Locator, Page, TimeoutError

UPLOADS = "**/_stcore/upload_file/**"
A_WHILE = 20_000  # ms, in which a browser begins to send
MANY_FILES = 240_000  # ms: a browser sends hundreds of files one by one, beside another test on two processors


def create_project(page: Page, title: str) -> None:
    """From the first page to the empty project's Photos."""
    page.get_by_label("What will it tell apart?").fill(title)
    page.get_by_role("button", name="New project with your own folder").click()
    page.get_by_role("heading", name="Photos", exact=True).wait_for()


def upload(uploader: Locator, files: str | list[str]) -> None:
    """Give files to an uploader once the page is at rest: one that is drawn anew meanwhile loses what it was given.

    If nothing is sent they are given once more, as a person does who sees that nothing happens.
    """
    uploader.page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    try:
        with uploader.page.expect_request(UPLOADS, timeout=A_WHILE):
            uploader.set_input_files(files)
    except TimeoutError:
        uploader.set_input_files(files)


def upload_folder(page: Page, folder: Path, came: str = "photos added in") -> None:
    """Bring a folder in as it is read and wait for the words that tell what came."""
    upload(page.locator("input[type=file][webkitdirectory]").first, str(folder))
    page.get_by_role("button", name="Bring them in").click(timeout=MANY_FILES)
    page.get_by_text(came).wait_for(timeout=MANY_FILES)


def go_to(page: Page, name: str, heading: str) -> None:
    """By a link of the side bar."""
    page.get_by_role("link", name=name).click()
    page.get_by_role("heading", name=heading, exact=True).wait_for()
