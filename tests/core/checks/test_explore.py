import io
import math
import sqlite3

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.checks.explore import colour_densities, extremes, overview, shapes, sizes, spread, typical_first
from core.photos.appearance import BINS, Appearance, appearance_of
from core.projects.project import Photo
from tests.importing import bring_folder

RED, GREEN, BLUE = range(3)


def add(project, label, images, set_aside=""):
    """Put pictures into the table as an import would, without files."""
    photos = [
        Photo(0, label, f"photos/{label}/{i}", f"{i}.png", f"{label} {i}", 1000, *image.size, "", set_aside, 0.0)
        for i, image in enumerate(images)
    ]
    project.add_rows(
        photos, {p.file: appearance_of(image, Image.Exif()) for p, image in zip(photos, images, strict=True)}
    )


def plain(colour, size=(40, 30)):
    return Image.new("RGB", size, colour)


def test_the_overview_has_one_row_per_usable_photo_with_its_numbers(project, tmp_path):
    encoded = io.BytesIO()
    plain((60, 60, 60), (1500, 1000)).save(encoded, "PNG")
    for label, name in (("b", "1.png"), ("a", "1.png"), ("a", "2.png")):
        (tmp_path / "photos" / label).mkdir(parents=True, exist_ok=True)
        data = encoded.getvalue() if name == "1.png" and label == "b" else None
        if data:
            (tmp_path / "photos" / label / name).write_bytes(data)
        else:
            plain((int(name[0]), 200, 200), (100, 200)).save(tmp_path / "photos" / label / name)
    (tmp_path / "photos" / "a" / "bad.jpg").write_text("no photo")
    bring_folder(project, tmp_path / "photos")

    table = overview(project)
    columns = ["label", "width", "height", "megapixels", "aspect", "bytes", "brightness", "sharpness"]
    assert list(table.columns) == columns
    assert sorted(table["label"]) == ["a", "a", "b"]
    large = table[table["label"] == "b"].iloc[0]
    assert (large["width"], large["height"], large["megapixels"], large["aspect"]) == (1500, 1000, 1.5, 1.5)
    assert (large["bytes"], large["brightness"], large["sharpness"]) == (len(encoded.getvalue()), 60, 0)


def test_a_photo_without_a_known_look_counts_and_has_no_brightness(project):
    add(project, "a", [plain("white")])
    project.add_rows([Photo(0, "b", "photos/b/1", "1", "1", 10, 20, 30, "", "", 0.0)])
    table = overview(project)
    assert list(table["label"]) == ["a", "b"]
    assert table["brightness"].tolist()[0] == 255
    assert math.isnan(table["brightness"].tolist()[1])
    assert list(spread(table, "brightness").index) == ["a"]
    assert list(colour_densities(project)) == ["a"]
    assert typical_first(project, "b") == []


def test_an_empty_project_gives_empty_tables(project):
    table = overview(project)
    assert len(table) == len(spread(table, "brightness")) == len(shapes(table)) == 0
    assert len(sizes(table, 10)[0]) == 0
    assert colour_densities(project) == {}


def test_the_colours_of_an_all_red_class_lie_at_full_red_and_no_green_or_blue(project):
    add(project, "red", [plain((255, 0, 0))] * 3)
    add(project, "set aside", [plain((0, 255, 0))], set_aside="by you")
    densities = colour_densities(project)
    assert list(densities) == ["red"]
    assert densities["red"].shape == (3, 256)
    assert densities["red"].argmax(1).tolist() == [255, 0, 0]
    assert densities["red"].sum(1) == pytest.approx([1, 1, 1], abs=1e-3)
    assert densities["red"][RED, :200].sum() < 1e-3
    assert densities["red"][GREEN] == pytest.approx(densities["red"][RED, ::-1], abs=1e-9)


def test_an_even_spread_of_colours_gives_a_flat_density_up_to_both_ends(project):
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(8, axis=0)
    add(project, "ramp", [Image.fromarray(ramp)])
    assert colour_densities(project)["ramp"] == pytest.approx(np.full((3, 256), 1 / 256), rel=0.01)


def test_the_density_has_a_hill_where_the_colour_is_and_the_width_of_the_kernel(project):
    add(project, "a", [plain((100, 100, 180))])
    density = colour_densities(project)["a"]
    level = np.arange(256)
    means = density @ level
    assert means == pytest.approx([99.5, 99.5, 179.5], abs=0.1)  # the middles of the bins 96..103 and 176..183
    assert math.sqrt(density[RED] @ (level - means[RED]) ** 2) == pytest.approx(8.3, abs=0.2)  # 8, and the bin's 2.3


def test_each_photo_counts_the_same_whatever_its_size(project):
    add(project, "a", [plain("black", (10, 10)), plain("white", (300, 200))])
    density = colour_densities(project)["a"][BLUE]
    assert density[:128].sum() == pytest.approx(0.5, abs=1e-3)


def test_the_odd_one_out_comes_last(project):
    reds = [plain((200 + 8 * i, 20, 20)) for i in (0, 0, 1, 0, 0)]
    add(project, "a", [*reds[:2], plain((20, 20, 220)), *reds[2:]])
    add(project, "b", [plain((20, 20, 220))])
    order = typical_first(project, "a")
    assert order[-1] == (3, "2.png")
    assert order[-2] == (4, "3.png")
    assert [name for _, name in order[:-2]] == ["0.png", "1.png", "4.png", "5.png"]


def test_equal_sizes_are_one_row_and_too_many_are_drawn_by_a_fixed_lot(project):
    add(project, "a", [plain("red", (40, 30))] * 2 + [plain("red", (50, i)) for i in range(20, 30)])
    add(project, "b", [plain("red", (40, 30))])
    table = overview(project)
    found, n = sizes(table, 100)
    assert (len(found), n) == (12, 12)
    same = found[(found["width"] == 40) & (found["height"] == 30)]
    assert dict(zip(same["label"], same["photos"], strict=True)) == {"a": 2, "b": 1}
    drawn, n = sizes(table, 5)
    assert (len(drawn), n) == (5, 12)
    assert drawn.equals(sizes(table, 5)[0])


def test_shapes_are_counted_around_the_usual_ones_and_extremes_at_the_ends(project):
    add(project, "a", [plain("red", size) for size in ((40, 40), (40, 30), (400, 300), (30, 20), (160, 90), (900, 2))])
    add(project, "b", [plain("red", size) for size in ((30, 40), (41, 40), (2, 900))])
    counted = {(round(octaves, 1), label): n for (octaves, label), n in shapes(overview(project)).stack().items() if n}
    assert counted == {
        **{(0.0, "a"): 1, (0.4, "a"): 2, (0.6, "a"): 1, (0.8, "a"): 1, (2.0, "a"): 1},
        **{(-0.4, "b"): 1, (0.0, "b"): 1, (-2.0, "b"): 1},
    }


def test_the_spread_holds_the_quantiles_of_each_class(project):
    add(project, "a", [plain((level, level, level)) for level in range(101)])
    add(project, "b", [plain("white")])
    found = spread(overview(project), "brightness")
    assert found.loc["a"].to_dict() == pytest.approx({"low": 5, "q1": 25, "median": 50, "q3": 75, "high": 95})
    assert set(found.loc["b"]) == {255}


def test_of_too_many_classes_the_lowest_and_the_highest_are_kept_in_their_order():
    numbers = pd.Series({"a": 5, "b": 1, "c": 9, "d": 4, "e": 7})
    assert extremes(numbers, 5) == ["a", "b", "c", "d", "e"]
    assert extremes(numbers, 4) == ["b", "c", "d", "e"]
    assert extremes(numbers, 3) == ["b", "c", "e"]


def test_ten_thousand_photos_cost_a_query_each_time_and_an_unpacking_for_each_class(project, monkeypatch):
    rng = np.random.default_rng(5)
    colours = rng.dirichlet(np.ones(BINS), (10_000, 3)).astype(np.float16)
    photos = [
        Photo(0, f"{i % 7}", f"photos/{i}", f"{i}", f"{i}", 1000, 100 + i % 90, 90, "", "", 0.0) for i in range(10_000)
    ]
    project.add_rows(
        photos, {p.file: Appearance(b"", None, 9.0, 1.0, c.tobytes()) for p, c in zip(photos, colours, strict=True)}
    )
    queries, unpacked, connect, frombuffer = [], [], sqlite3.connect, np.frombuffer

    def asked(query):
        if query.startswith("select") and "sqlite_master" not in query:  # by which each connection looks at its file
            queries.append(query)

    def connected(*place, **how):
        db = connect(*place, **how)
        db.set_trace_callback(asked)
        return db

    monkeypatch.setattr(sqlite3, "connect", connected)
    monkeypatch.setattr(np, "frombuffer", lambda *what: unpacked.append(what) or frombuffer(*what))
    table, densities = overview(project), colour_densities(project)
    order = typical_first(project, "3")
    assert (len(queries), len(unpacked)) == (3, 7 + 2)  # not one for each photo: 0.05 s in all
    assert (len(table), len(densities), len(order)) == (10_000, 7, 1429)
    assert densities["3"] == pytest.approx(np.full((3, 256), 1 / 256), rel=0.15)
