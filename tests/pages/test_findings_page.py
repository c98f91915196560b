import shutil

import numpy as np
import pytest
from PIL import Image

from core.base.events import PHASE
from core.checks import findings
from core.checks.findings import ALIKE, WARNING, Finding
from core.projects.alike import COPIES, answer_of
from core.projects.imports import ImportFolder
from tests.pages.screen import as_seen, ask_gallery, button, galleries, gallery

SHARP = {"cross": 6, "disc": 6}


def grainy(seed, size=(120, 90)):
    """A sharp picture that is like no other."""
    tiles = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), np.uint8)
    return Image.fromarray(tiles).resize(size, Image.Resampling.NEAREST)


def titles(app):
    return [each.value.split(": ", 1)[1] for each in app.subheader]


def kept(project):
    return {photo.name: photo.kept for photo in project.photos() if photo.kept}


def aside(project):
    return {photo.name: photo.set_aside for photo in project.photos_set_aside()}


def ask(app, number, do, *names, title, value=""):
    """Do something with the photos whose names end so, in the gallery with this title."""
    seen = as_seen(app, *names, title=title)
    return ask_gallery(app, {"n": number, "do": do, "photos": seen, "value": value}, title=title)


@pytest.fixture
def folder(tmp_path):
    """Six sharp photos of each of two classes, all different."""
    seed = 0
    for label, n in SHARP.items():
        (tmp_path / "in" / label).mkdir(parents=True)
        for i in range(n):
            grainy(seed).save(tmp_path / "in" / label / f"{i}.png")
            seed += 1
    return tmp_path / "in"


@pytest.fixture
def bring(workspace, folder, import_more):
    """Makes the folder a project."""

    def make():
        made = workspace.create("Shapes")
        import_more(made, folder)
        return made

    return make


def test_without_photos_it_shows_the_way_to_them(workspace, open_page):
    workspace.create("Empty")
    app = open_page("findings")
    assert "nothing to check before photos are brought in" in app.info[0].value
    assert [link.proto.label for link in app.get("page_link")] == ["Go to the photos"]


def test_while_photos_come_in_it_waits(bring, open_page):
    project = bring()
    this = ImportFolder.create(project)
    with this.job.alive_lock():
        this.job.event_log().write(PHASE, name="importing", words="")
        app = open_page("findings")
        assert "nothing to check" in app.info[0].value
        assert titles(app) == []


def test_photos_without_fault_leave_nothing_to_mend_and_the_way_to_explore(bring, open_page):
    bring()
    app = open_page("findings")
    assert app.success[0].value == "Nothing to mend."
    assert titles(app) == []
    assert [each.proto.type for each in app.button] == ["primary"]
    assert button(app, "Go on to Explore")


def test_a_kind_is_kept_with_one_click_and_comes_back_with_undo(folder, bring, open_page, words):
    for name, level in (("night", 5), ("dusk", 12)):
        shade = np.random.default_rng(level).integers(0, level, (90, 120, 3), np.uint8)
        Image.fromarray(shade).save(folder / "cross" / f"{name}.png")
    project = bring()
    app = open_page("findings")
    assert "2 nearly black photos" in titles(app)
    assert "2 photos are nearly black: there is little in it to learn from." in words(app).replace("\\", "")
    button(app, "Keep all 2").click().run()
    assert kept(project) == {"cross/night.png": "very-dark", "cross/dusk.png": "very-dark"}
    assert "nearly black" not in " ".join(titles(app))
    assert "Last change: Decided to keep 2 photos." in words(app)
    button(app, "Undo").click().run()
    assert kept(project) == {}
    assert "2 nearly black photos" in titles(app)
    assert "Undone: Decided to keep 2 photos." in words(app)


def test_the_selected_photos_alone_are_set_aside_or_moved(folder, bring, open_page):
    for i in range(3):
        grainy(100 + i, (60, 60)).save(folder / "cross" / f"tiny {i}.png")
    project = bring()
    app = open_page("findings")
    assert titles(app) == ["3 very small photos"]
    ask(app, 1, "aside", "tiny 1.png", title="3 very small photos")
    assert aside(project) == {"cross/tiny 1.png": "very small"}
    assert titles(app) == ["2 very small photos"]
    ask(app, 2, "move", "tiny 0.png", title="2 very small photos", value="disc")
    assert {photo.name: photo.label for photo in project.photos() if "tiny" in photo.name} == {
        "cross/tiny 0.png": "disc",
        "cross/tiny 2.png": "cross",
    }
    assert titles(app) == ["2 very small photos"]  # in whatever class, they are small
    ask(app, 3, "keep", "tiny 2.png", title="2 very small photos")
    assert kept(project) == {"cross/tiny 2.png": "very-small"}
    assert titles(app) == ["1 very small photo"]
    assert button(app, "Keep it")
    last = gallery(app)["last"]
    assert last["what"] == "Decided to keep 1 photo"
    ask_gallery(app, {"n": 4, "do": "undo", "photos": [], "edit": last["id"]})
    assert titles(app) == ["2 very small photos"]
    button(app, "Set aside all 2").click().run()
    assert titles(app) == []
    assert app.success[0].value == "Nothing to mend."


def test_many_photos_come_page_by_page_and_one_click_means_all_of_them(folder, bring, open_page):
    for i in range(52):
        grainy(100 + i, (60, 60)).save(folder / "cross" / f"tiny {i:02}.png")
    project = bring()
    app = open_page("findings")
    assert len(gallery(app)["photos"]) == 52
    ask_gallery(app, {"n": 1, "do": "page", "value": "2 of 50"})
    assert [photo["name"] for photo in gallery(app)["photos"]] == ["cross/tiny 50.png", "cross/tiny 51.png"]
    button(app, "Keep all 52").click().run()
    assert len(kept(project)) == 52


def test_of_all_groups_of_copies_one_each_stays_and_a_single_undo_brings_all_back(folder, bring, open_page, words):
    for i in range(12):
        grainy(100 + i).save(folder / "cross" / f"large {i}.png")
        grainy(100 + i).resize((100, 75)).save(folder / "cross" / f"small {i}.png")
    project = bring()
    before = project.photos()
    app = open_page("findings")
    assert titles(app) == ["12 groups of near-copies"]
    shown = gallery(app)
    assert [photo["group"] for photo in shown["photos"]][:4] == ["Group 1: 2 photos"] * 2 + ["Group 2: 2 photos"] * 2
    assert [each["words"] for each in shown["actions"]][:3] == ["Set aside all but one", "Keep the group", "Set aside"]
    button(app, "Set aside all but one of each").click().run()
    assert aside(project) == {f"cross/small {i}.png": "nearly the same as another photo" for i in range(12)}
    assert titles(app) == []
    assert "Last change: Set aside 12 photos." in words(app)
    button(app, "Undo").click().run()
    assert project.photos() == before
    assert titles(app) == ["12 groups of near-copies"]


def test_a_group_can_be_mended_alone_by_its_best_its_selected_photos_or_not_at_all(folder, bring, open_page):
    for i in range(4):
        for name in ("one", "two", "three"):
            grainy(100 + i).save(folder / "cross" / f"{i} {name}.png")
    project = bring()
    app = open_page("findings")
    assert titles(app) == ["4 photos that came more than once"]
    ask(app, 1, "one", "0 two.png", title="4 photos that came more than once")
    first = sorted(photo.name for photo in project.photos() if photo.name.startswith("cross/0 "))
    assert len(first) == 1
    assert aside(project).keys() == {f"cross/0 {name}.png" for name in ("one", "two", "three")} - set(first)
    assert set(aside(project).values()) == {"a copy of another photo"}
    ask(app, 2, "aside", "1 two.png", title="3 photos that came more than once")
    assert aside(project)["cross/1 two.png"] == "a copy of another photo"
    assert titles(app) == ["3 photos that came more than once"]  # two of that group are left
    ask(app, 3, "keep", "2 one.png", title="3 photos that came more than once")
    assert titles(app) == ["2 photos that came more than once"]
    assert kept(project) == {f"cross/2 {name}.png": "exact-copies" for name in ("one", "two", "three")}
    button(app, "Keep all 2 groups").click().run()
    assert titles(app) == []


def test_photos_that_look_alike_are_answered_by_group(folder, bring, open_page, words, monkeypatch):
    project = bring()
    ids = [photo.id for photo in project.photos()]
    groups = [Finding(ALIKE, WARNING, group, "", "", ("cross",)) for group in (ids[:3], ids[3:6])]
    monkeypatch.setattr(findings, "find_in_project", lambda project: {ALIKE: groups})
    app = open_page("findings")
    ask(app, 1, "copies", "cross/1.png", title="2 groups of photos that look alike")
    said = {photo.id: answer_of(photo.kept) for photo in project.photos()}
    assert {photo for photo, answer in said.items() if answer} == set(ids[:3])
    assert set(said.values()) == {COPIES, ""}
    ask(app, 2, "different", "cross/4.png", title="2 groups of photos that look alike")
    assert "You said: 3 photos are copies or bursts, 3 photos only look alike." in words(app)
    ask(app, 3, "aside", "cross/4.png", title="2 groups of photos that look alike")
    assert aside(project) == {"cross/4.png": "you set it aside"}


def test_a_photo_in_two_classes_stays_where_the_user_says(folder, bring, open_page):
    for i in range(3):
        shutil.copy(folder / "cross" / f"{i}.png", folder / "disc" / f"again {i}.png")
    project = bring()
    app = open_page("findings")
    assert titles(app) == ["3 photos in several classes"]
    title = "3 photos in several classes"
    assert [photo["label"] for photo in gallery(app)["photos"]] == ["cross", "disc"] * 3
    ask(app, 1, "here", "/0.png", "again 1.png", title=title)
    assert len(aside(project)) == 2
    ask_gallery(app, {"n": 2, "do": "undo", "photos": [], "edit": gallery(app)["last"]["id"]})
    ask(app, 3, "here", "cross/0.png", "again 0.png", title=title)
    assert gallery(app)["done"]["said"][-1]["words"].startswith("Photos of two classes are selected.")
    assert aside(project) == {}
    ask(app, 4, "here", "cross/0.png", title=title)
    assert aside(project) == {"disc/again 0.png": "the same photo is in another class"}
    everything = button(app, "Set the others aside")
    assert everything.disabled
    key = f"findings_{project.id}_same-photo-in-two-classes_label"
    app.selectbox(key=key).set_value("disc").run()
    button(app, "Set the others aside").click().run()
    assert set(aside(project)) == {"disc/again 0.png", "cross/1.png", "cross/2.png"}
    assert titles(app) == []
    button(app, "Undo").click().run()
    assert set(aside(project)) == {"disc/again 0.png"}


def test_classes_written_alike_are_merged_or_kept_apart(folder, bring, open_page, words):
    (folder / "Cross ").mkdir()
    for i in range(5):
        grainy(100 + i).save(folder / "Cross " / f"{i}.png")
    project = bring()
    app = open_page("findings")
    assert titles(app) == ["1 class name with two spellings"]
    button(app, "Merge into cross").click().run()
    assert project.class_counts() == {"cross": 11, "disc": 6}
    assert "Last change: Merged Cross into cross (5 photos)." in words(app)
    button(app, "Undo").click().run()
    button(app, "Keep them apart").click().run()
    assert set(kept(project).values()) == {"class-twins"}
    assert len(kept(project)) == 11
    assert titles(app) == []


def test_a_class_on_a_background_of_its_own_is_shown_with_its_photos(folder, bring, open_page, words):
    (folder / "star").mkdir()
    for i in range(6):
        page = Image.new("RGB", (120, 90), "white")
        page.paste(grainy(100 + i, (50, 50)), (30, 20))
        page.save(folder / "star" / f"{i}.png")
    project = bring()
    app = open_page("findings")
    assert titles(app) == ["1 class with a background of its own"]
    assert "Only star is mostly white" in words(app)
    assert [photo["label"] for photo in gallery(app)["photos"]] == ["star"] * 6
    button(app, "Keep them").click().run()
    assert kept(project) == {f"star/{i}.png": "one-background" for i in range(6)}
    assert titles(app) == []


def test_names_of_classes_and_files_are_shown_as_they_are(folder, bring, open_page, words):
    wild = "*a* [b](c) :red[x]"
    (folder / wild).mkdir()
    for i in range(5):
        grainy(100 + i).save(folder / wild / f"{i}.png")
    (folder / wild.upper()).mkdir()
    for i in range(5):
        grainy(200 + i).save(folder / wild.upper() / f"{i}.png")
    shutil.copy(folder / "cross" / "0.png", folder / wild / "`x`.png")
    bring()
    app = open_page("findings")
    said = words(app) + " ".join(each.label for each in app.button)
    assert r"Merge into \*a\* \[b\](c) \:red\[x\]" in said
    shown = [photo for each in galleries(app) for photo in each["photos"]]
    assert (f"{wild}/`x`.png", wild) in [(photo["name"], photo["label"]) for photo in shown]
    assert wild not in said


def test_an_error_is_said_in_words_and_the_finding_stays(folder, bring, open_page, make_run):
    grainy(100, (60, 60)).save(folder / "cross" / "tiny.png")
    project = bring()
    run = make_run(project)
    with run.job.alive_lock():
        run.job.event_log().write(PHASE, name="features", words="")
        app = open_page("findings")
        button(app, "Set it aside").click().run()
    assert app.error[0].value.startswith("A training is reading these photos.")
    assert titles(app) == ["1 very small photo"]
    assert aside(project) == {}
