"""Training a spec without output on the terminal."""

from __future__ import annotations

from pathlib import Path

from dlrun.api.run import Run
from dlrun.errors import DivergedError, InputError
from dlrun.experiment.plugins import Allow
from dlrun.inspect.profiler import Profiler
from dlrun.launch.finished import Finished
from dlrun.launch.resume import resume_latest
from dlrun.launch.start import start
from dlrun.launch.training import Training
from dlrun.nn.engine.probe import UNWATCHED, Probe
from dlrun.spec.given import Given
from dlrun.spec.overrides import Overrides
from dlrun.training.divergence import Detector


def train(
    spec: Given,
    overrides: Overrides = (),
    *,
    runs: str | Path = "runs",
    resume: bool = False,
    allow_changes: bool = False,
    allow_plugins: Allow = False,
    profile: bool = False,
    detect_anomaly: bool = False,
) -> Run:
    """Train the network that a spec describes.

    Args:
        spec: path of the YAML file, or its content as a mapping.
        overrides: values that replace those of keys.
        runs: the folder of all runs.
        resume: whether to resume the newest run of this spec and these overrides, if there is one;
            a finished run is returned as it is.
        allow_changes: whether to resume even if the spec, the data or versions changed.
        allow_plugins: whether the Python files that the spec names may run; without it, only files
            run that the user has trusted before, on the command line.
        profile: whether to measure where the time goes; the run directory gets a folder profile.
        detect_anomaly: whether to check every layer's output for NaN and infinity, which is slower.

    Raises:
        SpecError: the spec has errors; the message lists all of them.
        InputError: a run is to be resumed and something has changed that its result depends on; or
            ``profile`` and ``detect_anomaly`` are both asked for.
        DataError: the run directory cannot be written.
        DivergedError: the loss became NaN or infinite; the run directory is complete all the same.
    """
    probe = probe_of(profile=profile, detect_anomaly=detect_anomaly)
    if resume:
        training = resume_latest(
            spec,
            overrides,
            runs=runs,
            or_start=True,
            allow_changes=allow_changes,
            allow_plugins=allow_plugins,
            probe=probe,
        )
        return finished(training)
    return finished(start(spec, overrides, runs=runs, allow_plugins=allow_plugins, probe=probe))


def probe_of(*, profile: bool, detect_anomaly: bool) -> Probe:
    """What watches a training.

    Args:
        profile: whether to measure where the time goes.
        detect_anomaly: whether to check every layer's output for NaN and infinity.

    Raises:
        InputError: both are asked for.
    """
    if profile and detect_anomaly:
        raise InputError(
            "a profile would also measure the checks of --detect-anomaly; leave out one of them"
        )
    return Profiler() if profile else Detector() if detect_anomaly else UNWATCHED


def finished(training: Training | Finished) -> Run:
    """The run, after training to its end if there is anything left to train.

    Raises:
        DivergedError: the loss became NaN or infinite.
    """
    if isinstance(training, Finished):
        return Run(training.directory.path)
    with training:
        ended = training.run()
    if ended.status == "diverged":
        raise DivergedError(f"{training.directory.path}: {ended.reason}")
    return Run(training.directory.path)
