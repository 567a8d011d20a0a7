"""Draw what a calibration would refuse and would answer, threshold by threshold."""

from __future__ import annotations

from pathlib import Path

from reformqa.answering.calibration import Calibration
from reformqa.errors import ExportError


def plot_calibration(calibration: Calibration, file: Path) -> None:
    """Draw both scales' curves into `file`, in the form its suffix names (.svg, .png, .pdf).

    Raises ExportError for another suffix, or where the file cannot be written.
    """
    from matplotlib.figure import Figure  # half a second to import, for drawing alone

    figure = Figure(figsize=(11, 4.5), layout="constrained")
    panels = figure.subplots(1, 2)
    told = (
        (
            calibration.answers,
            "Answers",
            "refused, of questions with an answer",
            "answered, of questions without",
        ),
        (
            calibration.speaks,
            "Think tanks",
            "silenced, of those that speak",
            "quoted, of those that are silent",
        ),
    )
    for panel, (scale, title, wrong, missed) in zip(panels, told, strict=True):
        thresholds = [p.threshold for p in scale.curve]
        panel.plot(thresholds, [p.refused for p in scale.curve], label=wrong, color="#b4530a")
        panel.plot(thresholds, [p.answered for p in scale.curve], label=missed, color="#1f5a87")
        panel.axvline(scale.threshold, color="0.4", linestyle=":", label="threshold")
        kinds = ", ".join(f"{count} {kind}" for kind, count in scale.questions.items())
        panel.set(title=f"{title} ({kinds})", xlabel="threshold", ylabel="share", ylim=(0, 1))
        panel.title.set_fontsize(9)
        panel.legend(frameon=False)
    try:
        figure.savefig(file)
    except (OSError, ValueError) as error:
        raise ExportError(
            f"{file} cannot be drawn: {error}. Name a .svg, .png or .pdf file."
        ) from error
