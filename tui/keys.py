"""The key table: one place for every key, its id, its word in the footer and its sentence in the help.

A screen takes its keys with `BINDINGS = bindings("runs")`. Ids are what a person remaps in the settings file
(`[keys]`, `"runs.stop" = "x"`), so they never change.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Key:
    """`action` is a Textual action of the place it belongs to; `word` "" keeps it out of the footer.

    `anywhere`: it works under dialogs too, before whatever has the focus.
    """

    id: str
    keys: str
    action: str
    word: str
    sentence: str
    anywhere: bool = False


TABLE: dict[str, tuple[Key, ...]] = {
    "everywhere": (
        Key("app.help", "question_mark,f1", "help", "help", "Show all keys of this screen"),
        Key("app.quit", "ctrl+q", "quit", "", "Leave; runs go on without the application"),
        Key("app.palette", "ctrl+p", "command_palette", "", "Find any action by its name"),
        Key("app.theme", "f9", "next_theme", "", "Next theme; remembered"),
        Key("app.save_screen", "ctrl+w", "save_screen", "", "Save the screen as PNG, SVG or text", anywhere=True),
        Key("app.open_ended", "f4", "open_ended", "", "Open the run whose end was announced last"),
    ),
    "runs": (
        Key("runs.open", "enter,l,right", "open", "open", "Open the run under the cursor"),
        Key("runs.new", "n", "new", "new", "Start a script"),
        Key("runs.stop", "s", "stop", "stop", "Stop: ask the script, after its grace SIGTERM, then SIGKILL"),
        Key("runs.kill", "S", "kill", "kill", "Kill at once: SIGKILL to the whole process tree"),
        Key("runs.again", "r", "again", "again", "Run again with the same settings, as a new run"),
        Key("runs.resume", "R", "resume", "", "Run again, starting from the network this run saved"),
        Key("runs.tags", "t", "tags", "tags", "Edit the tags"),
        Key("runs.name", "N", "rename", "", "Give the run a name"),
        Key("runs.note", "e", "note", "", "Write a note"),
        Key("runs.mark", "space", "mark", "mark", "Mark the run, for an overlay of curves or an action on several"),
        Key("runs.mark_none", "M", "mark_none", "", "Unmark all"),
        Key("runs.curves", "c", "curves", "curves", "Curves of the marked runs on the same charts"),
        Key("runs.beside", "v", "beside", "", "Pictures of the marked runs side by side, at the same epoch"),
        Key("runs.delete", "d,delete", "delete", "delete", "Move to the trash"),
        Key("runs.undo", "u", "undo", "undo", "Take the last delete back"),
        Key("runs.filter", "slash", "filter", "filter", "Filter: text, tag:x, status:running, since:7d, loss<0.1"),
        Key("runs.sort", "o", "sort", "sort", "Sort by the next column; ctrl+o turns the order round"),
        Key("runs.sort_turn", "ctrl+o", "sort_turn", "", "Turn the sort order round"),
        Key("runs.columns", "C", "columns", "", "Choose the columns"),
        Key("runs.look", "I", "look_inside", "", "Look inside a network that the run has saved"),
        Key("runs.demo", "D", "demo", "", "Start the demo: a small network learns handwritten digits"),
        Key("runs.quit", "q", "app.quit", "quit", "Leave; runs go on without the application"),
    ),
    "table": (
        Key("table.up", "up,k", "cursor_up", "", "One row up"),
        Key("table.down", "down,j", "cursor_down", "", "One row down"),
        Key("table.page_up", "pageup,ctrl+b", "page_up", "", "One page up"),
        Key("table.page_down", "pagedown,ctrl+f", "page_down", "", "One page down"),
        Key("table.top", "home,g", "top", "", "First row"),
        Key("table.bottom", "end,G", "bottom", "", "Last row"),
        Key("table.scroll_left", "shift+left,H", "scroll_columns(-1)", "", "Scroll the columns left"),
        Key("table.scroll_right", "shift+right,L", "scroll_columns(1)", "", "Scroll the columns right"),
    ),
    "filter": (
        Key("filter.keep", "enter,down", "keep", "keep", "Keep the filter and go to the table"),
        Key("filter.leave", "escape", "leave", "clear", "Clear the filter and go back to the table"),
        Key("filter.complete", "tab", "complete", "complete", "Complete the word, as far as it is certain"),
    ),
    "columns": (
        Key("columns.toggle", "space", "show_or_hide", "show or hide", "Show or hide the column"),
        Key("columns.earlier", "K,shift+up", "move(-1)", "", "Move the column to the left"),
        Key("columns.later", "J,shift+down", "move(1)", "", "Move the column to the right"),
        Key("columns.sort", "o", "sort_by", "sort by it", "Sort by the column; again turns the order round"),
        Key("columns.search", "slash", "search", "search", "Find a column by a part of its name"),
        Key("columns.default", "0", "default", "default", "The columns that are shown until somebody chooses"),
        Key("columns.keep", "enter", "keep", "keep", "Keep the choice"),
        Key("columns.leave", "escape,q", "leave", "cancel", "Leave everything as it was"),
    ),
    "run": (
        Key("run.back", "q,escape", "back", "back", "Back to the runs"),
        Key("run.overview", "1", "pane('overview')", "", "Overview: script, facts, difference to the repository"),
        Key("run.output", "2", "pane('output')", "", "Output of the script"),
        Key("run.curves", "3", "pane('curves')", "", "Curves"),
        Key("run.pictures", "4", "pane('pictures')", "", "Pictures: what the network sees, through its training"),
        Key("run.network", "5", "pane('network')", "", "Network: its layers, their graph, how they change"),
        Key("run.next", "tab", "next_pane", "next pane", "Next pane"),
        Key("run.previous", "shift+tab", "previous_pane", "", "Previous pane"),
        Key("run.stop", "s", "stop", "stop", "Stop: ask the script, after its grace SIGTERM, then SIGKILL"),
        Key("run.kill", "S", "kill", "", "Kill at once: SIGKILL to the whole process tree"),
        Key("run.again", "r", "again", "again", "Run again with the same settings, as a new run"),
        Key("run.resume", "R", "resume", "", "Run again, starting from the network this run saved"),
        Key("run.look", "I", "look_inside", "", "Look inside a network that the run has saved"),
        Key("run.tags", "t", "tags", "tags", "Edit the tags"),
        Key("run.name", "N", "rename", "", "Give the run a name"),
        Key("run.note", "e", "note", "note", "Write a note"),
    ),
    "curves": (
        Key("curves.full", "enter,f", "full", "full screen", "One chart full screen, and back to the grid"),
        Key("curves.next", "j,down", "next_chart(1)", "", "Next chart"),
        Key("curves.previous", "k,up", "next_chart(-1)", "", "Previous chart"),
        Key("curves.zoom_in", "plus,equals_sign", "zoom(0.8)", "zoom", "Zoom in about the cursor"),
        Key("curves.zoom_out", "minus", "zoom(1.25)", "", "Zoom out about the cursor"),
        Key("curves.pan_left", "left,h", "pan(-0.1)", "", "Move the cursor (or, zoomed, the window) left"),
        Key("curves.pan_right", "right,l", "pan(0.1)", "", "Move the cursor (or, zoomed, the window) right"),
        Key("curves.reset", "0", "reset", "reset", "Show everything again"),
        Key("curves.cursor", "i", "cursor", "value", "Value under a cursor; arrows move it"),
        Key("curves.log", "y", "log", "log", "Logarithmic y axis"),
        Key("curves.smooth", "m", "smooth", "smooth", "Smoothing: off, 0.6, 0.9, 0.99; the raw curve stays, faint"),
        Key("curves.axis", "x", "axis", "axis", "x axis: step, epoch, time"),
        Key("curves.range", "v", "range", "", "Range of y: without outliers (each marked), or all values"),
        Key("curves.taller", "greater_than_sign", "zoom_y(0.8)", "", "Zoom into the y axis"),
        Key("curves.flatter", "less_than_sign", "zoom_y(1.25)", "", "Zoom out of the y axis"),
        Key("curves.up", "shift+up,K", "pan_y(0.1)", "", "Move the window up"),
        Key("curves.down", "shift+down,J", "pan_y(-0.1)", "", "Move the window down"),
        Key("curves.alone", "o", "alone", "", "One line of the charts alone, the next one, all again"),
        Key("curves.first", "home", "edge(0)", "", "The cursor or the window to the first point"),
        Key("curves.last", "end", "edge(1)", "", "The cursor or the window to the last point; it follows"),
        Key("curves.leave", "escape", "leave", "", "Leave the cursor, then the full screen"),
        Key("curves.save", "w", "save", "save", "Save the chart as PNG or SVG"),
    ),
    "pictures": (
        Key("pictures.next_step", "right_square_bracket", "step(1)", "step", "Next stored step"),
        Key("pictures.previous_step", "left_square_bracket", "step(-1)", "", "Previous stored step"),
        Key("pictures.play", "space", "play", "play", "Play through the steps, or stand still"),
        Key("pictures.next", "j", "list(1)", "layer", "Next layer or other part, then the next figure"),
        Key("pictures.previous", "k", "list(-1)", "", "Previous layer or other part"),
        Key("pictures.grid", "enter,g", "grid", "grid/one", "All maps as a grid, or the chosen one alone"),
        Key("pictures.page_down", "pagedown", "page(1)", "page", "Many maps: the next page of them"),
        Key("pictures.page_up", "pageup", "page(-1)", "", "The page before"),
        Key("pictures.zoom_in", "plus,equals_sign", "zoom(1)", "zoom", "Zoom in about the cursor; both pictures"),
        Key("pictures.over", "o", "over", "over", "The map over the photo, or beside it"),
        Key("pictures.wish", "p", "wish", "ask", "Ask the running script for all pictures now"),
        Key("pictures.cursor", "c", "cursor", "value", "Value under a cursor; arrows move it"),
        Key("pictures.map", "m", "map", "colours", "Next colour map"),
        Key("pictures.units", "u", "units", "units", "The chosen map as a unit: what it learned, what excites it"),
        Key("pictures.beside", "v", "beside", "beside", "Side by side: other steps, images, runs, settings"),
        Key("pictures.next_figure", "J", "figure(1)", "", "Next figure"),
        Key("pictures.previous_figure", "K", "figure(-1)", "", "Previous figure"),
        Key("pictures.next_image", "n", "image(1)", "", "Next image of those the figure is of"),
        Key("pictures.previous_image", "b", "image(-1)", "", "Previous image"),
        Key("pictures.first", "home,left_curly_bracket", "edge(0)", "", "First stored step"),
        Key("pictures.last", "end,right_curly_bracket", "edge(1)", "", "Last stored step"),
        Key("pictures.latest", "full_stop", "latest", "", "The latest step, and follow as new ones come"),
        Key("pictures.jump", "colon,G", "jump", "", "Go to a step or an epoch"),
        Key("pictures.faster", "greater_than_sign", "speed(1)", "", "Play faster"),
        Key("pictures.slower", "less_than_sign", "speed(-1)", "", "Play slower"),
        Key("pictures.left", "left", "arrow(-1,0)", "", "Map to the left; zoomed: what is seen; cursor: one pixel"),
        Key("pictures.right", "right", "arrow(1,0)", "", "The same to the right"),
        Key("pictures.up", "up", "arrow(0,-1)", "", "The same upwards"),
        Key("pictures.down", "down", "arrow(0,1)", "", "The same downwards"),
        Key("pictures.zoom_out", "minus", "zoom(-1)", "", "Zoom out about the cursor"),
        Key("pictures.reset", "0", "reset", "", "Show all of the picture again"),
        Key("pictures.stronger", "right_parenthesis", "strength(0.1)", "", "The map over the photo: stronger"),
        Key("pictures.weaker", "left_parenthesis", "strength(-0.1)", "", "The map over the photo: weaker"),
        Key("pictures.clip", "x", "clip", "", "Clip 0.5, 2 or 5 % at each end of the range, or nothing"),
        Key("pictures.gamma", "y", "gamma", "", "Gamma: 1, 0.6, 0.4, 1.6; small ones bring out what is dark"),
        Key("pictures.range", "z", "range", "", "A range of colours for each map, or one for all"),
        Key("pictures.facts", "i", "facts", "", "Prediction, statistics and notes, or more room"),
        Key("pictures.save", "w", "save", "", "Save the picture: PNG, its numbers, or all steps as WebP or GIF"),
        Key("pictures.wish_one", "P", "wish_one", "", "Ask the running script for this figure only"),
        Key("pictures.leave", "escape", "leave", "", "Leave playing, the cursor, the zoom, the single map"),
    ),
    "lines": (
        Key("lines.up", "up,k", "move(-1)", "", "One line up"),
        Key("lines.down", "down,j", "move(1)", "", "One line down"),
        Key("lines.page_up", "pageup,ctrl+b", "page(-1)", "", "One page up"),
        Key("lines.page_down", "pagedown,ctrl+f,space", "page(1)", "", "One page down"),
        Key("lines.left", "left,h", "sideways(-8)", "", "Left in long lines"),
        Key("lines.right", "right,l", "sideways(8)", "", "Right in long lines"),
    ),
    "overview": (
        Key("overview.top", "g,home", "top", "", "Beginning"),
        Key("overview.bottom", "G,end", "bottom", "", "End"),
        Key("overview.next", "right_square_bracket", "section(1)", "", "Next section"),
        Key("overview.previous", "left_square_bracket", "section(-1)", "", "Previous section"),
        Key("overview.parent", "p", "parent", "", "Open the run that this one repeats or resumes"),
    ),
    "output": (
        Key("output.top", "g,home", "top", "", "First line"),
        Key("output.bottom", "G,end", "bottom", "follow", "Last line, and follow"),
        Key("output.search", "slash", "search", "search", "Search"),
        Key("output.next", "n", "match(1)", "", "Next match"),
        Key("output.previous", "p", "match(-1)", "", "Previous match"),
        Key("output.traceback", "b", "traceback", "traceback", "Jump to the first traceback"),
        Key("output.save", "w", "save", "save", "Copy the whole output into a file"),
        Key("output.copy", "y", "copy", "", "Copy the whole output, where it is small, to the clipboard"),
        Key("output.frames", "a", "frames", "", "Show every frame of progress bars, or only the last"),
    ),
    "views": (
        Key("views.left", "left", "step(-1,0)", "", "The cursor one place left"),
        Key("views.right", "right", "step(1,0)", "", "The cursor one place right"),
        Key("views.up", "up", "step(0,-1)", "", "The cursor one place up"),
        Key("views.down", "down", "step(0,1)", "", "The cursor one place down"),
        Key("views.page_up", "pageup,shift+up", "page(-1)", "", "One page up"),
        Key("views.page_down", "pagedown,shift+down", "page(1)", "", "One page down"),
        Key("views.first", "home", "end(-1)", "", "First place"),
        Key("views.last", "end", "end(1)", "", "Last place"),
        Key("views.way", "o", "way(1)", "other way", "Show it another way: sorted, over the steps, one line alone"),
        Key("views.way_back", "O", "way(-1)", "", "The way before"),
    ),
    "units": (
        Key("units.back", "q,escape", "back", "back", "Back; from a panel that fills the screen, to all of them"),
        Key("units.layer_down", "down,j", "layer(1)", "layer", "Next layer"),
        Key("units.layer_up", "up,k", "layer(-1)", "", "Previous layer"),
        Key("units.far_down", "pagedown", "layer(10)", "", "Ten layers on"),
        Key("units.far_up", "pageup", "layer(-10)", "", "Ten layers back"),
        Key("units.right", "right,l", "unit(1)", "unit", "Next unit; behind the last one comes the first"),
        Key("units.left", "left,h", "unit(-1)", "", "Previous unit"),
        Key(
            "units.far_right",
            "shift+right,ctrl+right",
            "unit(10)",
            "",
            "Ten units on; digits go to the unit of that number",
        ),
        Key("units.far_left", "shift+left,ctrl+left", "unit(-10)", "", "Ten units back"),
        Key("units.row_down", "shift+down,ctrl+down", "row(1)", "", "One row of the layer's grid down"),
        Key("units.row_up", "shift+up,ctrl+up", "row(-1)", "", "One row of the layer's grid up"),
        Key("units.first_unit", "home", "edge(0)", "", "First unit of the layer"),
        Key("units.last_unit", "end", "edge(1)", "", "Last unit of the layer"),
        Key(
            "units.next_step",
            "right_square_bracket",
            "step(1)",
            "step",
            "Next stored step; each panel the nearest before it",
        ),
        Key("units.previous_step", "left_square_bracket", "step(-1)", "", "Previous stored step"),
        Key("units.first_step", "left_curly_bracket", "first", "", "First stored step"),
        Key(
            "units.latest",
            "full_stop,right_curly_bracket",
            "latest",
            "latest",
            "The latest step, and follow as new ones come",
        ),
        Key(
            "units.next_panel",
            "tab",
            "panel(1)",
            "panel",
            "Next panel; one that there is no room for takes another's place",
        ),
        Key("units.previous_panel", "shift+tab", "panel(-1)", "", "Previous panel"),
        Key("units.alone", "enter,f", "alone", "full", "The panel fills the screen, and back"),
        Key("units.next_image", "n", "image(1)", "image", "Next input image"),
        Key("units.previous_image", "p", "image(-1)", "", "Previous input image"),
        Key(
            "units.learned",
            "s",
            "learned",
            "settings",
            "Learned images of other settings, where the run has several sets",
        ),
        Key(
            "units.beside", "v", "beside", "beside", "What the panel shows, side by side: steps, images, runs, settings"
        ),
        Key("units.zoom_in", "plus,equals_sign", "zoom(1)", "", "Zoom into all panels"),
        Key("units.zoom_out", "minus", "zoom(-1)", "", "Zoom out"),
        Key("units.pan_left", "H", "pan(-1, 0)", "", "Zoomed: what is seen moves left"),
        Key("units.pan_right", "L", "pan(1, 0)", "", "The same to the right"),
        Key("units.pan_up", "K", "pan(0, -1)", "", "The same upwards"),
        Key("units.pan_down", "J", "pan(0, 1)", "", "The same downwards"),
        Key("units.reset", "z", "reset", "", "Show all of each picture again"),
        Key("units.colours", "m", "colours", "", "Next colour map"),
        Key("units.range", "r", "range", "", "One range of colours for all maps of a layer, or one for each"),
    ),
    "side_by_side": (
        Key("beside.back", "q,escape", "back", "back", "Back"),
        Key("beside.compare", "a", "compare(1)", "compare", "What is compared: steps, images, runs, settings"),
        Key("beside.compare_back", "A", "compare(-1)", "", "The one before"),
        Key(
            "beside.next_step",
            "right_square_bracket",
            "step(1)",
            "steps",
            "All a stored step on; of several runs, an epoch's",
        ),
        Key("beside.previous_step", "left_square_bracket", "step(-1)", "", "All a stored step back"),
        Key(
            "beside.latest",
            "full_stop,right_curly_bracket",
            "latest",
            "latest",
            "All to the end, and follow as new steps come",
        ),
        Key("beside.first", "left_curly_bracket", "first", "", "All to the first stored step"),
        Key("beside.later", "greater_than_sign", "alone(1)", "", "Comparing steps: only the one in focus a step on"),
        Key("beside.earlier", "less_than_sign", "alone(-1)", "", "Only the one in focus a step back"),
        Key("beside.next", "tab", "focus_on(1)", "focus", "The next one takes the focus"),
        Key("beside.previous", "shift+tab", "focus_on(-1)", "", "The previous one"),
        Key("beside.add", "n", "add", "add", "One more beside the others, six at most"),
        Key("beside.remove", "x,delete", "remove", "remove", "Take the one in focus away"),
        Key("beside.item_down", "j", "item(1)", "map", "Next map or picture in all of them"),
        Key("beside.item_up", "k", "item(-1)", "", "Previous map or picture"),
        Key("beside.part_down", "J", "part(1)", "layer", "Next layer or other part in all of them"),
        Key("beside.part_up", "K", "part(-1)", "", "Previous layer or part"),
        Key("beside.figure", "t", "figure", "figure", "Choose another figure to lay side by side"),
        Key("beside.range", "r", "range", "range", "One range of colours for all, or one for each"),
        Key("beside.epoch", "e", "epoch", "", "Several runs: at the same epoch, or at the same step"),
        Key("beside.zoom_in", "plus,equals_sign", "zoom(1)", "zoom", "Zoom into all"),
        Key("beside.zoom_out", "minus", "zoom(-1)", "", "Zoom out"),
        Key("beside.pan_left", "left,h", "pan(-1, 0)", "", "Zoomed: what is seen of all moves left"),
        Key("beside.pan_right", "right,l", "pan(1, 0)", "", "The same to the right"),
        Key("beside.pan_up", "up", "pan(0, -1)", "", "The same upwards"),
        Key("beside.pan_down", "down", "pan(0, 1)", "", "The same downwards"),
        Key("beside.reset", "0", "reset", "", "Show all of each picture again"),
        Key("beside.cursor", "i", "cursor", "value", "Value under a cursor, in all of them; arrows move it"),
        Key("beside.colours", "m", "colours", "", "Next colour map"),
    ),
    "files": (
        Key("files.choose", "enter", "choose", "", "Choose the file, or what is marked; enter a folder", anywhere=True),
        Key("files.up_row", "up,ctrl+p", "move(-1)", "", "One row up", anywhere=True),
        Key("files.down_row", "down,ctrl+n", "move(1)", "", "One row down", anywhere=True),
        Key("files.page_up", "pageup", "page(-1)", "", "One page up", anywhere=True),
        Key("files.page_down", "pagedown", "page(1)", "", "One page down", anywhere=True),
        Key("files.up", "left,backspace", "up", "", "The folder above", anywhere=True),
        Key("files.into", "right", "into", "", "Into the folder", anywhere=True),
        Key("files.mark", "space", "mark", "", "Mark the file, where several can be chosen", anywhere=True),
        Key("files.mark_all", "ctrl+a", "mark_all", "", "Mark all files that are shown, or none", anywhere=True),
        Key("files.take", "ctrl+s", "take", "", "Take what is marked", anywhere=True),
        Key("files.leave", "escape", "leave", "", "Forget what was typed; leave", anywhere=True),
    ),
    "network": (
        Key("network.choose", "enter", "choose", "pictures", "Go to the pictures of the layer"),
        Key("network.graph", "g", "graph", "graph / list", "The layers as a list, or drawn as a graph"),
    ),
    "launch": (
        Key("launch.start", "ctrl+s", "start", "start", "Start the run"),
        Key("launch.check", "ctrl+t", "check", "check", "Check whether the interpreter can import the callbacks"),
        Key("launch.browse", "ctrl+o", "browse", "browse", "Choose from what there is: files, images, interpreters"),
        Key("launch.back", "escape", "back", "back", "Leave without starting"),
    ),
    "look": (
        Key("look.start", "ctrl+s", "start", "start", "Make the pictures, in a run of their own"),
        Key("look.browse", "ctrl+o", "browse", "browse", "Choose from what there is: networks, techniques, files"),
        Key("look.back", "escape", "back", "back", "Leave without starting"),
    ),
}


def bindings(place: str) -> list[Binding]:
    """The bindings of one place of the table, for a screen's or widget's `BINDINGS`."""
    return [
        Binding(key.keys, key.action, key.word or key.sentence, show=bool(key.word), id=key.id, priority=key.anywhere)
        for key in TABLE[place]
    ]


_PICTURES = {
    "question_mark": "?", "slash": "/", "plus": "+", "minus": "−", "equals_sign": "=", "left_square_bracket": "[",
    "right_square_bracket": "]", "full_stop": ".", "comma": ",", "pageup": "PgUp", "pagedown": "PgDn", "left": "←",
    "right": "→", "up": "↑", "down": "↓", "escape": "esc", "greater_than_sign": ">", "less_than_sign": "<",
    "colon": ":", "left_curly_bracket": "{", "right_curly_bracket": "}", "left_parenthesis": "(",
    "right_parenthesis": ")", "space": "space",
}  # fmt: skip


def shown_key(key: str) -> str:
    """One key as a person reads it: `question_mark` is `?`, `f1` is `F1`, `ctrl+left` is `ctrl+←`."""
    *held, last = key.strip().split("+")
    function_key = last[:1] == "f" and last[1:].isdigit()
    return "+".join([*held, _PICTURES.get(last, last.upper() if function_key else last)])


def shown_keys(keys: str) -> str:
    """`question_mark,f1` as a person reads it: `? F1`."""
    return " ".join(shown_key(key) for key in keys.split(","))
