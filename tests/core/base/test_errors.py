import pytest

from core.base.errors import EspalierError, InputError, RunError, StopRequested, StorageError, WeightsError


@pytest.mark.parametrize("kind", [InputError, RunError, StorageError, WeightsError])
def test_every_error_for_people_has_one_root(kind):
    with pytest.raises(EspalierError, match=r"^what happened$"):
        raise kind("what happened")


@pytest.mark.parametrize(("keep", "words"), [(True, "kept"), (False, "nothing is kept")])
def test_a_stop_says_what_becomes_of_the_work(keep, words):
    stop = StopRequested(keep)
    assert stop.keep is keep
    assert words in str(stop)
