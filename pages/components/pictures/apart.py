"""The processes in which this server decodes photos, for all tabs: one that crashes takes no other's work along."""

import streamlit as st

from core.photos.apart.decoders import Decoders


@st.cache_resource(show_spinner=False)
def decoders() -> Decoders:
    """As many as there are processors, each started when it is needed first."""
    return Decoders()
