"""How a job in a child process, such as an import, is getting on, a button to stop it, and how it ended."""

import time
from dataclasses import asdict, dataclass

import pandas as pd
import streamlit as st

from core.base.events import FAILED, FINISHED, Event, last_attempt, notes_of
from core.base.words import counted, duration
from core.jobs import kinds
from core.jobs.folder import JobFolder
from core.jobs.job import Job, State
from core.jobs.pace import KnownPaces, seconds_since_click
from core.projects.import_storing import ImportSummary
from core.projects.imports import ASKS, DEMO, PICTURES, RELIST, ImportFolder, imports
from core.projects.project import Project
from pages.components.shared import buttons, current, heading, markdown, news, progress_words


@dataclass(frozen=True)
class JobWords:
    """What a page says of the jobs that it starts."""

    after_stop: str = ""  # what becomes of it when it is stopped, the button's help
    cancelled: str = ""  # what it means that the user stopped it
    lost: str = ""  # what it means that its process ended without a word
    stop: str = "Stop"  # on the button that ends one


IMPORTING = JobWords(
    stop="Stop the import",
    after_stop="What has been added so far stays.",
    cancelled="The import was stopped. What had been added stays.",
    lost="The import ended unexpectedly. What had been added is safe; continue to bring in the rest.",
)

READING = JobWords(
    after_stop="It can be brought to its end later.",
    cancelled="Reading the pictures anew was stopped half way: some are shown in the old way, some in the new.",
    lost="Reading the pictures anew ended unexpectedly, half way. Continue to bring it to its end.",
)

LISTING = JobWords(
    after_stop="What has been listed so far stays.",
    cancelled="Listing the photos in the project's folders was stopped half way. Continue to bring it to its end.",
    lost="Listing the photos in the project's folders ended unexpectedly. Continue to bring it to its end.",
)


def show(key: str, job: Job, words: JobWords, keep: bool = False) -> bool:
    """Show how far a job is, or why it ended before it was finished; nothing where none was begun.

    Returns:
        Whether it works still. A stop then asks it to `keep` the best so far or not, as in `Job.request_stop`.
    """
    if not job.events():
        return False
    if job.state().is_active:
        show_progress(key, job, words, keep)
        return True
    show_end(job, words)
    return False


@st.fragment(run_every=0.5)
@heading.in_words
def show_progress(key: str, job: Job, words: JobWords, keep: bool) -> None:
    """Show a job that works, as `show` does; the whole page is drawn anew once it has ended."""
    if not job.state().is_active:
        st.rerun()
    _show_progress(progress(job.events()))
    _show_notes(job)
    show_stop(key, job, words, keep)


def show_stop(key: str, job: Job, words: JobWords, keep: bool) -> None:
    """The button that stops a job, until it was pressed."""
    if job.stop_requested():
        st.caption("Stopping ...")
    else:
        st.button(
            words.stop,
            key=f"{key}_stop",
            help=words.after_stop,
            on_click=heading.in_words(job.request_stop),
            args=(keep,),
        )


def show_queue_or_progress(job: Job, uncounted: str = "", known: KnownPaces | None = None) -> None:
    """Where a job stands in the queue, or once it is its turn how far it is; the rest as for `progress`."""
    if job.state() is State.QUEUED and (ahead := current.jobs().waiting_ahead(job.folder)):
        st.info(f"Waiting for {counted(ahead, 'other job')} to end first; place {ahead + 1} in the queue.")
        return
    _show_progress(progress(job.events(), uncounted, known))


def _show_progress(progress: tuple[float, str]) -> None:
    done, words = progress
    st.progress(done, markdown.plain(words))


def progress(events: list[Event], uncounted: str = "", known: KnownPaces | None = None) -> tuple[float, str]:
    """How much of the present phase is done, 0..1, and its words, as of `progress_words.progress`, now."""
    return progress_words.progress(events, time.time(), uncounted, known)


def show_end(job: Job, words: JobWords) -> None:
    """Say why a job ended before it was finished, be it stopped or without a word; and what it noted in any case."""
    _show_notes(job)
    state = job.state()
    if state is State.FAILED:
        said = next(e["message"] for e in reversed(job.events()) if e["event"] == FAILED)
        st.error(markdown.plain(said), icon=":material/error:")
    elif state is State.CANCELLED:
        st.info(words.cancelled, icon=":material/info:")
    elif state is State.LOST:
        st.warning(words.lost, icon=":material/warning:")


def show_lost(this: JobFolder) -> None:
    """Say that what came of a job is there and can't be read, where that is so."""
    if this.lost_result:
        st.warning(
            f"What was found here before can't be read any more: {this.result_path.name} is damaged on disk, or of "
            "another version of the app. It can be made anew. Your photos and runs are untouched.",
            icon=":material/warning:",
        )


def _show_notes(job: Job) -> None:
    for words in notes_of(last_attempt(job.events())):
        st.warning(markdown.plain(words), icon=":material/warning:")


def show_log(job: Job) -> None:
    """The end of what the worker of a failed job printed."""
    if job.state() in (State.FAILED, State.LOST):
        with st.expander("For whoever helps you: the end of the log"):
            st.code(job.log_tail() or "The worker had printed nothing.", language=None)


def show_import(key: str, project: Project) -> bool:
    """Show the import of a project that works or worked last; whether it is still going on."""
    found = imports(project)
    if not found:
        return False
    this = max(found, key=_last_at_work)  # of equals the newest
    if this.job.state().is_active:
        show_progress(key, this.job, _words(this), keep=True)
        return True
    _show_import_end(key, this)
    return False


def _words(this: ImportFolder) -> JobWords:
    return {PICTURES: READING, RELIST: LISTING}.get(_kind(this), IMPORTING)


def _kind(this: ImportFolder) -> str:
    request = this.kept_request()
    return str(request.get("kind", "")) if isinstance(request, dict) else ""


def _last_at_work(this: ImportFolder) -> tuple[bool, int, float]:
    """Whether it works, and when it was last submitted: one that waited for an answer may be older than others.

    Of an earlier version, which didn't number them, when it last said something.
    """
    events, number = this.job.events(), this.job.submission()
    return this.job.state().is_active, number, events[-1]["time"] if events and not number else 0.0


def _show_import_end(key: str, this: ImportFolder) -> None:
    state, events = this.job.state(), this.job.events()
    if state is State.FINISHED:
        summary = _summary_in(next(e for e in reversed(events) if e["event"] == FINISHED))
        summary["seconds"] = max(summary["seconds"], seconds_since_click(events))
        if summary.get(ASKS):  # the page shows the question
            if this.question() is None:
                st.warning("What was asked about these photos can't be read any more. Bring them in again.")
            return
        _show_finished(this, summary)
    show_end(this.job, _words(this))
    half_done = state is State.FAILED and any("per_second" in event for event in events)  # a full disk, say
    can_continue = half_done or state in (State.LOST, State.CANCELLED)
    if can_continue:
        what, is_import = "What is here already stays.", _words(this) is IMPORTING
        buttons.show_start(
            "Continue the import" if is_import else "Continue", kinds.IMPORT, this, key=f"{key}_continue", help=what
        )


def _show_finished(this: ImportFolder, summary: dict) -> None:
    """What an import did, while that is news; what is still wrong with it, as long as no other came."""
    is_new = news.is_new(this)
    if _words(this) is READING:
        if is_new:
            _show_read_anew(summary)
    elif _words(this) is LISTING:
        if is_new:
            _show_listed(summary)
    else:
        if is_new:
            _show_summary(summary)
        _show_not_taken(summary)
        if _kind(this) == DEMO:
            st.caption("These pictures were drawn by this program, not photographed.")


def _summary_in(event: Event) -> Event:
    """What an import said at its end; as if there had been nothing of what is damaged."""
    usual = asdict(ImportSummary())
    kinds = {name: (float, int) if isinstance(value, float) else type(value) for name, value in usual.items()}
    return {**event, **{name: value for name, value in usual.items() if not isinstance(event.get(name), kinds[name])}}


def _show_read_anew(summary: dict) -> None:
    n = summary["read_anew"]
    words = (
        f"{counted(n, 'picture')} read again in {duration(summary['seconds'])}." if n else "No picture had to change."
    )
    st.success(words, icon=":material/check_circle:")


def _show_listed(summary: dict) -> None:
    words = f"{counted(summary['added'], 'photo')} found in the project's folders and listed"
    if n := summary["already_there"]:
        words += f"; {counted(n, 'photo')} moved since the list was written"
    if n := summary["set_aside"]:
        words += f"; {counted(n, 'file')} set aside, see below"
    st.success(f"{words}.", icon=":material/check_circle:")


def _show_summary(summary: dict) -> None:
    parts = [f"{counted(summary['added'], 'photo')} added in {duration(summary['seconds'])}"]
    if summary["already_there"]:
        parts.append(f"{counted(summary['already_there'], 'photo')} had been here already")
    if n := summary.get("mended"):  # an earlier version mended none
        files, were = ("file was", "was") if n == 1 else ("files were", "were")
        parts.append(f"{counted(n, 'photo')} whose {files} damaged {were} mended")
    if summary.get("without_class"):  # an earlier version kept none
        parts.append(f"{counted(summary['without_class'], 'photo')} without a class kept apart")
    if summary["set_aside"]:
        parts.append(f"{counted(summary['set_aside'], 'file')} set aside, see below")
    if n := summary.get("read_anew"):  # an earlier version measured nothing
        parts.append(f"{counted(n, 'picture')} read once more, so that all have the same brightness range")
    st.success(". ".join(parts) + ".", icon=":material/check_circle:")
    for note in summary.get("notes", []):  # an earlier version wrote none
        st.info(markdown.plain(note), icon=":material/translate:")


def _show_not_taken(summary: dict) -> None:
    if lost := summary.get("lost"):  # an import of an earlier version doesn't say
        st.warning(
            f"{markdown.plain('; '.join(lost))}. Nothing would be learned of {'it' if len(lost) == 1 else 'them'}. "
            "Mend the files and bring them in again, or go on without.",
            icon=":material/warning:",
        )
    if summary["left_out"]:
        with st.expander(f"{counted(len(summary['left_out']), 'file')} not taken"):
            st.dataframe(pd.DataFrame(summary["left_out"], columns=["file", "why"]), hide_index=True)
