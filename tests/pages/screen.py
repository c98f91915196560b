"""What is on a page, as a person finds it: by its words."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def button(app: AppTest, label: str, nth: int = 0) -> Any:
    """The button with these words, of several the `nth`."""
    found = labels(app)
    assert label in found, f"no button {label} among {found}"
    return [each for each in app.button if each.label == label][nth]


def press(app: AppTest, label: str, nth: int = 0) -> AppTest:
    """Press the button with these words."""
    button(app, label, nth).click().run()
    assert not app.exception
    return app


def labels(app: AppTest) -> list[str]:
    """The words of all buttons."""
    return [each.label for each in app.button]


def primary(app: AppTest) -> list[str]:
    """The words of those buttons that stand out."""
    return [each.label for each in app.button if each.proto.type == "primary"]


def widget(app: AppTest, kind: str, label: str) -> Any:
    """The "selectbox", "radio", "toggle", "slider" ... with this label."""
    return next(each for each in app.get(kind) if each.label == label)


def charts(app: AppTest) -> dict[str, dict[str, Any]]:
    """The specifications of the charts, by their titles."""
    found = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    return {chart["layout"]["title"]["text"]: chart for chart in found}
