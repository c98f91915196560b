"""What the documents name is there: links, paths, modules and commands; and README's tree names every room of core."""

import re

import pytest

from core.cli.main import build_parser
from tests.test_floors import REPOSITORY, ROW, python_files

DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
PATH = re.compile(r"(?<![\w./~-])(?:core|pages|tests|docs|benchmarks|\.ci|\.streamlit)/[\w./*<>{},-]*")
FILE = re.compile(r"`(\w+\.py)`")  # without its folder: a file of ours is called so
MODULE = re.compile(r"(?<![\w./-])(?:core|pages|benchmarks)(?:\.\w+)+")
COMMAND = re.compile(r"python -m core ([a-z][\w-]*)")
PLACEHOLDER = re.compile(r"<\w[^>]*>|\{[^}]*\}")  # core/<room>/folder.py stands for one in each room
TREE_LINE = re.compile(r"( *)([\w./-]*[\w/])(?:  +\S|$)")
SUBFOLDERS_INDENTED = 8  # columns at most; what begins farther right is the rest of a phrase


def numbered(text):
    return enumerate(text.splitlines(), 1)


def relative(document):
    return document.relative_to(REPOSITORY).as_posix()


def slug(heading):
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-")


def stale_links(document):
    """Relative links that lead nowhere, also to a heading that is not there, each with its line."""
    for number, line in numbered(document.read_text(encoding="utf-8")):
        for target in LINK.findall(line):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            file = document.parent / path if path else document
            if not file.exists():
                yield f"{document.name}:{number} links to {target}: there is no such file"
            elif anchor and file.suffix == ".md":
                headings = re.findall(r"(?m)^#+ (.*)", file.read_text(encoding="utf-8"))
                if anchor not in map(slug, headings):
                    yield f"{document.name}:{number} links to {target}: there is no such heading"


def is_there(path):
    """Whether a path of the repository is there; with a placeholder or a star, one that fits; ".py" may be missing."""
    path = PLACEHOLDER.sub("*", path).rstrip("/")
    if "*" in path:
        return any(REPOSITORY.glob(path))
    return (REPOSITORY / path).exists() or (REPOSITORY / f"{path}.py").is_file()


def is_module(name):
    """Whether a dotted name begins with a module of ours: `core.jobs.kinds.Kind` does, `core.data.kinds` does not."""
    place = REPOSITORY
    for part in name.split("."):
        if (place / f"{part}.py").is_file():
            return True
        place /= part
        if not place.is_dir():
            return False
    return True


def stale_paths(document):
    """Paths, file names and modules that are not there, each with its line."""
    ours = [file for place in ("core", "pages", "tests", "benchmarks") for file in python_files(place)]
    files = {file.name for file in [*ours, *REPOSITORY.glob("*.py")]}
    for number, line in numbered(document.read_text(encoding="utf-8")):
        named = [(path, is_there(path)) for path in (found.rstrip(".,") for found in PATH.findall(line))]
        named += [(file, file in files) for file in FILE.findall(line)]
        named += [(module, is_module(module)) for module in MODULE.findall(line) if not module.endswith(".py")]
        yield from (f"{document.name}:{number} names {name}, which is not there" for name, found in named if not found)


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_every_link_leads_somewhere(document):
    stale = list(stale_links(document))
    assert not stale, "\n".join(stale)


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_every_path_that_is_named_is_there(document):
    stale = list(stale_paths(document))
    assert not stale, "\n".join(stale)


def test_every_command_that_is_named_is_there():
    commands = set(re.findall(r"(?m)^    ([a-z][\w-]*)", build_parser().format_help()))
    assert "train" in commands
    stale = [
        f"{document.name}:{number} names python -m core {command}, which is not there"
        for document in DOCUMENTS
        for number, line in numbered(document.read_text(encoding="utf-8"))
        for command in COMMAND.findall(line)
        if command not in commands
    ]
    assert not stale, "\n".join(stale)


def tree_of(text):
    """The paths of a tree: each line begins with one, and one that is indented lies in the folder above it."""
    blocks = re.findall(r"(?ms)^```\n(.*?)^```", text)
    tree = next(block for block in blocks if re.search(r"(?m)^core/", block))
    folders, paths = [], []
    for line in tree.splitlines():
        entry = TREE_LINE.match(line)
        if not entry or len(entry[1]) > SUBFOLDERS_INDENTED:
            continue
        indent, name = entry.groups()
        while folders and folders[-1][0] >= len(indent):
            folders.pop()
        path = (folders[-1][1] if folders else "") + name
        paths.append(path)
        if name.endswith("/"):
            folders.append((len(indent), path))
    return paths


def test_the_tree_of_the_readme_is_that_of_the_repository():
    paths = tree_of((REPOSITORY / "README.md").read_text(encoding="utf-8"))
    stale = [f"README's tree names {path}, which is not there" for path in paths if not is_there(path)]
    missing = [f"README's tree lacks core/{room}/" for room in ROW if f"core/{room}/" not in paths]
    assert not stale + missing, "\n".join(stale + missing)


def test_what_is_stale_would_be_seen(tmp_path):
    document = tmp_path / "wrong.md"
    document.write_text(
        "# One heading, `two`\n"
        "[a](gone.md) [b](wrong.md#one-heading-two) [c](#nowhere) [d](https://example.org/gone.md)\n"
        "`core/base/gone.py`, core/base/words.py, `core/<room>/folder.py`, core/*/gone.py, ~/tests/a\n"
        "`words.py` and `nowhere.py`; `core.base.words.counted`, python -m core.gone.worker\n"
    )
    assert list(stale_links(document)) == [
        "wrong.md:2 links to gone.md: there is no such file",
        "wrong.md:2 links to #nowhere: there is no such heading",
    ]
    assert list(stale_paths(document)) == [
        "wrong.md:3 names core/base/gone.py, which is not there",
        "wrong.md:3 names core/*/gone.py, which is not there",
        "wrong.md:4 names nowhere.py, which is not there",
        "wrong.md:4 names core.gone.worker, which is not there",
    ]
    tree = (
        "```\nmain.py     starts it\ncore/       all logic\n  base/     the ground, words\n            and files\n"
        "  cli/      commands\ndocs/       words\n```\n"
    )
    assert tree_of(tree) == ["main.py", "core/", "core/base/", "core/cli/", "docs/"]
