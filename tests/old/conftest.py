"""What an AppTest takes seconds for each time and a server does once: as for the tests of pages."""

from tests.pages.conftest import leave_old_objects_alone, look_for_components_once

__all__ = ["leave_old_objects_alone", "look_for_components_once"]
