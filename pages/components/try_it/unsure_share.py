"""When it says that it is not sure: the share of photos like one's own that one is ready to give up for that."""

import streamlit as st

from core.runs.predictor import USUAL_THRESHOLD

USUAL, MOST = round(100 * USUAL_THRESHOLD), 20  # per cent
CHOSEN = "try_refused"


def threshold() -> float:
    """The share that is chosen, 0..1."""
    return st.session_state.get(CHOSEN, USUAL) / 100


def show(tells: bool) -> None:
    """The slider; a run that can't tell says so in its place.

    Args:
        tells: Whether the run says how typical a photo is.
    """
    with st.expander("When is it not sure?", icon=":material/help:"):
        if not tells:
            st.caption(
                "This run kept nothing to compare new photos with, so it always chooses one of its classes. A run "
                "that is trained now can tell."
            )
            return
        st.slider("Refuse this share of photos that are like your own", 0, MOST, USUAL, format="%d %%", key=CHOSEN)
        st.caption(
            "It compares a photo with your own, and says that it is not sure where it looks stranger than nearly all "
            "of them. The more you refuse, the more strange things it notices, and the more good photos it lets go."
        )
        st.caption(
            "What is quite different it notices nearly always: a car among fruit. What is akin to your classes it "
            "often takes for one of them. Measured on small pictures with one class of ten left out: it refused 8 to "
            "38 % of that class, 19 % on average. Collect photos of such things in a class called “none of these”."
        )
