from __future__ import annotations

import pytest

from trainvis.engine.errors import SettingsError
from trainvis.engine.places import config_file, state_folder
from trainvis.tui.settings import Remembered, read_settings
from trainvis.tui.start import images_wanted


def write(text: str) -> None:
    config_file().parent.mkdir(parents=True, exist_ok=True)
    config_file().write_text(text)


def test_without_a_file_everything_has_its_default() -> None:
    settings = read_settings()
    assert settings.problems == ()
    assert settings.bell
    assert settings.color == "auto"


@pytest.mark.parametrize(
    "table", ['[keys]\n"runs.stop" = "x,f2"', '[keys.runs]\nstop = "x,f2"', 'keys.runs.stop = "x,f2"']
)
def test_keys_are_remapped_by_id_in_either_spelling(table: str) -> None:
    write(table)
    assert read_settings().keys == {"runs.stop": "x,f2"}


def test_what_cannot_be_used_is_said_and_the_rest_is_taken() -> None:
    write('bell = "loud"\ncolor = "pink"\ntheme = "nord"\n[keys]\n"runs.fly" = "x"\n"runs.stop" = 3\n"runs.kill" = "K"')
    settings = read_settings()
    assert settings.theme == "nord"
    assert settings.bell
    assert settings.color == "auto"
    assert settings.keys == {"runs.kill": "K"}
    assert len(settings.problems) == 4
    assert all(str(config_file()) in problem for problem in settings.problems)


@pytest.mark.parametrize(("text", "images"), [('images = "half"', "half"), ('images = "pink"', "auto"), ("", "auto")])
def test_how_pictures_are_shown_is_a_setting(text: str, images: str) -> None:
    write(text)
    settings = read_settings()
    assert settings.images == images
    assert len(settings.problems) == ("pink" in text)


def test_the_command_line_comes_before_the_environment_and_that_before_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert images_wanted("", "half") == "half"
    monkeypatch.setenv("TRAINVIS_IMAGES", "sixel")
    assert images_wanted("", "half") == "sixel"
    assert images_wanted("kitty", "half") == "kitty"
    monkeypatch.setenv("TRAINVIS_IMAGES", "pink")
    with pytest.raises(SettingsError, match="TRAINVIS_IMAGES should be one of auto, kitty"):
        images_wanted("", "half")


def test_two_actions_on_one_key_are_a_problem_that_names_both() -> None:
    write('[keys]\n"runs.kill" = "q"\n"app.theme" = "f8,s"\n"curves.log" = "S"')
    problems = [problem.removeprefix(f"{config_file()}: ") for problem in read_settings().problems]
    assert "q is the key of runs.kill and of runs.quit; only one of them acts" in problems
    assert "s is the key of app.theme and of runs.stop; only one of them acts" in problems
    assert not [problem for problem in problems if "curves.log" in problem or "f8" in problem]


def test_a_damaged_file_is_one_problem() -> None:
    write("[keys")
    assert len(read_settings().problems) == 1


def test_keys_that_are_no_table_are_a_problem() -> None:
    write("keys = 3")
    assert len(read_settings().problems) == 1


def test_what_is_remembered_outlives_the_application() -> None:
    Remembered().put("columns", ["name", "loss"])
    assert Remembered().get("columns") == ["name", "loss"]
    assert Remembered().get("theme", "none yet") == "none yet"


def test_two_applications_remember_into_one_file() -> None:
    first, second = Remembered(), Remembered()
    first.put("theme", "nord")
    second.put("columns", ["name"])
    assert Remembered().get("theme") == "nord"
    assert Remembered().get("columns") == ["name"]


def test_a_damaged_memory_costs_the_memory_only() -> None:
    state_folder().mkdir(parents=True)
    (state_folder() / "remembered.json").write_text("{half")
    remembered = Remembered()
    assert remembered.get("theme") is None
    remembered.put("theme", "nord")
    assert Remembered().get("theme") == "nord"
