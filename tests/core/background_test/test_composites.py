import numpy as np
import pytest

from core.background_test.testing import alone, joined, middle_of

FILL = np.array([10.0, 20.0, 30.0])


@pytest.mark.parametrize("size", [(224, 224), (300, 200), (90, 160)])
def test_the_middle_is_half_of_the_photo(size):
    middle = middle_of(*size)
    assert middle.shape == size[::-1]
    assert middle.mean() == pytest.approx(0.5, abs=0.005)
    assert middle[size[1] // 2, size[0] // 2] == 1
    assert middle[0].max() == middle[:, 0].max() == 0


def test_each_half_hides_the_other(draw):
    photo = np.asarray(draw(1, (160, 120)))
    middle, edge = alone(photo, FILL)
    assert middle.dtype == edge.dtype == np.uint8
    assert (middle[60, 80] == photo[60, 80]).all()
    assert (edge[60, 80] == FILL).all()
    assert (middle[0, 0] == FILL).all()
    assert (edge[0, 0] == photo[0, 0]).all()
    both = middle.astype(float) + edge - FILL
    assert np.abs(both - photo).max() <= 1  # nothing is hidden twice


def test_the_middle_of_one_on_the_edge_of_another(draw):
    one, other = (np.asarray(draw(seed, (160, 120))) for seed in (1, 2))
    both = joined(one, other)
    assert both.dtype == np.uint8
    assert (both[60, 80] == one[60, 80]).all()
    assert (both[0] == other[0]).all()
    assert (both[:, -1] == other[:, -1]).all()
