import string

import pytest

from core.photos.sides import (
    changes_sides,
    chosen_views,
    heights_matter,
    notes_on_views,
    shape_warnings,
    side_pairs,
    sides_matter,
    usual_views,
    view_warnings,
)

SIDES = "mirrored photos of left would show right"


@pytest.mark.parametrize(
    "names",
    [
        ("left", "right"),
        ("hand left", "hand right"),
        ("turn_left", "turn_right", "straight"),
        ("ArrowLeft", "ArrowRight"),
        ("turnleft", "turnright"),
        ("left1", "right1"),
        ("left", "turn right"),
        ("left-hand bend", "bend to the right"),
        ("facing left", "facing right"),
        ("port", "starboard"),
        ("L", "R"),
        ("hand_L", "hand_R"),
        ("b", "d"),
        ("p", "q"),
        ("letter b", "letter d"),
        tuple(string.ascii_lowercase),
        tuple(string.digits),
        ("clockwise", "counter-clockwise"),
        ("Clockwise", "AntiClockwise"),
        ("east", "west"),
        ("North East", "north west"),
        ("N", "E", "S", "W"),
        ("sinistral", "dextral"),
        ("slash", "backslash"),
        ("links", "rechts"),
        ("im Uhrzeigersinn", "gegen den Uhrzeigersinn"),
        ("tourner à gauche", "tourner à droite"),
        ("sens horaire", "sens anti-horaire"),
        ("izquierda", "derecha"),
        ("sinistra", "destra"),
        ("vänster", "ho\N{COMBINING DIAERESIS}ger"),
        ("левый ботинок", "правый ботинок"),
        ("左折", "右折"),
        ("왼쪽", "오른쪽"),
        ("\N{LEFTWARDS BLACK ARROW}\N{VARIATION SELECTOR-16}", "\N{BLACK RIGHTWARDS ARROW}"),
        ("<", ">"),
    ],
)
def test_names_say_that_left_and_right_tell_classes_apart(names):
    assert sides_matter(names)
    assert sides_matter(names[::-1]) == sides_matter(names)


@pytest.mark.parametrize(
    "names",
    [
        ("cat", "dog"),
        ("brightness", "leftover", "copyright"),
        ("bd", "pq"),
        ("right whale", "blue whale"),
        ("right whale", "left luggage"),
        ("left and right", "none"),
        ("cleft", "bright"),
        ("B", "D"),
        tuple("ABCDEFGHIJKLMNOPQR"),
        ("a", "e", "i", "o", "u"),
        ("yes", "no"),
        ("1", "2", "5"),
        ("eastern meadowlark", "western meadowlark"),
        ("hepatitis b", "hepatitis d"),
        ("port wine", "sherry"),
        ("apple (red)", "apple (green)"),
        ("up", "down"),
        (),
    ],
)
def test_names_that_only_look_so_say_nothing(names):
    assert sides_matter(names) == ""


def test_the_reason_names_the_classes_and_counts_further_pairs():
    assert sides_matter(["right", "left"]) == SIDES
    names = ["turn left", "turn right", "left", "right", "keep left"]
    assert side_pairs(names) == [("left", "right"), ("turn left", "turn right")]
    assert sides_matter(names) == "mirrored photos of left would show right (and 1 more pair)"


def test_photos_speak_where_names_don_t():
    assert sides_matter(["a", "c"], [("a", "c")]) == "photos of a look like mirrored photos of c"
    assert sides_matter(["left", "right"], [("left", "right")]) == SIDES


def test_thousands_of_names_are_read_at_once():
    names = [f"class {n} {side}" for n in range(1500) for side in ("left", "right")]
    assert sides_matter(names).startswith("mirrored photos of class 0 left would show class 0 right (and ")


@pytest.mark.parametrize(
    "names", [("up", "down"), ("thumbs_up", "thumbs_down"), ("6", "9"), ("M", "W"), ("oben", "unten")]
)
def test_above_and_below_have_names_too(names):
    assert heights_matter(names)
    assert heights_matter(("left", "right")) == ""


@pytest.mark.parametrize(
    ("augment", "used", "is_mirrored"),
    [
        ("none", "none", False),
        ("auto", "none", False),
        ("rotation=15,views=4", "rotation=15,views=4", False),
        ("mirror=1,views=4", "mirror=1,views=4", True),
        ("rotation=180,views=4", "rotation=180,views=4", True),
        ("flip=1,views=1", "flip=1,views=1", True),
    ],
)
def test_only_the_usual_views_are_changed_and_a_choice_is_warned_of(augment, used, is_mirrored):
    assert usual_views(augment, SIDES) == used
    assert usual_views(augment, "") == augment
    assert changes_sides(used) == is_mirrored
    (said,) = notes_on_views(used, SIDES, "")
    assert said.startswith("The training photos are also " if is_mirrored else "Not mirrored: mirrored photos of left")
    assert notes_on_views(augment, "", "") == []


def test_auto_that_is_chosen_is_spelled_out_and_stays():
    chosen = chosen_views("auto", SIDES)
    assert usual_views(chosen, SIDES) == chosen == "mirror=1,views=1"
    assert chosen_views("auto", "") == "auto"


def test_upside_down_is_warned_of_where_names_speak_against_it():
    heights = heights_matter(["6", "9"])
    assert view_warnings("mirror=1,views=4", "", heights) == []
    (warning,) = view_warnings("flip=1,views=4", "", heights)
    assert "also turned upside down, but photos of 6 upside down would show 9" in warning


@pytest.mark.parametrize(
    "names",
    [
        ("tall", "short"),
        ("wide_leaf", "narrow_leaf"),
        ("ThickWire", "thin wire", "no wire"),
        ("circle", "ellipse", "triangle"),
        ("square", "rectangle"),
        ("lang", "kurz"),
        ("große hohe Gläser", "große niedrige Gläser"),
        ("grueso", "delgado"),
        ("широкий лист", "узкий лист"),
        ("高", "矮"),
        ("0", "O", "1"),
    ],
)
def test_stretching_is_warned_of_where_names_tell_height_from_width(names):
    (warning,) = shape_warnings("stretch=0.1,views=4", names)
    assert warning.startswith("The training photos are also stretched or squeezed, but stretched photos of ")
    assert sum(name in warning for name in names) >= 2
    assert shape_warnings("lens=0.1,views=4", names) == []
    assert all(shape_warnings(augment, names) == [] for augment in ("none", "auto", "zoom=0.5,views=4"))


@pytest.mark.parametrize("names", [("straight", "curved"), ("flat lens", "convex lens"), ("gerade", "krumm")])
def test_a_lens_is_warned_of_where_names_tell_straight_from_bent(names):
    assert shape_warnings("lens=0.1,views=4", names) == [
        f"The training photos are also bent as by a lens, but bent photos of {names[0]} can look like {names[1]}: "
        "the model may mix them up."
    ]
    assert shape_warnings("stretch=0.1,views=4", names) == []


@pytest.mark.parametrize("names", [("cat", "dog"), ("tall tree", "short story"), ("longhorn", "shorthorn"), ()])
def test_other_names_have_nothing_to_do_with_shapes(names):
    assert shape_warnings("stretch=0.5,lens=0.5,views=4", names) == []
