"""Let go of uploads once they are on disk."""

from collections.abc import Sequence

from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile


def forget(uploads: Sequence[UploadedFile]) -> None:
    """Free the memory that the server holds for these uploads.

    Streamlit keeps an uploaded file in the web process as long as the tab is open, also after its widget is gone.
    """
    context = get_script_run_ctx()
    if exists() and context:
        for upload in uploads:
            get_instance().uploaded_file_mgr.remove_file(context.session_id, upload.file_id)
