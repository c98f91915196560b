import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.base.colours import COLOURS, class_colours
from core.projects.imports import FOLDER, ImportFolder, ImportRequest, run_import
from tests.pages.screen import as_seen, ask_gallery, charts, gallery


@pytest.fixture
def colourful(workspace, tmp_path, import_more):
    """A project of 5 classes; the first, "blue", has 60 photos."""
    made = workspace.create("Colourful")
    for label, colour, n in (("blue", (20, 20, 220), 60), *((name, (220, 220, 220), 8) for name in "wxyz")):
        (tmp_path / "many" / label).mkdir(parents=True)
        for i in range(n):
            Image.new("RGB", (40 + i, 30), tuple(part + i % 30 for part in colour)).save(
                tmp_path / "many" / label / f"{i}.png"
            )
    Image.new("RGB", (40, 33), (220, 20, 20)).save(tmp_path / "many" / "blue" / "5 odd.png")
    import_more(made, tmp_path / "many")
    return made


def test_without_a_project_the_page_points_to_the_projects(workspace, open_page, words):
    app = open_page("explore")
    assert "There is no project yet" in words(app)
    assert charts(app) == {}


def test_an_empty_project_points_to_the_photos(workspace, open_page, words):
    workspace.create("Empty")
    app = open_page("explore")
    assert "There are no photos yet. Add a folder with one folder per class." in words(app)
    assert [link.proto.page for link in app.get("page_link")] == ["photos"]
    assert charts(app) == {}
    assert list(app.button) == []


def test_every_chart_says_what_it_shows_and_names_its_axes(project, open_page, words):
    app = open_page("explore")
    assert "**20 photos** in **2 classes**, 120 × 90 pixels, 0.1 MB together." in words(app)
    shown = charts(app)
    axes = {
        title: (chart["layout"]["xaxis"]["title"]["text"], chart["layout"]["yaxis"].get("title", {}).get("text", ""))
        for title, chart in shown.items()
    }
    assert axes == {
        "How many photos each class has": ("photos", ""),
        "How bright the photos of each class are": ("mean brightness (0 = black, 255 = white)", ""),
        "How large the photos are": ("width in pixels", "height in pixels"),
        "How wide the photos are for their height": ("width : height (right of 1:1 is wider than high)", "photos"),
        "The colours of cross": ("level (0 = none, 255 = full)", "share of pixels per level"),
        "The colours of disc": ("level (0 = none, 255 = full)", "share of pixels per level"),
    }
    assert "the model may learn the light, not the thing" in words(app)
    assert [link.proto.page for link in app.get("page_link")] == ["findings"]


def test_the_charts_hold_the_numbers_of_the_project_in_the_colours_of_its_classes(project, open_page):
    shown = charts(open_page("explore"))
    (bars,) = shown["How many photos each class has"]["data"]
    colours = class_colours(["cross", "disc"])
    assert bars["y"] == ["cross", "disc"]
    assert bars["text"] == ["10", "10"]
    assert bars["marker"]["color"] == [colours["cross"], colours["disc"]]
    dots = shown["How large the photos are"]["data"]
    assert [(trace["type"], trace["name"], trace["customdata"]) for trace in dots] == [
        ("scattergl", "cross", ["cross: 10 photos"]),
        ("scattergl", "disc", ["disc: 10 photos"]),
    ]
    assert [trace["name"] for trace in shown["The colours of disc"]["data"]] == ["red", "green", "blue"]


def test_going_on_leads_to_training_only_when_the_photos_are_ready(project, workspace, tmp_path, open_page, words):
    app = open_page("explore")
    assert "Go on to Advice" in {button.label for button in app.button}
    single = workspace.create("Single")
    (tmp_path / "single").mkdir()
    (tmp_path / "photos" / "disc").rename(tmp_path / "single" / "disc")
    this = ImportFolder.create(single)
    this.write_request(ImportRequest(FOLDER, str(tmp_path / "single")))
    run_import(single, this, workers=1)
    app = open_page("explore")
    assert "There is only one class, disc" in words(app)
    assert "How large the photos are" in charts(app)  # what there is can be looked at
    assert "Go on to Advice" not in {button.label for button in app.button}


def test_of_many_classes_the_colours_of_a_few_are_drawn_until_others_are_chosen(colourful, open_page):
    app = open_page("explore")
    assert [title for title in charts(app) if title.startswith("The colours of")] == [
        f"The colours of {name}" for name in ("blue", "w", "x", "y")
    ]
    app.multiselect[0].set_value(["z"]).run()
    assert [title for title in charts(app) if title.startswith("The colours of")] == ["The colours of z"]
    app.multiselect[0].set_value([]).run()
    assert not app.exception


def test_the_contact_sheet_puts_the_odd_photo_first_and_another_class_on_a_key(colourful, open_page):
    def names(app):
        return [photo["name"].split("/")[-1] for photo in gallery(app)["photos"]]

    app = open_page("explore")
    assert len(names(app)) == 61
    app.selectbox(key=f"sheet_order_{colourful.id}").set_value("Oddest colours first").run()
    assert names(app)[0] == "5 odd.png"
    ask_gallery(app, {"n": 1, "do": "move", "photos": as_seen(app, "5 odd.png"), "value": "x"})
    assert "5 odd.png" not in names(app)
    assert gallery(app)["n"] == 60
    app.selectbox(key=f"sheet_class_{colourful.id}").set_value("x").run()
    assert "5 odd.png" in names(app)


def contrast(one, other):
    """The ratio of two colours' luminances as WCAG 2 defines it."""

    def luminance(colour):
        levels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_colours_after_the_first_eight_are_seen_on_both_themes():
    theme = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())["theme"]
    for colour in COLOURS[8:]:
        for background in (theme["light"]["backgroundColor"], theme["dark"]["backgroundColor"]):
            assert contrast(colour, background) >= 3, (colour, background)
    assert list(COLOURS[:8]) == theme["chartCategoricalColors"]
    assert len(COLOURS) == len(set(COLOURS))
