"""What lasts is written, moved and removed by `core.base.disk` and `core.base.files` alone, which see that it lasts."""

import ast

from tests.test_floors import REPOSITORY, python_files

SEAM = {"core/base/disk.py", "core/base/files.py"}
STANDS_ALONE = "core/exports/files/"  # goes into zips, and runs elsewhere
BESIDE = "beside"  # what `files.appearing_whole` gives to write to, and syncs
# Modules' functions, and methods of paths; those that other things have too are told by what they are called with.
OF_MODULES = {
    "os": {"replace", "rename", "renames", "link", "symlink", "fsync", "fdatasync", "remove", "unlink", "rmdir"},
    "shutil": {"copy", "copy2", "copyfile", "copytree", "move", "rmtree"},
}
OF_PATHS = {"write_bytes", "write_text", "unlink", "rename", "rmdir", "hardlink_to", "symlink_to", "touch"}
WRITING = set("wxa+")
STAGING = "goes into an export's folder in the system's temporary one, of which `appearing_whole` makes a zip"
EXCEPTIONS = {
    "core/jobs/job.py": "worker.log, what a worker happens to print: nothing tells of it",
    "core/jobs/queue.py": "tickets of the queue: one of a job that is dead is passed over",
    "core/sources/archives.py": "what is unpacked on the way: who keeps it syncs it",
    "core/exports/proof.py": STAGING,
    "core/exports/writers.py": STAGING,
    "core/exports/model_zip.py": STAGING,
    "core/exports/decoder.py": STAGING,
    "core/teachable_machine/reading.py": "a temporary folder, and a model that is moved out of it",
    "core/engine/conversion.py": "the engine's models",
    "core/engine/feature_cache.py": "caches, which can be made again",
}


def forbidden(call):
    """What a call does that only the seam may do; "" for any other."""
    function = call.func
    if isinstance(function, ast.Name):
        return f"open({mode_of(call, 1)})" if function.id == "open" and WRITING & set(mode_of(call, 1)) else ""
    if not isinstance(function, ast.Attribute):
        return ""
    name, of = function.attr, ast.unparse(function.value)
    if of in OF_MODULES:
        return f"{of}.{name}" if name in OF_MODULES[of] else ""
    if of == BESIDE or of == "disk":
        return ""
    if name == "open" and WRITING & set(mode_of(call, 0)):
        return f"{of}.open({mode_of(call, 0)})"
    is_path_replace = name == "replace" and len(call.args) == 1 and not call.keywords  # of text it takes two
    return f"{of}.{name}" if name in OF_PATHS or is_path_replace else ""


def mode_of(call, position):
    given = [each.value for each in call.keywords if each.arg == "mode"] + call.args[position : position + 1]
    return given[0].value if given and isinstance(given[0], ast.Constant) and isinstance(given[0].value, str) else ""


def found_in(text):
    return [did for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and (did := forbidden(node))]


def test_only_the_seam_writes_moves_and_removes_what_lasts():
    files = {file.relative_to(REPOSITORY).as_posix(): file for file in python_files("core")}
    others = {
        name: file for name, file in files.items() if name not in SEAM | set(EXCEPTIONS) and STANDS_ALONE not in name
    }
    found = {name: did for name, file in others.items() if (did := found_in(file.read_text(encoding="utf-8")))}
    assert found == {}


def test_each_exception_is_there():
    assert [name for name in EXCEPTIONS if not (REPOSITORY / name).is_file()] == []


def test_what_only_the_seam_may_do_would_be_seen():
    code = """
os.replace(a, b); shutil.rmtree(a); os.fsync(3); path.unlink(); target.open("wb"); open(name, "a"); open(n, mode="x")
(folder / "a").write_bytes(b""); here.rename(there); here.replace(there); shutil.copyfile(a, b); path.touch()
"""
    assert len(found_in(code)) == 12
    harmless = """
text.replace("a", "b"); path.open("rb"); open(name); beside.write_bytes(b""); disk.replace(a, b); zip.open(entry, "w")
names.remove(a); replace(run, path=a); shutil.disk_usage(a); os.path.join(a); opened.open(entry)
"""
    assert found_in(harmless) == []
