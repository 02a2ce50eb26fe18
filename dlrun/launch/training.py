"""A training that writes its run directory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Self

from dlrun.checkpoints.recorder import Recorder
from dlrun.inspect.profile import Profile
from dlrun.inspect.profiler import Profiler
from dlrun.launch.lines import Lines
from dlrun.launch.logging import Log
from dlrun.launch.restored import restored
from dlrun.nn.engine.probe import Probe
from dlrun.pictures import plots
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.lock import Lock
from dlrun.training.events import Event, Restarted, RunEnded, RunStarted, as_json
from dlrun.training.session import Session
from dlrun.training.stop import Stop
from dlrun.variables import pictures as wants_pictures


class Training:
    """A run directory and the training that fills it; ``dlrun.launch`` makes them.

    It holds the directory's lock until it is left, as a context manager, or the process ends.

    Attributes:
        directory: where everything is written.
        stop: asks training to end; it carries the spec's ``max_time``.
        seconds: of training in earlier processes, which ``max_time`` does not count.
        ended: how training ended; None before it has.
        profile: where the time was spent; None before ``finish`` or without a ``Profiler``.
        notes: what the user should know of the data and the run directory, one line each.
    """

    def __init__(
        self,
        session: Session,
        directory: RunDirectory,
        lock: Lock,
        stop: Stop | None,
        log: Log,
        *,
        seconds: float = 0.0,
        notes: Sequence[str] = (),
        resumed: bool = False,
    ) -> None:
        self.directory = directory
        self.stop = Stop() if stop is None else stop
        self.profile: Profile | None = None
        self.ended: RunEnded | None = None
        self.notes = (*session.compiled.notes, *notes)
        self._session: Session | None = session
        self._probe, self._lock, self.seconds = session.network.probe, lock, seconds
        self._resumed, self._log = resumed, log
        self.stop.limit(session.compiled.experiment.max_time)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release the directory, once the loggers have had time to deliver what waits."""
        self._log.close(briefly=kind is not None)
        self._lock.release()

    @property
    def probe(self) -> Probe:
        """What watches the training."""
        return self._probe

    def events(self) -> Iterator[Event]:
        """Train; every event is on disk before it is yielded."""
        session = self._session
        assert session is not None  # before ``finish``
        record, lines = Recorder(session, self.directory), Lines(self.directory.path)
        self.stop.heeded = True
        events = session.run(self.stop, self.seconds)
        if self._resumed:
            events = restored(events, session, self.directory.checkpoints, self.stop)
        for event in events:
            with self.probe.part("files"):
                record(event)
                if isinstance(event, RunStarted | Restarted):  # once the metrics have been cut
                    self.directory.append_start(as_json(event))
                if text := lines(event):
                    self.directory.log("\n".join(text))
                self._log(event)
            if isinstance(event, RunEnded):
                self.ended = event
            yield event

    def warnings(self) -> list[str]:
        """New warnings on loggers that do not work; training continues without them."""
        return self._log.warnings()

    def run(self) -> RunEnded:
        """Train to the end, and finish."""
        for _ in self.events():
            pass
        self.finish()
        assert self.ended is not None
        return self.ended

    def finish(
        self, *, pictures: bool = True, tell: Callable[[str], None] | None = None
    ) -> list[str]:
        """Draw the pictures and, last of all, write how the run ended.

        Args:
            pictures: whether to draw, unless ``DLRUN_PICTURES`` is ``no``; runs of a study do
                without.
            tell: called with a line for the user if the wait for loggers is longer than a moment.

        Returns:
            Warnings on pictures that could not be drawn, and on loggers that do not work; the
            result is written all the same.
        """
        ended, session = self.ended, self._session
        assert ended is not None and session is not None
        kept, network = session.kept, None
        if isinstance(self._probe, Profiler):
            network = session.network
        # The pictures need memory, too, and nothing is left to do with the arrays of the training.
        self._session = session = None
        warnings = []
        if ended.epochs:
            try:
                with self.probe.part("plots"):
                    if pictures and wants_pictures():
                        plots.draw(self.directory, ended.best_epoch or None)
                    else:
                        plots.remove_pictures(self.directory.plots)
            except Exception as error:  # a font, a display library: the result matters more
                warnings.append(f"{self.directory.plots}: nothing was drawn: {error}")
        if isinstance(self._probe, Profiler) and network is not None:
            self.profile = self._probe.report(network)
            self.directory.write_profile(self.profile.table(), self.profile.trace)
        self.directory.finish(
            {
                "status": ended.status,
                "ended_by": asdict(ended.ended_by),
                "reason": ended.reason,
                "epochs": ended.epochs,
                "best_epoch": ended.best_epoch,
                "weights": kept,
                "metrics": ended.metrics,
                "seconds": ended.seconds,
                "restarts": [asdict(each) for each in ended.restarts],
            }
        )
        self._log.finish(ended, tell)
        return [*warnings, *self.warnings()]
