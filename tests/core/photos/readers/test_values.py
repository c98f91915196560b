"""Depths, bands, pages and colour profiles: cases B10, B11, B12 and R01."""

import io
import threading

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from core.photos.decoding import PhotoError, decoded, open_photo
from core.photos.inspection import inspect_photo
from core.photos.pictures import PLAIN, PictureFacts, PictureSettings, project_range

NOISE = np.random.default_rng(2)


def png(values):
    return imagecodecs.png_encode(values)


def tiff(*pages, **options):
    data = io.BytesIO()
    with tifffile.TiffWriter(data) as file:
        for page in pages:
            file.write(page, metadata=None, contiguous=False, **{"photometric": "minisblack", **options})
    return data.getvalue()


def grey_of(data, settings=None):
    return np.asarray(open_photo(data, settings=settings or PictureSettings()))[..., 0]


def ramp(low, high, dtype):
    return np.linspace(low, high, 64 * 64).reshape(64, 64).astype(dtype)


WHOLE = NOISE.integers(0, 256, (20, 30), np.uint8)
COLOURS = NOISE.integers(0, 256, (20, 30, 3), np.uint8)


@pytest.mark.parametrize(
    ("values", "options"),
    [
        (WHOLE, {}),
        (WHOLE > 99, {"photometric": "miniswhite"}),
        (WHOLE // 16, {"bitspersample": 4}),
        (WHOLE, {"photometric": "palette", "colormap": NOISE.integers(0, 65536, (3, 256), np.uint16)}),
        (COLOURS, {"photometric": "rgb", "tile": (16, 16)}),
        (COLOURS, {"photometric": "ycbcr", "compression": "jpeg"}),
        (np.moveaxis(COLOURS, -1, 0), {"photometric": "rgb", "planarconfig": "separate"}),
        (np.dstack([COLOURS, WHOLE]), {"photometric": "separated"}),
    ],
)
def test_a_tiff_is_the_same_picture_in_either_order_of_bytes_and_of_either_size(values, options):
    found = []
    for order, big in (("<", False), (">", False), ("<", True), (">", True)):
        data = io.BytesIO()
        tifffile.imwrite(data, values, byteorder=order, bigtiff=big, metadata=None, **options)
        found.append(decoded(data.getvalue()))
    assert found[0].image.size == (30, 20)
    assert [each.facts for each in found] == [found[0].facts] * 4
    assert {each.image.tobytes() for each in found} == {found[0].image.tobytes()}


@pytest.mark.parametrize("write", [png, tiff])
def test_twelve_bits_in_sixteen_are_stretched_by_the_projects_range(write):
    data = [write(ramp(0, top, np.uint16)) for top in (2900, 3600)]
    facts = [decoded(each).facts for each in data]
    assert [fact.depth for fact in facts] == ["uint16", "uint16"]
    assert [fact.high for fact in facts] == pytest.approx([2897, 3596], abs=2)
    settings = PictureSettings(ranges=project_range(facts))
    assert settings.ranges == (("uint16", 0.0, 4095.0),)
    assert [grey_of(each, settings).max() for each in data] == [181, 224]  # one stretch for all
    assert grey_of(data[0]).max() == 11  # by itself such a file says 16 bits


def test_what_is_brighter_than_the_projects_white_is_white():
    settings = PictureSettings(ranges=(("uint16", 100.0, 1100.0),))
    found = grey_of(png(ramp(0, 2200, np.uint16)), settings)
    assert (found.min(), found.max(), found[32, 0]) == (0, 255, 255)
    assert found[16, 0] == pytest.approx((550 - 100) * 255 / 1000, abs=1)


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ([("uint16", 0, 200), ("uint16", 5, 255)], ("uint16", 0, 255)),
        ([("uint16", 3, 1000)], ("uint16", 0, 1023)),
        ([("uint16", 3, 1024), ("uint16", 0, 9)], ("uint16", 0, 4095)),
        ([("uint16", 3, 9000)], ("uint16", 0, 16383)),
        ([("uint16", 3, 20000)], ("uint16", 0, 65535)),
        ([("uint16", 29500, 30500), ("uint16", 29800, 31000)], ("uint16", 29500, 31000)),
        ([("uint16", 29500, 31000), ("uint16", 10, 31000)], ("uint16", 0, 65535)),
        ([("uint16", 2500, 3900)], ("uint16", 0, 4095)),  # more than a quarter
        ([("uint16", 500, 1100)], ("uint16", 0, 4095)),  # of a 12-bit microscope
        ([("uint16", 900, 900)], ("uint16", 0, 1023)),
        ([("uint32", 3, 70000)], ("uint32", 0, 2**32 - 1)),
        ([("int16", -1000, 800), ("int16", -900, 2000)], ("int16", -1000, 2000)),
        ([("float32", 0.1, 0.9)], ("float32", 0, 1)),
        ([("float32", 0.1, 0.4)], ("float32", 0.1, 0.4)),
        ([("float32", -3, 0.9)], ("float32", -3, 0.9)),
    ],
)
def test_one_range_comes_from_all_pictures_of_a_depth(facts, wanted):
    given = [PLAIN, *(PictureFacts(depth, low, high) for depth, low, high in facts)]
    assert project_range(given) == (wanted,)


def test_a_thermal_camera_s_picture_keeps_its_contrast():
    data = png(ramp(29500, 31000, np.uint16))
    found = grey_of(data, PictureSettings(ranges=project_range([decoded(data).facts])))
    assert (found.min(), found.max()) == (0, 255)


def test_each_depth_has_its_own_range_and_8_bits_have_none():
    facts = [PLAIN, PictureFacts("uint16", 0, 900), PictureFacts("float32", -1, 5)]
    assert project_range(facts) == (("float32", -1, 5), ("uint16", 0, 1023))
    assert project_range([PLAIN]) == ()


def test_a_hot_pixel_has_no_say():
    values = ramp(0, 3000, np.uint16)
    values[5, 5] = 65535
    assert decoded(png(values)).facts.high < 3000


def test_sixteen_bit_colours_keep_more_than_their_high_byte():
    colours = np.stack([ramp(0, 200, np.uint16), ramp(0, 100, np.uint16), ramp(200, 0, np.uint16)], -1)
    settings = PictureSettings(ranges=(("uint16", 0.0, 255.0),))
    for data in (png(colours), tiff(colours, photometric="rgb"), tiff(colours, photometric="rgb", compression="zlib")):
        found = decoded(data, settings)
        assert np.array_equal(np.asarray(found.image), colours.astype(np.uint8))
        assert (found.facts.depth, found.facts.bands) == ("uint16", 0)


def test_sixteen_bit_transparency_is_over_white():
    values = np.zeros((32, 32, 4), np.uint16)
    values[:16, :, 3] = 65535
    found = np.asarray(open_photo(png(values)))
    assert (found[:16].max(), found[16:].min()) == (0, 255)


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_bits_that_the_header_tells_are_the_range(bits):
    values = ramp(0, 2**bits - 1, np.uint16)
    found = grey_of(tiff(values, bitspersample=bits))
    assert np.abs(found.astype(int) - values * 255.0 / (2**bits - 1)).max() <= 0.51


@pytest.mark.parametrize(
    ("values", "first", "last"),
    [
        (ramp(0, 1, np.float32), 0, 255),
        (ramp(0.25, 0.75, np.float64), 64, 191),
        (ramp(-5, 300, np.float32), 0, 255),
        (ramp(0, 1, np.float16), 0, 255),
        (ramp(-1000, 2000, np.int16), 0, 255),
        (ramp(0, 255, np.uint16), 0, 255),
        (ramp(0, 2**32 - 1, np.uint32), 0, 255),
        (ramp(-100, 27, np.int8), 0, 255),
    ],
)
def test_without_a_project_the_formats_own_rule_holds(values, first, last):
    found = decoded(tiff(values))
    assert (found.facts.depth, found.image.getpixel((0, 0))[0], found.image.getpixel((63, 63))[0]) == (
        values.dtype.name,
        first,
        last,
    )


def test_what_is_no_number_is_black_and_infinity_white():
    values = ramp(-1, 1, np.float32)
    values[0, :3] = np.nan, np.inf, -np.inf
    found = decoded(tiff(values))
    assert [found.image.getpixel((x, 0))[0] for x in range(3)] == [0, 255, 0]
    assert -1 <= found.facts.low < found.facts.high <= 1
    assert decoded(tiff(np.full((32, 32), np.nan, np.float32))).image.getextrema() == ((0, 0),) * 3


def test_where_zero_is_white_it_is_so_in_all_depths():
    deep = tiff(ramp(0, 65535, np.uint16), photometric="miniswhite")
    assert (grey_of(deep)[0, 0], grey_of(deep)[63, 63]) == (255, 0)


def four_bands(fourth, size=64):
    return np.dstack([NOISE.integers(0, 256, (size, size, 3), np.uint8), fourth]).astype(np.uint8)


@pytest.mark.parametrize("called", [0, 1, 2])
@pytest.mark.parametrize("level", [6, 200])
@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_infrared_is_no_transparency_whatever_it_is_called(called, level, planar):
    values = four_bands(np.clip(NOISE.normal(level, 4, (64, 64)), 0, 255))
    stored = np.moveaxis(values, -1, 0) if planar == "separate" else values
    data = tiff(stored, photometric="rgb", extrasamples=[called], planarconfig=planar)
    found = decoded(data)
    assert np.array_equal(np.asarray(found.image), values[..., :3])
    assert found.facts == PictureFacts(bands=4)
    chosen = open_photo(data, settings=PictureSettings(bands=(3, 0, 1)))
    assert np.array_equal(np.asarray(chosen), values[..., [3, 0, 1]])


def test_a_band_that_is_nothing_or_full_and_called_alpha_is_transparency():
    alpha = np.zeros((64, 64))
    alpha[:, 32:] = 255
    found = decoded(tiff(four_bands(alpha), photometric="rgb", extrasamples=[2]))
    assert found.facts == PLAIN
    assert (np.asarray(found.image)[:, :32] == 255).all()
    assert decoded(tiff(four_bands(alpha), photometric="rgb", extrasamples=[0])).facts.bands == 4
    dark = decoded(tiff(four_bands(np.zeros((64, 64))), photometric="rgb", extrasamples=[2]))
    assert dark.facts.bands == 4  # nothing at all would be left of it


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("bands", [2, 3, 5, 8])
def test_pictures_of_many_bands_show_the_chosen_ones(dtype, bands):
    top = np.iinfo(dtype).max if np.dtype(dtype).kind == "u" else 1
    values = (NOISE.random((40, 50, bands)) * top).astype(dtype)
    found = decoded(tiff(values, planarconfig="contig"), PictureSettings(bands=(4, 9, 1)))
    eight = values if dtype == np.uint8 else values.astype(float) * 255 / top
    chosen = [4, min(9, bands - 1), 1] if bands > 3 else [0, 1, 2] if bands == 3 else [0, 0, 0]
    assert found.facts.bands == (bands if bands > 3 else 0)
    assert np.abs(np.asarray(found.image, float) - eight[..., chosen]).max() <= 0.51


def test_the_first_page_of_a_stack_is_used_and_that_it_is_blank_is_told():
    dark, cells = np.full((96, 96), 4, np.uint8), NOISE.integers(0, 256, (96, 96), np.uint8)
    data = tiff(dark, cells, 255 - cells)
    assert decoded(data).facts == PictureFacts(pages=3, blank=True)
    for page, wanted in ((1, cells), (2, 255 - cells), (9, 255 - cells)):
        found = decoded(data, PictureSettings(page=page))
        assert np.array_equal(np.asarray(found.image)[..., 0], wanted)
        assert found.facts == PictureFacts(pages=3)


def test_a_page_of_few_bits_in_sixteen_is_not_called_blank_and_a_dark_one_is():
    cells, dark = NOISE.integers(0, 1000, (40, 40), np.uint16), NOISE.integers(100, 104, (40, 40), np.uint16)
    assert [decoded(tiff(cells, dark), PictureSettings(page=page)).facts.blank for page in (0, 1)] == [False, True]
    ranges = (("uint16", 0.0, 1023.0),)
    known = [decoded(tiff(cells, dark), PictureSettings(ranges, page=page)).facts.blank for page in (0, 1)]
    assert known == [False, True]


def test_pages_beyond_8_bits_and_of_colours_can_be_chosen():
    deep = [NOISE.integers(0, 65536, (40, 40), np.uint16) for _ in range(3)]
    found = decoded(tiff(*deep), PictureSettings(page=2))
    assert (found.facts.depth, found.facts.pages, found.facts.blank) == ("uint16", 3, False)
    assert np.abs(np.asarray(found.image)[..., 0] - deep[2] * (255 / 65535)).max() <= 0.51
    colours = [Image.fromarray(NOISE.integers(0, 256, (40, 40, 3), np.uint8)) for _ in range(2)]
    data = io.BytesIO()
    colours[0].save(data, "TIFF", save_all=True, append_images=colours[1:], compression="tiff_lzw")
    assert open_photo(data.getvalue(), settings=PictureSettings(page=1)).tobytes() == colours[1].tobytes()


def test_thumbnails_and_smaller_copies_are_no_pages():
    full = NOISE.integers(0, 256, (128, 96, 3), np.uint8)
    data = io.BytesIO()
    with tifffile.TiffWriter(data) as file:
        file.write(full[::4, ::4].copy(), photometric="rgb", metadata=None, subfiletype=1)
        file.write(full, photometric="rgb", metadata=None)
        file.write(full[::2, ::2].copy(), photometric="rgb", metadata=None)  # unmarked
    found = decoded(data.getvalue())
    assert (found.image.size, found.facts) == ((96, 128), PLAIN)
    assert np.array_equal(np.asarray(found.image), full)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_frames_of_an_animation_are_pages(kind, draw):
    frames = [draw(seed, (64, 48)) for seed in (1, 2, 3)]
    data, options = io.BytesIO(), {"lossless": True} if kind == "WEBP" else {}
    frames[0].save(data, kind, save_all=True, append_images=frames[1:], **options)
    for page, frame in ((0, 0), (2, 2), (7, 2)):
        found = decoded(data.getvalue(), PictureSettings(page=page))
        assert found.facts.pages == 3
        assert np.abs(np.asarray(found.image, int) - np.asarray(frames[frame])).mean() < 12


def profile(matrix_of):
    """A profile whose channels are in another order."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    table = {bytes(made[i : i + 4]): i for i in range(132, 132 + 12 * made[131], 12)}
    places = {name: bytes(made[table[name] + 4 : table[name] + 12]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")}
    for name, other in zip((b"rXYZ", b"gXYZ", b"bXYZ"), matrix_of, strict=True):
        made[table[name] + 4 : table[name] + 12] = places[other]
    return bytes(made)


OTHER_ORDER = profile((b"gXYZ", b"bXYZ", b"rXYZ"))
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def with_profile(image, icc, kind, **options):
    data = io.BytesIO()
    image.save(data, kind, icc_profile=icc, **options)
    return data.getvalue()


@pytest.mark.parametrize(
    ("kind", "options"),
    [("JPEG", {"quality": 95, "subsampling": 0}), ("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True})],
)
def test_a_profile_is_applied(kind, options, draw):
    seen = draw(3, (200, 150))
    red, green, blue = seen.split()
    data = with_profile(Image.merge("RGB", (green, blue, red)), OTHER_ORDER, kind, **options)
    found = decoded(data)
    assert found.facts == PictureFacts(profile=True)
    assert np.abs(np.asarray(found.image, int) - np.asarray(seen)).mean() < 3
    plain = decoded(data, PictureSettings(profiles=False))
    assert np.abs(np.asarray(plain.image, int) - np.asarray(seen)).mean() > 20
    assert plain.facts.profile


@pytest.mark.parametrize("icc", [SRGB, b"broken" * 40, SRGB[:300], b"\0" * 200])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_srgb_and_broken_profiles_change_nothing(icc, mode, draw):
    image = draw(3, (64, 48)).convert(mode)
    with_one, without = with_profile(image, icc, "JPEG"), with_profile(image, None, "JPEG")
    assert open_photo(with_one).tobytes() == open_photo(without).tobytes()
    assert decoded(with_one).facts == PLAIN


def test_the_profile_of_transparent_and_of_deep_pictures_counts_too(draw):
    seen = draw(3, (64, 48))
    red, green, blue = seen.split()
    clear = Image.merge("RGBA", (green, blue, red, Image.new("L", seen.size, 255)))
    clear.putpixel((0, 0), (0, 0, 0, 0))
    found = np.asarray(open_photo(with_profile(clear, OTHER_ORDER, "PNG")), int)
    assert found[0, 0].tolist() == [255, 255, 255]
    assert np.abs(found - np.asarray(seen))[1:].mean() < 1
    deep = np.asarray(Image.merge("RGB", (green, blue, red)), np.uint16) * 257
    tagged = tiff(deep, photometric="rgb", iccprofile=OTHER_ORDER)
    assert np.abs(np.asarray(open_photo(tagged), int) - np.asarray(seen)).mean() < 1


def test_profiles_are_applied_alike_in_many_threads(draw):
    data = with_profile(draw(3, (64, 48)), OTHER_ORDER, "PNG")
    found = []
    threads = [threading.Thread(target=lambda: found.append(open_photo(data).tobytes())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_an_inspection_tells_what_is_out_of_the_ordinary(tmp_path):
    (tmp_path / "a.tif").write_bytes(tiff(ramp(0, 3000, np.uint16), ramp(0, 9, np.uint16)))
    found = inspect_photo(tmp_path / "a.tif")
    assert (found.width, found.height) == (64, 64)
    assert (found.picture.depth, found.picture.pages) == ("uint16", 2)


def test_a_tiff_that_claims_too_much_is_refused_before_it_is_decoded():
    data = bytearray(tiff(np.zeros((64, 64, 5), np.uint16), planarconfig="contig"))
    with tifffile.TiffFile(io.BytesIO(bytes(data))) as file:
        places = [file.pages[0].tags[name].valueoffset for name in ("ImageWidth", "ImageLength")]
        short = file.pages[0].tags["ImageWidth"].dtype == 3
    for place in places:
        data[place : place + (2 if short else 4)] = (15_000).to_bytes(2 if short else 4, "little")
    with pytest.raises(PhotoError, match=r"claims 15,000 x 15,000 pixels|claims 2,250 MB"):
        open_photo(bytes(data))
