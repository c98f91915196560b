"""The web process decodes no photo itself: one with which a decoder aborts costs that photo, in each tab and viewer."""

import hashlib
from pathlib import Path

import pytest
import streamlit as st

from core.photos.apart.children import ENDED
from core.photos.apart.decoders import REASONS
from core.runs.predictor import Predictor
from core.runs.run import list_runs
from pages.components.pictures import apart
from tests.core.photos.apart.deeds import ABORTS
from tests.pages.components.test_picture_addresses import get


@pytest.fixture
def bad_decoders(bad_decoder):
    """This server's processes, started anew with such a decoder."""
    st.cache_resource.clear()  # models that are kept there hold the processes that they ask
    yield apart.decoders()
    apart.decoders().close()
    st.cache_resource.clear()


def test_a_photo_that_ends_its_decoder_is_named_on_try_it_and_others_get_answers(
    trained, open_page, words, bad_decoders
):
    run = list_runs(trained.runs_folder)[0]
    data = Path(run.photos()[0].path).read_bytes()
    expected = Predictor(run).predict([data])[0]
    app = open_page("try_it")
    app.file_uploader[0].upload("one.png", data).upload("two.jpg", data + ABORTS).run()
    assert not app.exception
    assert f"### {expected.label}" in words(app)
    assert f"two.jpg can't be used: {REASONS[ENDED]}." in words(app)


def test_a_photo_that_ends_its_decoder_in_the_viewer_is_answered_in_words(project, bad_decoders):
    first, second = project.photos()[:2]
    path = project.path(first)
    with project.database() as db:
        data = path.read_bytes() + ABORTS
        path.write_bytes(data)
        db.execute("update photos set sha256 = ? where id = ?", (hashlib.sha256(data).hexdigest(), first.id))
    status, _, body = get(f"/pictures/{project.id}/{first.id}/large")
    assert (status, body.decode()) == (422, REASONS[ENDED])
    assert get(f"/pictures/{project.id}/{second.id}/large")[0] == 200
