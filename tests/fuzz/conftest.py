"""A project that was really trained, as the tests of the pages have it; shared with them."""

from tests.pages.conftest import trained_home  # noqa: F401
