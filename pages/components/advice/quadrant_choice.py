"""Where the photos lie in the matrix, and the quadrant whose plan is shown."""

import streamlit as st

from core.advice.quadrants import QUADRANTS, Quadrant, risks
from core.advice.record import Advice
from pages.components.advice import matrix_chart

TITLES = {number: f"{number}  {quadrant.title}" for number, quadrant in QUADRANTS.items()}
MATRIX_WIDTH, CHOICE_WIDTH = 500, 290  # pixels: side by side on a desk, else below each other


def show(key: str, advice: Advice) -> int:
    """The matrix, and the quadrant whose plan is shown: the measured one unless the user chooses another."""
    measured = advice.quadrant
    choice = f"{key}_quadrant_{measured}"
    with st.container(horizontal=True, vertical_alignment="center"):
        matrix = st.container(width=MATRIX_WIDTH)
        with st.container(width=CHOICE_WIDTH):
            chosen = st.radio(
                "What to train",
                list(QUADRANTS),
                measured - 1,
                format_func=TITLES.get,
                captions=[_place(quadrant, measured) for quadrant in QUADRANTS.values()],
                key=choice,
                help="Or click on a quadrant of the matrix.",
            )
    with matrix:
        matrix_chart.show(f"{key}_matrix", advice, chosen, lambda quadrant: st.session_state.update({choice: quadrant}))
    why = QUADRANTS[chosen].why
    st.markdown(why if chosen == measured else f"For photos that lie there: {why[0].lower()}{why[1:]}")
    for risk in risks(measured, chosen):
        st.warning(risk, icon=":material/warning:")
    return chosen


def _place(quadrant: Quadrant, measured: int) -> str:
    words = f"{'many' if quadrant.large else 'few'} photos, {'similar' if quadrant.similar else 'different'}"
    return f"{words}: here your photos lie" if quadrant.number == measured else words
