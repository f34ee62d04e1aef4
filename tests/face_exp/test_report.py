"""The report as a reader has it: answers first, nothing from data as markup, 80 columns."""

import csv
import dataclasses
import html.parser
import io
import re
import subprocess
import sys

import numpy as np
import pytest
from made_studies import Made

from trainvis.face_exp import scores
from trainvis.face_exp.errors import FacesError
from trainvis.face_exp.judging.claims import weigh
from trainvis.face_exp.judging.judge import judge
from trainvis.face_exp.judging.options import Options
from trainvis.face_exp.nets import NETS, changed, otherwise
from trainvis.face_exp.report import lines, svg
from trainvis.face_exp.report.document import document
from trainvis.face_exp.report.figures import seen_from
from trainvis.face_exp.report.making import report
from trainvis.face_exp.report.markdown import escaped, markdown
from trainvis.face_exp.report.page import page
from trainvis.face_exp.report.sentences import QUESTIONS, answers, could
from trainvis.face_exp.report.tables import text as csv_text

QUICK = Options(resamples=40)
STUDY = Made(faces=400, people=8, seeds=2, sets=("7", "3"), sources=("label", "shuffled"), nets=(*"ABCDEFGHI", "X"))
NASTY = "<script>alert(1)</script> | *x* [y](http://z) \x1b[31m & `c`"


class Tags(html.parser.HTMLParser):
    """Which tags and attributes a page has, and that all are closed."""

    def __init__(self):
        super().__init__()
        self.seen, self.open, self.attributes = set(), [], set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    STUDY.write(folder)
    return folder, report(folder, QUICK)


def test_the_three_questions_come_first_each_with_its_answer(study):
    _, made = study
    text = made.markdown.read_text("utf-8")
    places = [text.index(f"## {question.replace('.', '.', 1)}") for question in QUESTIONS]
    assert places == sorted(places)
    assert places[-1] < text.index("## Identification")
    assert len(made.sentences) == 3
    assert "The expression alone, without a face, names" in text


def test_everything_that_was_asked_has_its_place(study):
    text = study[1].markdown.read_text("utf-8")
    for heading in (
        "Identification", "The claims of the thesis, tested", "The confound", "Controls", "The number of expressions",
        "Expressions recognised", "Identification by expression", "Expressions, each by itself", "Other measures",
        "Verification", "Confusion", "Training time", "Beside the thesis of 2017", "How to read this",
    ):  # fmt: skip
        assert f"## {heading}" in text
    for pair in ("D–A", "E–B", "F–B", "G–A", "H–B", "H–C", "I–C", "E–F", "C–B"):
        assert f"| {pair} |" in text
    assert "80.2 | 79.0" in text  # what the thesis had of E, marked as its own
    assert "other data" in text


def test_beside_each_difference_not_shown_is_the_smallest_that_would_have_been(study):
    lines = study[1].markdown.read_text("utf-8").splitlines()
    pairs = [line.split(" | ")[0] for line in lines if line.endswith("| no difference shown |")]
    assert pairs
    for pair in pairs:
        assert any(re.match(rf"{re.escape(pair)} \| [+−]?\d.*\| (\d+\.\d|>100) \|$", line) for line in lines)


def test_figures_of_pairs_have_intervals_and_say_which(study):
    text = study[1].markdown.read_text("utf-8")
    part = text[text.index("## Verification") : text.index("## Confusion")]
    assert "Student's t over seeds" in part
    assert "Pairs out of one film" not in part
    assert re.search(r"\| B \| \d+\.\d \[\d+\.\d, \d+\.\d\] \| \d+\.\d \[", part)
    assert "For A, D and G, without a hidden layer, that is the input itself" in part
    assert "A TAR at 0.01 and 0.001 rests on less than 30 false acceptances" in part


def of_pairs(genuine, apart=True, **settings):
    """The verification of a report whose seeds have so many pairs of one person."""
    study = dataclasses.replace(STUDY, nets="BC", seeds=len(genuine), faces=200)
    facts = dataclasses.replace(study.facts(), settings={"films_apart": apart, **settings})
    found = []
    for each in study.scores(facts):
        same = np.arange(400) < genuine[each.head.seed]
        pairs = {"similarity": np.linspace(0, 1, 400, dtype=np.float32), "same": same}
        found.append(dataclasses.replace(each, verification=pairs))
    text = markdown(document(judge(found, facts, Options(resamples=0))))
    return text.partition("## Verification")[2].partition("##")[0]


def test_seeds_without_pairs_of_one_person_are_said():
    text = of_pairs([40, 0, 0])
    assert "over 40 pairs" in text
    assert "Only 1 of 3 seeds had pairs of one person and of two people in the test part" in text
    assert "less than 30 pairs" not in text
    assert "Only" not in of_pairs([40, 40, 40])


@pytest.mark.parametrize(
    ("layers", "bare"),
    [
        ("drop 0.3 → id", True),
        ("drop → {id; 1024 → drop → expression}", True),
        ("drop → {expression; 1024 → drop → id}", False),
        ("64 → {id, expression}", False),
        ("id and more", False),  # of a later version
    ],
)
def test_networks_are_bare_where_no_hidden_layer_is_before_the_identity(layers, bare):
    said = of_pairs([40], nets={"B": {"layers": layers}})
    assert ("For B, without a hidden layer, that is the input itself" in said) is bare
    assert "without a hidden layer" not in of_pairs([40], nets={"B": {"layers": layers}}, tune="from:conv5_3")


def test_few_pairs_of_one_person_are_uncertain():
    assert "EER and TAR rest on less than 30 pairs of one person for each seed: they are uncertain" in of_pairs([29])


def test_verification_of_nothing_says_why():
    assert "no two faces" not in of_pairs([40])
    assert "no seed has two test faces of one person out of two films or sequences" in of_pairs([0, 0])
    assert "no seed has two test faces of one person." in of_pairs([0, 0], apart=False)
    assert "no seed has test faces of two people" in of_pairs([400])


def test_plots_and_tables_fit_80_columns(study):
    text = study[1].markdown.read_text("utf-8")
    for block in re.findall(r"```text\n(.*?)```", text, re.DOTALL):
        assert max(map(len, block.splitlines())) <= 76
    text = text.replace("100.0", "99.9")  # all faces of an expression named rightly, by ten people: seldom
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        rows = [line.strip("|").split("|") for line in block.splitlines() if "---" not in line]
        width = sum(max(len(cell.strip()) + 2 for cell in column) for column in zip(*rows, strict=True))
        assert width <= 80 or "Claim" in rows[0][1], rows[0]  # words of claims are wrapped, numbers are not


def test_the_page_is_whole_and_takes_nothing_from_elsewhere(study):
    text = study[1].html.read_text("utf-8")
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    assert {"svg", "table", "main", "nav"} <= tags.seen
    assert not tags.seen & {"script", "link", "img", "iframe", "object"}
    assert not {name for name in tags.attributes if name.startswith("on")} | tags.attributes & {"src", "xlink:href"}
    assert all(found.startswith("#part-") for found in re.findall(r'href="([^"]*)"', text))
    assert "prefers-color-scheme: dark" in text
    assert "nan" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL).lower().split()


def test_the_csv_files_have_every_figure_comparison_and_head(study):
    _, made = study
    found = {path.name: list(csv.DictReader(io.StringIO(path.read_text("utf-8")))) for path in made.csv}
    assert len(found["report-heads.csv"]) == len(STUDY.heads())
    assert [row["pair"] for row in found["report-comparisons.csv"]][:3] == ["D–A", "E–B", "F–B"]
    row = next(
        row for row in found["report.csv"]
        if list(row.values())[:7] == ["B", "", "", "test", "identity", "accuracy", ""]
    )  # fmt: skip
    assert float(row["low"]) < float(row["mean"]) < float(row["high"])
    assert any(row["of"] == "happiness" for row in found["report.csv"])


def test_every_arm_is_told_apart_by_expression_in_the_csv(study):
    _, made = study
    report_csv = next(path for path in made.csv if path.name == "report.csv")
    rows = list(csv.DictReader(io.StringIO(report_csv.read_text("utf-8"))))
    said = {
        (row["net"], row["expressions"], row["source"]) for row in rows if row["target"] == "identity" and row["of"]
    }
    heads = {each.head for each in made.judgement.heads if "identity" in each.predictions["test"]}
    assert said == {(head.net, head.expressions, head.source) for head in heads}
    shuffled = [row for row in rows if (row["net"], row["source"], row["of"]) == ("E", "shuffled", "anger")]
    assert [row["expressions"] for row in shuffled] == ["3", "7"]
    assert all(float(row["low"]) <= float(row["mean"]) <= float(row["high"]) for row in shuffled)
    text = made.markdown.read_text("utf-8")
    assert "E with expressions from each source" in text
    assert "D and F, and other sets: report.csv" in text


def test_names_from_data_are_text_everywhere():
    study = dataclasses.replace(STUDY, name=NASTY, nets="BEH", seeds=2, sets=("7",))
    facts = study.facts()
    facts = dataclasses.replace(facts, identities=(NASTY,) * 8, settings={"notes": [NASTY], "split": NASTY})
    blocks = document(judge(study.scores(facts), facts, Options(resamples=0)))
    tags = Tags()
    made = page(blocks)
    tags.feed(made)
    assert "script" not in tags.seen
    assert tags.open == []
    text = markdown(blocks)
    assert "\x1b" not in text + made
    assert "<script" not in text.replace("\\<script", "")
    assert "](http" not in text.replace("\\](http", "")
    rows = [line for line in text.splitlines() if line.startswith("| ␛") or ("script" in line and line.startswith("|"))]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)  # four cells


def test_text_that_would_begin_something_does_not():
    assert escaped("- a") == "\\- a"
    assert escaped("1. a") == "1\\. a"
    assert escaped("# a") == "\\# a"
    assert escaped("<b> [a](b) *c* p <0.1") == "\\<b> [a\\](b) \\*c\\* p <0.1"


def test_csv_cells_are_no_formulas():
    assert csv_text(("a",), [("=1+1",), ("@x",), (-1.5,), (float("nan"),)]) == "a\n'=1+1\n'@x\n-1.5\n\"\"\n"


def test_one_seed_says_that_no_test_is_possible():
    study = dataclasses.replace(STUDY, seeds=1)
    facts = study.facts()
    found = judge(study.scores(facts), facts, QUICK)
    text = markdown(document(found))
    assert "**One seed only.** No test and no interval" in text
    assert "a test takes two seeds or more" in answers(found)[0][0]
    page(document(found))


def test_an_unfinished_study_says_what_is_missing(tmp_path):
    dataclasses.replace(STUDY, nets="ABE", sets=("7",), sources=("label",)).write(tmp_path)
    heads = tmp_path / "results/heads"
    for path in heads.glob("E-*-s1.npz"):
        path.unlink()
    (heads / "A-s0.npz").write_bytes(b"cut")
    said = []
    made = report(tmp_path, QUICK, said.append)
    text = made.markdown.read_text("utf-8")
    assert re.search(r"\| neutral \| \d+–\d+ \|", text)  # A lacks a seed, B has both
    assert "cannot be tested" in text
    assert "**Unfinished.** 2 of the planned heads" in text
    assert "E-7-label-s1" in text
    assert len(said) == 1
    assert "A-s0.npz cannot be read" in said[0]
    assert "cannot be read" in text


def test_a_study_with_no_head_yet_has_a_report_too(tmp_path):
    STUDY.facts().write(tmp_path)
    made = report(tmp_path, QUICK)
    assert "Not known" in " ".join(made.sentences[1])
    assert "Unfinished" in made.html.read_text("utf-8")


def test_networks_that_were_changed_are_named():
    study = dataclasses.replace(STUDY, nets="AB", seeds=2)
    nets = {net: {"title": each.title, "layers": str(each.layers)} for net, each in NETS.items()}
    nets["A"] = {"title": "mine", "layers": "64 → id"}
    nets["B"] = {**nets["B"], "changed": otherwise(changed(NETS["B"], epochs=5))}
    facts = dataclasses.replace(study.facts(), settings={"nets": nets})
    text = markdown(document(judge(study.scores(facts), facts, QUICK)))
    assert "| A | mine |" in text
    assert "A had other layers than in the thesis" in text
    assert "B had" not in text
    assert "not trained as in the thesis: B, epochs 5 instead of 50" in text


def test_networks_of_a_sweep_that_were_changed_are_named():
    study = dataclasses.replace(STUDY, nets="B", seeds=1, faces=200)
    nets = {net: {"changed": ["epochs 5 instead of 50"]} for net in ("B", "d1_w64", "HI", "mine")}
    nets |= {f"n{number}": {"changed": ["dropout 0.1 instead of 0.5"]} for number in range(300)}
    nets |= {"d2_w64": {"changed": []}}
    facts = dataclasses.replace(study.facts(), settings={"nets": nets})
    notes = markdown(document(judge(study.scores(facts), facts, Options(resamples=0)))).partition("## Notes")[2]
    assert "not trained as in the thesis: B, epochs 5 instead of 50" in notes
    assert "not trained as usual, epochs 5 instead of 50: d1\\_w64, HI and mine" in notes
    assert "not trained as usual, dropout 0.1 instead of 0.5: n0, n1," in notes
    assert "n7 and 292 more" in notes
    assert "d2" not in notes


def test_seeds_that_only_one_of_a_pair_has_are_said():
    study = dataclasses.replace(STUDY, nets="AB", seeds=4)
    facts = study.facts()
    left = [each for each in study.scores(facts) if each.head.id != "B-s1"]
    study = dataclasses.replace(study, nets="C")
    text = markdown(document(judge([*left, *study.scores(facts)], facts, QUICK)))
    assert "**Fewer seeds:** C–B over 3 of 4" in text


@pytest.mark.parametrize(
    ("nets", "level", "why"),
    [
        (tuple(NETS), 0.05, "among 9 comparisons that happens by chance too often to be evidence."),
        (tuple("BE"), 0.001, "an interval has 95 % confidence, and the tests have the level of 0.1 %."),
        (tuple(NETS), 0.001, "an interval has 95 % confidence, and the tests have the level of 0.1 %."),
    ],
)
def test_an_interval_beside_0_that_shows_nothing_is_explained(nets, level, why):
    rng = np.random.default_rng(0)
    noise = {net: rng.normal(0.7, 0.02, 10) for net in NETS}
    noise["E"] = noise["B"] + rng.normal(0.025, 0.02, 10)
    accuracy = {net: dict(enumerate(noise[net])) for net in nets}
    study = dataclasses.replace(STUDY, nets="B", seeds=1)
    facts, options = study.facts(), Options(level, resamples=0)
    found = dataclasses.replace(judge(study.scores(facts), facts, options), claims=weigh(accuracy, options, 1 / 7))
    (pair,) = (each for each in found.claims if each.claim.pair == "E–B")
    assert pair.found.low > 0
    assert not pair.significant
    said = answers(found)[0][0]
    assert said.endswith(f" The interval of E–B, by itself, leaves out 0: {why}")
    assert said.count("leaves out 0") == 1
    assert f"at most {100 * level:g} %" in markdown(document(found))


def test_a_difference_that_no_study_of_two_seeds_could_show_is_not_put_into_points():
    assert could(3.2, 0.8) == "even a true difference of 100 points would not have been seen with 80 % power"
    assert could(0.032, 0.8) == "a true difference of 3.2 points or more would have been seen with 80 % power"
    assert (seen_from(3.2), seen_from(0.032), seen_from(float("nan"))) == (">100", "3.2", "–")


def test_known_films_and_the_commonest_expression_are_said():
    study = dataclasses.replace(STUDY, nets="H", sets=("7",), films=20)
    facts = study.facts()
    found = judge(study.scores(facts), facts, QUICK)
    text = markdown(document(found))
    assert "**Known films.** 100 % of the test faces" in text
    tested = [each.predictions["test"]["expression"].truth for each in found.heads if each.head.net == "H"]
    share = np.bincount(np.concatenate(tested)).max() / sum(map(len, tested))
    assert f"Naming every face by the commonest expression gets {100 * share:.1f} %" in text
    by_itself = dataclasses.replace(facts, group=np.arange(len(facts)))
    assert "Known films" not in markdown(document(judge(found.heads, by_itself, Options(resamples=0))))


def test_what_is_no_study_is_refused(tmp_path):
    with pytest.raises(FacesError, match="is no study"):
        report(tmp_path)


def test_a_gain_is_told_with_its_size_and_a_lack_with_what_would_have_been_seen():
    study = dataclasses.replace(
        STUDY, seeds=8, sets=("7",), nets="ABDE", accuracy=0.6, effects={"A": 0, "B": 0, "D": 0.0, "E": 0.25}
    )
    facts = study.facts()
    first = answers(judge(study.scores(facts), facts, Options(resamples=0)))[0]
    assert re.match(r"As an extra input: in part\. It is better in 1 of 2 comparisons \(E–B \+\d", first[0])
    assert "1 of 2 shows no difference" in first[0]
    assert "would have been seen with 80 % power" in first[0]
    assert "E does better with true expressions than with shuffled ones" in first[1]
    assert "As an extra output: not known, for C, G, H and I are missing." in first


@pytest.mark.parametrize(
    ("sources", "asked", "said"),
    [
        (("predicted", "shuffled"), "label", "E does better with predicted expressions than with shuffled ones"),
        (("label", "shuffled"), "label", "E does better with true expressions than with shuffled ones"),
        (("predicted",), "label", "E was not trained with shuffled expressions"),
        (("label", "shuffled"), "shuffled", "But E had shuffled expressions: its gain is none of expression."),
    ],
)
def test_the_control_is_that_of_the_expressions_that_were_put_in(sources, asked, said):
    effects = {"A": 0, "B": 0, "E": 0.4}
    study = dataclasses.replace(
        STUDY, seeds=8, sets=("7",), nets="BE", sources=sources, accuracy=0.55, effects=effects, faces=800
    )
    facts, scores = study.facts(), study.scores()
    if asked == "shuffled":  # as if the heads of labels had seen shuffled ones, and the other way round
        other = {"label": "shuffled", "shuffled": "label", "": ""}
        scores = [
            dataclasses.replace(each, head=dataclasses.replace(each.head, source=other[each.head.source]))
            for each in scores
        ]
    found = judge(scores, facts, Options(resamples=0, source=asked))
    assert any(said in sentence for sentence in answers(found)[0])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (Options(expressions="99"), "99 is no set of expressions of this study: there are 7"),
        (Options(expressions="\x1b[31m"), "is no set"),
        (Options(source="predicted"), "was given predicted expressions"),
    ],
)
def test_a_report_of_what_is_not_there_leaves_the_old_one(tmp_path, options, said):
    folder = dataclasses.replace(STUDY, seeds=1, sets=("7",), nets="AD", sources=("label",)).write(tmp_path)
    with pytest.raises(FacesError, match=said) as caught:
        report(folder, options)
    assert "\x1b" not in str(caught.value)
    assert not (folder / "results" / "report.md").exists()


def test_forests_are_drawn_to_scale():
    drawn = lines.forest([("A", 0.0, 0.5, 1.0), ("B", float("nan"), 1.0, float("nan"))])
    assert drawn[0].startswith("A  ├")
    assert drawn[0].index("●") - drawn[0].index("├") in (31, 32, 33)
    assert drawn[1].index("●") == drawn[0].index("┤")
    assert drawn[-1].split() == ["0.0", "100.0"]
    assert lines.forest([("A", float("nan"), float("nan"), float("nan"))]) == ()
    zero = lines.forest([("A", -0.1, 0.0, 0.1)], zero=True, full=[False])
    assert "○" in zero[0]


def test_rates_are_drawn_where_they_are():
    drawn = lines.rates([("B", [(0.0, 0.0), (1.0, 1.0)]), ("E", [(0.0, 1.0), (1.0, 1.0)])], [(0, "0"), (1, "1")], "x")
    assert len(drawn) == 12
    assert drawn[0].startswith("100.0 │E")
    assert drawn[0].endswith("*")
    assert drawn[8] == "  0.0 │B"
    assert drawn[-1].strip() == "x; B, E; * several"
    falling = lines.rates([("A", [(0.0, 1.0), (1.0, 0.0)])], [(0, "0"), (1, "1")], "x", joined=True, diagonal=True)
    assert [line.find("A") for line in falling[:3]] == sorted(line.find("A") for line in falling[:3])
    assert "·" in falling[0]
    assert lines.rates([("A", [(0.5, float("nan"))])], [(0, "0"), (1, "1")], "x") == ()


def test_rates_outside_the_axes_are_not_drawn():
    ticks = [(0, "0"), (1, "1")]
    wild = [(5.0, 0.5), (-5.0, 0.5), (0.5, 5.0), (0.5, -5.0), (float("nan"), 0.5), (0.5, float("nan"))]
    inside = [(0.5, 0.5), (1 + 1e-7, 1.0)]
    assert lines.rates([("B", inside + wild)], ticks, "x") == lines.rates([("B", inside)], ticks, "x")
    assert lines.rates([("B", wild)], ticks, "x") == ()
    assert lines.rates([("B", wild)], ticks, "x", joined=True) == ()


@pytest.mark.parametrize("confidence", [5.0, -5.0, 3e38, float("nan")])
def test_confidences_that_are_no_shares_are_named_and_not_drawn(confidence):
    study = dataclasses.replace(STUDY, nets="B", seeds=1)
    facts = study.facts()
    (head,) = study.scores(facts)
    said = head.predictions["test"]["identity"]
    said = dataclasses.replace(said, confidence=np.full(len(said), confidence, np.float32))
    head = dataclasses.replace(head, predictions={"test": {"identity": said}})
    found = judge([head], facts, Options(resamples=0))
    assert found.notes[0].startswith("B-s0 gave ")
    blocks = document(found)
    assert "B-s0 gave " in markdown(blocks)
    assert "Calibration of identification" not in markdown(blocks)
    page(blocks)


def test_curve_and_calibration_are_drawn_as_text_too(study):
    text = study[1].markdown.read_text("utf-8")
    for caption, axis in (("ROC, the mean over seeds", "false accept rate"), ("Calibration of ident", "by confidence")):
        drawn = text[text.index(caption) :].split("```text\n")[1].split("```")[0].splitlines()
        assert len(drawn) == 12
        assert axis in drawn[-1]
        assert "several" in drawn[-1]


def test_points_without_intervals_stand_where_they_are():
    points = [(0.0, float("nan"), 0.5, float("nan")), (1.0, float("nan"), 0.5, float("nan"))]
    drawn = svg.curves([("B", points), ("E", points)], "", ("x", "y"), bounds=(0, 1, 0, 1))
    at = re.findall(r'cx="([\d.]+)"', drawn)
    assert at[:2] == at[2:]
    aside = svg.curves([("B", [(x, 0.4, y, 0.6) for x, _, y, _ in points]), ("E", points)], "", ("x", "y"))
    at = re.findall(r'cx="([\d.]+)"', aside)
    assert at[:2] != at[2:]  # intervals would cover each other


def test_ticks_are_round_and_hold_the_values():
    assert svg.nice(0.0, 1.0) == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert svg.nice(73.3, 86.5)[0] <= 73.3
    assert svg.nice(73.3, 86.5)[-1] >= 86.5
    assert len(svg.nice(5.0, 5.0)) > 1


@pytest.mark.slow
def test_it_is_made_by_name_without_a_framework(tmp_path):
    dataclasses.replace(STUDY, nets="AB", seeds=2).write(tmp_path)
    code = (
        "import sys; from trainvis.face_exp.report.__main__ import main; code = main(sys.argv[1:]); "
        "assert not {'keras', 'tensorflow', 'scipy'} & set(sys.modules); sys.exit(code)"
    )
    made = subprocess.run([sys.executable, "-c", code, tmp_path, "--resamples=20"], capture_output=True, check=False)
    assert made.returncode == 0, made.stderr
    assert made.stdout.decode().strip().endswith("report.md")
    refused = subprocess.run([sys.executable, "-c", code, tmp_path / "no"], capture_output=True, check=False)
    assert refused.returncode == 1
    assert b"is no study" in refused.stderr
    assert b"Traceback" not in refused.stderr


def test_the_scores_that_are_made_are_those_that_are_read(tmp_path):
    study = dataclasses.replace(STUDY, nets="BE", seeds=1, sets=("7",))
    study.write(tmp_path)
    found, problems = scores.read_all(tmp_path / "results/heads")
    assert problems == []
    assert sorted(each.head.id for each in found) == sorted(head.id for head in study.heads())
