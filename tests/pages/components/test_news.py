import json

from core.projects.imports import imports

ADDED = "20 photos added in"


def seen(project):
    (this,) = imports(project)
    return this.folder / "seen.json"


def test_good_news_is_gone_once_the_user_has_been_elsewhere(project, open_page, words):
    app = open_page("photos")
    assert ADDED in words(app)
    assert ADDED in words(app.run())  # what a page draws unasked takes nothing away
    app.switch_page("pages/explore.py").run()
    assert ADDED not in words(app.switch_page("pages/photos.py").run())
    assert ADDED not in words(open_page("photos"))  # nor is it news in another tab


def test_good_news_is_gone_after_a_while(project, open_page, words):
    app = open_page("photos")
    note, events = seen(project), imports(project)[0].folder / "events.jsonl"
    events.write_text("".join(json.dumps({**json.loads(line), "time": 0.0}) + "\n" for line in events.open()))
    note.write_text(json.dumps({"at": json.loads(note.read_text())["at"] - 60}))
    assert ADDED not in words(app.run())


def test_a_damaged_note_of_what_was_seen_costs_nothing(project, open_page, words):
    seen(project).write_text("{")
    assert ADDED in words(open_page("photos"))


def test_what_was_not_taken_stays_until_the_next_import(project, tmp_path, import_more, open_page, words):
    (tmp_path / "more" / "disc").mkdir(parents=True)
    (tmp_path / "more" / "disc" / "notes.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "more" / "disc" / "a.png").write_bytes(project.path(project.photos("disc")[0]).read_bytes()[:-1] + b"x")
    import_more(project, tmp_path / "more")
    app = open_page("photos")
    app.switch_page("pages/explore.py").run()
    app.switch_page("pages/photos.py").run()
    assert "added in" not in words(app)
    assert [each.label for each in app.expander if "not taken" in each.label] == ["1 file not taken"]
