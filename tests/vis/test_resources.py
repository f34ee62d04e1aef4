from __future__ import annotations

from trainvis.vis.resources import Resources


def test_a_second_set_of_other_settings_gets_a_folder_of_its_own() -> None:
    resources = Resources()
    assert resources.folder("saliency_maps", "one") == "saliency_maps"
    assert resources.folder("saliency_maps", "two") == "saliency_maps-2"
    assert resources.folder("grad_cam", "one") == "grad_cam"
    assert resources.folder("saliency_maps", "three") == "saliency_maps-3"
    assert resources.sets == 4


def test_the_same_settings_go_on_in_the_same_folder() -> None:
    resources = Resources()
    folders = [resources.folder("saliency_maps", settings) for settings in ("one", "two", "one", "two")]
    assert folders == ["saliency_maps", "saliency_maps-2"] * 2
