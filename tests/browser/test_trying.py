"""The ways to ask a trained run, as only a browser has them: the live webcam, the clipboard, a photo after another."""

import base64
import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from core.feedback.folder import feedback_of
from tests.browser.steps import upload

pytestmark = pytest.mark.slow

PASTE = """data => {
    const bytes = Uint8Array.from(atob(data), each => each.charCodeAt(0));
    const clipboard = new DataTransfer();
    if (bytes.length) clipboard.items.add(new File([bytes], "image.png", { type: "image/png" }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: clipboard, bubbles: true }));
}"""
ANSWER = "(document.querySelector('.js-plotly-plot')?.data?.[0]?.x?.join() ?? null)"
PICTURE = "Number(document.body.innerText.match(/Picture ([0-9]+)[.]/)[1])"  # how many were answered live so far
TRACKS = "document.querySelector('video')?.srcObject?.getTracks().map(track => track.readyState).join()"


@pytest.fixture(scope="module")
def server(shared_server):
    return shared_server


def frame_with(page, selector):
    """The frame of one of our own components."""
    page.frame_locator("iframe").locator(selector).wait_for()
    return next(frame for frame in page.frames[1:] if frame.query_selector(selector))


def test_live_the_answer_follows_the_webcam_until_it_is_switched_off(try_it):
    try_it.get_by_role("tab", name="Webcam").click()
    try_it.get_by_text("Live", exact=True).click()
    for _ in range(3):  # the test picture moves, and the answer with it
        try_it.wait_for_function(f"{ANSWER} !== null")
        before, number = try_it.evaluate(ANSWER), try_it.evaluate(PICTURE)
        try_it.wait_for_function(f"before => ![null, before].includes({ANSWER})", arg=before)
        try_it.wait_for_function(f"number => {PICTURE} > number", arg=number)
    frame = frame_with(try_it, "video")
    assert frame.evaluate(TRACKS) == "live"
    try_it.get_by_text("Off", exact=True).click()
    try_it.locator("iframe").wait_for(state="detached")
    assert try_it.get_by_text("None of them is kept").count() == 0


@pytest.mark.endurance
def test_live_ends_when_another_tab_or_page_is_opened(try_it, fruit_project):
    try_it.get_by_role("tab", name="Webcam").click()
    try_it.get_by_text("Live", exact=True).click()
    try_it.get_by_text("None of them is kept.").wait_for()
    try_it.get_by_role("tab", name="Photos").click()
    try_it.locator("iframe").wait_for(state="detached")
    try_it.get_by_role("tab", name="Webcam").click()
    try_it.get_by_text("Live", exact=True).click()  # it is off again: nobody is filmed without having asked for it
    try_it.locator("iframe").wait_for()
    try_it.get_by_role("link", name="5 Results").click()
    try_it.get_by_role("heading", name="Results", exact=True).wait_for()
    assert try_it.locator("iframe").count() == 0


@pytest.mark.endurance
def test_single_photos_of_the_webcam_are_kept_until_they_are_let_go(try_it):
    try_it.get_by_role("tab", name="Webcam").click()
    try_it.get_by_text("Single photos", exact=True).click()
    try_it.wait_for_function("document.querySelector('video')?.videoWidth > 0")
    try_it.get_by_role("button", name="Take Photo").click()
    try_it.get_by_text("What it looked at").wait_for()
    try_it.get_by_role("button", name="Let go of 1 photo taken").wait_for()
    try_it.get_by_role("tab", name="Photos").click()
    try_it.get_by_text("What it looked at").wait_for(state="detached")  # each tab has its own
    try_it.get_by_role("tab", name="Webcam").click()
    try_it.get_by_text("What it looked at").wait_for()
    try_it.get_by_role("button", name="Let go of 1 photo taken").click()
    try_it.get_by_text("What it looked at").wait_for(state="detached")


def test_a_pasted_picture_is_answered_and_what_is_no_picture_is_said(try_it, fruit):
    photo = sorted((fruit / "test" / "banana").iterdir())[0]
    data = io.BytesIO()
    Image.open(photo).save(data, "PNG")
    try_it.get_by_role("tab", name="Paste").click()
    frame = frame_with(try_it, "#target")
    frame.evaluate(PASTE, "")
    frame.get_by_text("There is no picture in the clipboard.").wait_for()
    for number in (1, 2):
        frame.evaluate(PASTE, base64.b64encode(data.getvalue()).decode())
        try_it.get_by_text(f"pasted {number}.png").first.wait_for()
    try_it.get_by_role("option").nth(1).wait_for()  # the first, after the newest
    assert frame.get_by_text("There is no picture in the clipboard.").count() == 0
    frame.evaluate(PASTE, base64.b64encode(b"no picture at all").decode())
    try_it.get_by_text("pasted 3.png can't be used: not an image").wait_for()


def test_the_photos_asked_about_are_in_the_gallery_with_their_originals(try_it, fruit_project, fruit):
    photos = sorted((fruit / "test" / "apple").iterdir())[:5]
    upload(try_it.locator("input[type=file]").first, [str(path) for path in photos])
    shown = try_it.get_by_role("listbox", name="Photos asked about").get_by_role("option")
    shown.nth(4).wait_for()
    at_rest = "[data-testid=stApp][data-test-script-state=notRunning]"
    try_it.locator(at_rest).wait_for()
    shown.nth(0).click()
    expect(shown.nth(0)).to_have_attribute("aria-label", re.compile(f"^{re.escape(photos[4].name)}"))  # newest first
    try_it.keyboard.press("Space")
    viewer = try_it.get_by_role("dialog", name="Photo")
    for photo in photos[::-1]:
        viewer.get_by_role("heading", name=photo.name).wait_for()
        picture = viewer.locator(".stage img")
        expect(picture).to_have_attribute("src", re.compile("/lent/.+/large"))
        with Image.open(photo) as original:
            assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [*original.size]
        try_it.keyboard.press("ArrowRight")
    try_it.keyboard.press("2")
    viewer.get_by_text("You said that 1 photo shows banana; it waits on Feedback.").wait_for()
    expect(viewer.get_by_role("button", name="2 banana")).to_have_attribute("aria-pressed", "true")
    (said,) = feedback_of(fruit_project).all().values()
    assert (said.name, said.label) == (photos[0].name, "banana")
    try_it.keyboard.press("i")  # the viewer makes way
    closer = try_it.get_by_role("dialog", name="One photo")
    closer.get_by_text("What it looked at").first.click()  # until drawn anew there are two
    closer.get_by_text("(Grad-CAM)").wait_for()
