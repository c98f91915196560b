"""Whoever decodes pictures says by which settings: nowhere is a photo read by what merely is usual."""

import ast

from tests.test_floors import REPOSITORY, module_of, tree_of

TYPE = "PictureSettings"
# Who may leave them out, and why.
REASONED = {
    ("core/cli/train_command.py", "Places"): "the settings of the run that is trained take their place",
    ("pages/components/asking/feedback_controls.py", "inspect_photo"): "the feedback says them, as it calls it",
}


def files(*rooms):
    return [file for room in rooms for file in sorted((REPOSITORY / room).rglob("*.py"))]


def takers():
    """By (module, name) of functions, classes and "Class.method" that can go without settings: position and keyword."""
    found = {}
    for file in files("core"):
        for node in tree_of(file).body:
            if isinstance(node, ast.FunctionDef):
                found |= {(module_of(file), node.name): place for place in [place_in(node.args)] if place}
            if isinstance(node, ast.ClassDef):
                found |= {(module_of(file), name): place for name, place in of_class(node)}
    return found


def of_class(node):
    fields = [each for each in node.body if isinstance(each, ast.AnnAssign)]
    for at, field in enumerate(fields):
        if ast.unparse(field.annotation) == TYPE and field.value is not None:
            yield node.name, (at, field.target.id)
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and (place := place_in(method.args)):
            name = node.name if method.name == "__init__" else f"{node.name}.{method.name}"
            yield name, (place[0] - 1, place[1])


def place_in(arguments):
    optional = arguments.args[len(arguments.args) - len(arguments.defaults) :]
    for at, argument in enumerate(arguments.args):
        if argument in optional and argument.annotation is not None and ast.unparse(argument.annotation) == TYPE:
            return at, argument.arg
    return None


def left_out(tree, module, known):
    """Line and name wherever one of them is used without settings, called or handed on."""
    here = {name: place for (where, name), place in known.items() if where == module}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            here |= {
                alias.asname or alias.name: known[key]
                for alias in node.names
                if (key := (node.module, alias.name)) in known
            }
            names = {alias.name for alias in node.names}
            here |= {
                name: place
                for (where, name), place in known.items()
                if where == node.module and name.split(".")[0] in names
            }
    said = set()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        target, arguments = call.func, call.args
        if ast.unparse(target) == "partial" or getattr(target, "attr", "") == "call":  # the latter of `Decoders`
            target, arguments = call.args[0], call.args[1:]
        name = ast.unparse(target)
        if name in here:
            said.add(id(target))
            at, keyword = here[name]
            by_position = len(arguments) > at and not any(isinstance(each, ast.Starred) for each in arguments)
            if not by_position and keyword not in {each.arg for each in call.keywords}:
                yield call.lineno, name
    for node in ast.walk(tree):
        handed_on = isinstance(node, ast.Call) and [each for each in node.args if isinstance(each, ast.Name)]
        for each in handed_on or []:
            if each.id in here and id(each) not in said and "." not in each.id:
                yield each.lineno, each.id


def test_the_decoder_and_all_that_decodes_can_be_told():
    known = takers()
    for name in ("open_photo", "pixels_or_error", "read_pixels", "decoded"):
        assert ("core.photos.decoding", name) in known
    assert ("core.engine.engine", "Engine") in known
    assert ("core.training.rows", "DecodedPhotos") in known
    assert ("core.runs.run", "Run.create") in known


def test_nobody_decodes_without_settings():
    known, found = takers(), []
    for file in files("core", "pages"):
        place = file.relative_to(REPOSITORY).as_posix()
        for line, name in left_out(tree_of(file), module_of(file), known):
            if (place, name) not in REASONED:
                found.append(f"{place}:{line} {name}")
    assert found == []


def test_a_call_without_them_is_found():
    code = """
from core.photos.decoding import open_photo, pixels_or_error
from core.engine.engine import Engine
from core.runs.run import Run
open_photo(path, 3)
open_photo(path, 3, ours)
in_threads(partial(pixels_or_error, size=3), photos)
in_threads(partial(pixels_or_error, size=3, settings=ours), photos)
in_threads(open_photo, photos)
decoders().call(open_photo, path, 3)
decoders().call(open_photo, path, 3, ours)
Engine(path, "f32")
Run.create(folder, config, photos)
"""
    assert sorted(left_out(ast.parse(code), "core.somewhere", takers())) == [
        (5, "open_photo"),
        (7, "pixels_or_error"),
        (9, "open_photo"),
        (10, "open_photo"),
        (12, "Engine"),
        (13, "Run.create"),
    ]
