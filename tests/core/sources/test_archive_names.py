import pytest

from core.sources.archive_files.names import guessed
from core.sources.archives import unpack
from tests.core.sources.packed import tar_bytes, zip_bytes


@pytest.mark.parametrize(
    ("codec", "names"),
    [
        ("utf-8", "Äpfel 梨"),
        ("cp932", "ソース ソバ りんご"),
        ("cp932", "表 能面 十字"),  # each with a byte of a backslash
        ("gbk", "苹果 香蕉 梨"),
        ("cp950", "蘋果 香蕉 許多"),
        ("cp949", "사과 바나나 고양이"),
        ("cp850", "Äpfel Größe Öl"),
        ("cp850", "Maçã Limão Mamão"),
        ("cp1252", "Bäume Kühe Größe"),
        ("cp852", "Jabłko Śliwka Gęś Źrebak"),
        ("cp1250", "Jabłko Śliwka Gęś Źrebak"),
        ("cp866", "Яблоко Груша Слива"),
        ("cp1251", "Яблоко Груша Слива"),
        ("cp857", "Kuş Köpek Ağaç Kırmızı Işık"),
        ("cp737", "Μήλο Γάτα Σκύλος Δέντρο"),
        ("cp874", "กล้วย แมว สุนัข"),
        ("cp862", "תפוח חתול כלב פרח עץ"),
        ("cp1256", "تفاح موز قطة كلب زهرة"),
    ],
)
def test_names_of_many_languages_are_read_as_they_were_written(codec, names):
    raw = [f"{name}/{i}.jpg".encode(codec) for name in names.split() for i in range(3)]
    read_as = guessed(raw).codec
    assert [name.decode(read_as) for name in raw] == [name.decode(codec) for name in raw]


def test_plain_names_need_no_guess(tmp_path):
    assert guessed([b"apple/1.jpg"]).codec == "ascii"


def test_two_names_never_become_one():
    strange = [bytes([first, second]) for first in range(128, 256) for second in (0x41, 0x80, 0xFF)]
    codec = guessed(strange).codec
    assert len({name.decode(codec) for name in strange}) == len(strange)


@pytest.fixture
def unpacked(tmp_path):
    def names_and_notes(data):
        (tmp_path / "a.zip").write_bytes(data)
        (tmp_path / "staging").mkdir()
        found = unpack(tmp_path / "a.zip", tmp_path / "staging")
        return [item.name for item in found.files], found.notes

    return names_and_notes


def test_a_backslash_byte_in_a_letter_is_no_folder_and_the_reading_is_told(unpacked):
    labels = ("ソース", "ソバ", "りんご")
    names, notes = unpacked(zip_bytes({f"{label}\\1.jpg".encode("cp932"): b"x" for label in labels}))
    assert names == ["ソース/1.jpg", "ソバ/1.jpg", "りんご/1.jpg"]
    words = "a.zip doesn't say how its names are written; they were read as Japanese (Shift-JIS): りんご, ソバ, ソース."
    assert notes == [words]


def test_a_zip_that_says_how_its_names_are_written_is_believed(unpacked):
    assert unpacked(zip_bytes({"Größe 梨/1.jpg": b"x"})) == (["Größe 梨/1.jpg"], [])


def test_names_of_a_tar_are_utf_8_or_guessed(unpacked, tmp_path):
    raw = tar_bytes({"苹果/1.jpg": b"x", "香蕉/2.jpg": b"y", "梨/3.jpg": b"z"}, format=0, encoding="gbk")
    names, notes = unpacked(raw)
    assert names == ["苹果/1.jpg", "香蕉/2.jpg", "梨/3.jpg"]
    assert "read as Chinese (GBK)" in notes[0]


def test_a_tar_in_utf_8_needs_no_guess(unpacked):
    assert unpacked(tar_bytes({"Größe/1.jpg": b"x"})) == (["Größe/1.jpg"], [])
