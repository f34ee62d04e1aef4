"""What the terminal can do, found out before the first frame. Standard library only.

Colours are not forwarded over SSH in an environment variable, so the terminal itself is asked: one write, one round
trip, read until the answer that every terminal gives (device attributes, which therefore are asked for last). tmux
answers for itself and not for the terminal outside, so there `tmux display -p` is asked instead.

Sequences: xterm's control sequences (ctlseqs), the kitty graphics protocol.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

PATIENCE = 1.5  # seconds until a terminal that gives no answer counts as silent
_NEEDED = "`trainvis-tui` needs a terminal; use `trainvis ls`"
_QUERY = (
    b"\x1b[38;2;1;2;3m\x1bP$qm\x1b\\\x1b[m"  # DECRQSS: does a colour of 24 bits survive?
    b"\x1b_Gi=1,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"  # kitty's graphics
    b"\x1b[16t"  # size of a character in pixels
    b"\x1b[>q"  # XTVERSION
    b"\x1b[?1;1;0S"  # XTSMGRAPHICS: how many colours has a sixel picture?
    b"\x1b[?2026$p"  # synchronised output
    b"\x1b[c"  # device attributes: answered by all, hence last
)
_ATTRIBUTES = re.compile(rb"\x1b\[\?([\d;]*)c")
_DESKTOPS = ("WAYLAND_DISPLAY", "WT_SESSION", "TERM_SESSION_ID")  # Linux, Windows, macOS (Terminal and iTerm2)
_KNOWN = re.compile(
    r"kitty|wezterm|foot|iterm|alacritty|ghostty|vte|konsole|contour|mintty|windows terminal|rio|warp", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Terminal:
    """`colors`: truecolor, 256, 16 or none; `why`: how that is known. `problem`: why the application cannot run here.

    `inside`: tmux, screen or "". `cell`: width and height of a character in pixels. `round_trip`: seconds, None where
    nobody was asked or nobody answered. `client`: what the terminal around tmux calls itself; `passthrough`: whether
    tmux hands on what it does not understand. `registers`: how many colours a sixel picture may have, 0 for unknown.
    `here`: it is known to be on the desktop of this machine, so there is no line that could be slow.
    """

    name: str = ""
    version: str = ""
    inside: str = ""
    colors: str = "truecolor"
    why: str = "assumed"
    kitty: bool = False
    sixel: bool = False
    synchronized: bool = False
    cell: tuple[int, int] | None = None
    round_trip: float | None = None
    silent: bool = False
    problem: str = ""
    client: str = ""
    passthrough: bool = False
    registers: int = 0
    here: bool = False


class Probe:
    """A question on its way: `ask` sends it, `answer` waits for what is left of the time and gives the terminal.

    Between the two the application imports Textual, so that on a far line the round trip costs nothing.
    """

    def __init__(self, terminal: Terminal, environment: Mapping[str, str]) -> None:
        self._terminal = terminal
        self._environment = environment
        self._before: list[Any] | None = None
        self._sent = 0.0

    def send(self) -> None:
        """Ask the terminal on standard input and error, with echo and line mode off until it has answered."""
        try:
            self._before = termios.tcgetattr(0)
            quiet = termios.tcgetattr(0)
            quiet[3] &= ~(termios.ECHO | termios.ICANON)
            termios.tcsetattr(0, termios.TCSANOW, quiet)
            self._sent = time.monotonic()
            os.write(2, _QUERY)
        except (termios.error, OSError):
            self.restore()

    def answer(self) -> Terminal:
        """What the terminal said; a terminal that stays silent gets what its name promises."""
        if self._before is None:
            return self._terminal
        try:
            reply = _read_reply(self._sent + PATIENCE)
            took = time.monotonic() - self._sent
            # A terminal that understands none of this may have printed some of it.
            os.write(2, b"\r\x1b[2K")
        except OSError:
            return self._terminal
        finally:
            self.restore()
        return understood(self._terminal, reply, self._environment, took)

    def restore(self) -> None:
        """Give the line its mode back."""
        if self._before is not None:
            with contextlib.suppress(termios.error):  # the line is gone, nobody is left to notice
                termios.tcsetattr(0, termios.TCSANOW, self._before)
            self._before = None


def ask(color: str = "auto") -> Probe:
    """Start to find out about the terminal; `color` (auto, truecolor, 256, 16, none) overrules what it says."""
    environment = os.environ
    found = named(environment, color)
    if not (os.isatty(0) and os.isatty(2)):
        found = replace(found, problem=_NEEDED)
    probe = Probe(found, environment)
    if found.inside == "tmux" and not found.problem:
        answer, took = _ask_tmux()
        return Probe(of_tmux(found, answer, took), environment)
    if not found.problem and not found.inside and found.name != "linux" and color == "auto":
        probe.send()
    return probe


def look(color: str = "auto") -> Terminal:
    """The terminal of this process, asked and answered."""
    return ask(color).answer()


def named(environment: Mapping[str, str], color: str = "auto") -> Terminal:
    """What the environment alone promises."""
    name = environment.get("TERM", "")
    if name in ("", "dumb"):
        return Terminal(name, colors="none", why=f"TERM={name or '(empty)'}", problem=_NEEDED)
    inside = "tmux" if environment.get("TMUX") else "screen" if environment.get("STY") else ""
    found = Terminal(name, inside=inside, here=_here(environment))
    if color != "auto":
        return replace(found, colors=color, why="asked for")
    if environment.get("NO_COLOR"):
        return replace(found, colors="none", why="NO_COLOR")
    # What screen inherits in COLORTERM is what the terminal outside can do, not what screen passes on.
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit") and inside != "screen":
        return replace(found, colors="truecolor", why="COLORTERM")
    if name.endswith("-direct") or (_KNOWN.search(name) and not inside):
        return replace(found, colors="truecolor", why=f"TERM={name}")
    return replace(found, colors="256" if "256" in name else "16", why=f"TERM={name}")


def _here(environment: Mapping[str, str]) -> bool:
    """Whether the terminal is surely on this machine's own screen.

    No SSH alone is no proof: sudo forgets it, and a browser or a container has a line of another kind.
    """
    if any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")):
        return False
    display = environment.get("DISPLAY", "")  # one that SSH forwards has the name of a host before the colon
    return display.startswith(":") or environment.get("TERM") == "linux" or any(map(environment.get, _DESKTOPS))


def understood(found: Terminal, reply: bytes, environment: Mapping[str, str], took: float) -> Terminal:
    """`found`, bettered by what the terminal replied within `took` seconds."""
    attributes = _ATTRIBUTES.search(reply)
    if attributes is None:
        return replace(found, silent=True)
    version = re.search(rb"\x1bP>\|([^\x1b]{0,80})", reply)
    cell = re.search(rb"\x1b\[6;(\d{1,4});(\d{1,4})t", reply)
    registers = re.search(rb"\x1b\[\?1;0;(\d{1,6})S", reply)
    found = replace(
        found,
        version=version.group(1).decode("utf-8", "replace") if version else "",
        kitty=b"\x1b_Gi=1;OK" in reply,
        sixel=b"4" in attributes.group(1).split(b";")[1:],
        synchronized=re.search(rb"\x1b\[\?2026;[123]\$y", reply) is not None,
        cell=(int(cell.group(2)), int(cell.group(1))) if cell else None,
        round_trip=took,
        registers=int(registers.group(1)) if registers else 0,
    )
    if found.colors in ("truecolor", "none"):
        return found
    # xterm answers 38:2::1:2:3, others 38;2;1;2;3; one that has no such colours answers with the nearest it has.
    if re.search(rb"\x1bP1\$r[^\x1b]*38[:;]2[:;]+1[:;]2[:;]3", reply):
        return replace(found, colors="truecolor", why="the terminal kept a colour of 24 bits")
    if _KNOWN.search(found.version) and not environment.get("TMUX"):
        return replace(found, colors="truecolor", why=f"the terminal calls itself {found.version}")
    return found


_TMUX_FORMAT = (
    "#{client_termfeatures}|#{client_termname}|#{client_cell_width}x#{client_cell_height}|#{version}"
    "|#{client_termtype}|#{allow-passthrough}"
)


def _ask_tmux() -> tuple[str, float]:
    began = time.monotonic()
    try:
        done = subprocess.run(
            ["tmux", "display", "-p", _TMUX_FORMAT], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return "", time.monotonic() - began
    return done.stdout.strip(), time.monotonic() - began


def of_tmux(found: Terminal, answer: str, took: float) -> Terminal:
    """`found`, bettered by what `tmux display -p` printed; tmux without a client prints empty fields."""
    features, client, cell, version, around, passthrough = (answer.split("|") + [""] * 6)[:6]
    has = set(features.split(","))
    width, _, height = cell.partition("x")
    found = replace(
        found,
        version=f"tmux {version} in {client}" if client else "tmux",
        sixel="sixel" in has,
        synchronized="sync" in has,
        cell=(int(width), int(height)) if width.isdigit() and height.isdigit() and int(width) else None,
        round_trip=took if answer else None,
        silent=not answer,
        client=around,
        passthrough=passthrough in ("1", "on", "all"),
    )
    if found.why in ("asked for", "NO_COLOR"):
        return found
    # tmux turns what the client cannot show into what it can, so no colours are ever too many. Of a client whose own
    # terminfo entry has them (kitty's has Tc) it does not list RGB.
    if "RGB" not in has and _KNOWN.search(around or client):
        return replace(found, colors="truecolor", why=f"tmux says that it is in {around or client}")
    return replace(found, colors="truecolor" if "RGB" in has else "256", why=f"tmux says of its client: {features}")


def _read_reply(deadline: float) -> bytes:
    reply = b""
    while _ATTRIBUTES.search(reply) is None:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([0], [], [], left)[0]:
            break
        piece = os.read(0, 4096)
        if not piece:
            break
        reply += piece
    return reply


def size() -> tuple[int, int, int, int]:
    """Columns, rows and the window's pixels (0 where the terminal does not say)."""
    try:
        rows, columns, width, height = struct.unpack("HHHH", fcntl.ioctl(2, termios.TIOCGWINSZ, bytes(8)))
    except OSError:
        return (0, 0, 0, 0)
    return (columns, rows, width, height)


def utf8() -> bool:
    """Whether what is written to the terminal is UTF-8."""
    encoding = (sys.__stdout__.encoding if sys.__stdout__ else None) or "utf-8"
    return encoding.lower().replace("-", "").replace("_", "") == "utf8"
