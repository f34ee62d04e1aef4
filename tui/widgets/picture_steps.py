"""Going through the stored steps of a figure: by keys, by the time line, by itself."""

from __future__ import annotations

from dataclasses import replace

from .looking import entry_named
from .picture_board import PictureBoard
from .time_line import TimeLine


class PictureSteps(PictureBoard):
    """The board with what its keys do to the step that is looked at."""

    def action_step(self, by: int) -> None:
        self.player.stop()
        if self.at is not None:
            self.go_to(self.at + by)

    def go_to(self, at: int) -> None:
        """Show the stored step with this number, or the nearest there is."""
        if self.entries:
            self.looking = replace(self.looking, step=self.entries[min(max(at, 0), len(self.entries) - 1)].step)

    def action_edge(self, end: int) -> None:
        self.player.stop()
        self.go_to(end * len(self.entries))

    def action_latest(self) -> None:
        self.player.stop()
        self.looking = replace(self.looking, step=None)

    def on_time_line_chosen(self, message: TimeLine.Chosen) -> None:
        message.stop()
        self.player.stop()
        self.go_to(message.at)

    def action_jump(self) -> None:
        """Ask for a step or an epoch."""
        from ..screens.dialogs import Ask

        if not self.entries:
            self.say("there is no step yet")
            return
        first, last = self.entries[0], self.entries[-1]
        text = f"A step from {first.step} to {last.step}, or an epoch: e3.5"
        self.app.push_screen(Ask("Go to", text), self._jump)

    def _jump(self, answer: str | None) -> None:
        if not answer or not answer.strip():
            return
        at = entry_named(self.entries, answer)
        if at is None:
            self.say(f"{answer.strip()[:40]!r} is no step and no epoch: 930, or e3.5", "warning")
        else:
            self.player.stop()
            self.go_to(at)

    def action_play(self) -> None:
        """Through all steps from here; from the last one from the beginning."""
        if self.player.speed:
            self.player.stop()
            return
        if self.at is not None and self.at + 1 >= len(self.entries):
            self.go_to(0)
        self.player.start()

    def action_speed(self, by: int) -> None:
        if said := self.player.faster(by):
            self.say(said)

    def say(self, text: str, severity: str = "information") -> None:
        """A message beside the pictures."""
        self.notify(text, severity=severity, markup=False)  # type: ignore[arg-type]
