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


def galleries(app: AppTest) -> list[dict[str, Any]]:
    """What each gallery on the page was given to show, in their order."""
    return [json.loads(shown.proto.json) for shown in app.get("bidi_component")]


def gallery(app: AppTest, title: str = "") -> dict[str, Any]:
    """What the only gallery on the page was given to show, or of several that with this title."""
    return json.loads(_component(app, title).proto.json)


def _component(app: AppTest, title: str) -> Any:
    every = [(json.loads(shown.proto.json)["look"]["title"], shown) for shown in app.get("bidi_component")]
    found = [shown for name, shown in every if title in ("", name)]
    assert len(found) == 1, f"{len(found)} galleries called {title!r} among {[name for name, _ in every]}"
    return found[0]


def ask_gallery(app: AppTest, *requests: dict[str, Any], client: str = "a tab", title: str = "") -> AppTest:
    """Send requests as the gallery's part in the browser does; AppTest has no public way to a component's trigger."""
    shown = _component(app, title)
    states = app._tree.get_widget_states()
    sent = [{"event": "asked", "value": {"client": client, "requests": requests}}]
    states.widgets.add(id=f"$$STREAMLIT_INTERNAL_KEY_{shown.proto.id}__events", json_trigger_value=json.dumps(sent))
    app._run(states)
    assert not app.exception
    return app


def as_seen(app: AppTest, *names: str, title: str = "") -> list[list[Any]]:
    """The photos of the gallery with these in their names, as a request says how they were seen."""
    shown = gallery(app, title)["photos"]
    return [
        [photo["id"], photo["label"], photo["aside"], photo["version"].split("-")[0]]
        for photo in shown
        if photo["name"].endswith(names)
    ]
