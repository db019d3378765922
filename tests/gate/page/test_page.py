"""The page in a headless Chromium: no error, nothing loaded, accessible, and what if computed as the pack computes it."""

import html
import json
import re
from pathlib import Path

import pytest

from cli.connections.changes import apply_changes
from cli.connections.stage import Stage, preview_stage
from cli.gate.gate import Gate, judged
from gate.document import Change, Component, Document
from gate.page.page import page
from policies.facts.clients.budgets import DatabaseBudget
from tests.commands import programs_here
from tests.gate.page.browser import show
from tests.lacking import lacking
from tests.parity.engines import ROOT

WHAT_IFS = (
    ["tracking-api.limit=20"],
    ["legacy-api.tasks=90"],
    ["category-batch.tasks=3", "tracking-api.tasks=0"],
    ["class=db.r5.2xlarge", "datalab-api.limit=64"],
    ["category-batch.tasks=3", "ranking-batch.limit=99", "datalab-api.tasks=1"],
)
AXE = Path(__file__).parent / "node/node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="module")
def prd(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """prd as shipped, previewed by the embedded engine."""
    folder = tmp_path_factory.mktemp("prd")
    with programs_here():
        return judged(Gate(stages=["prd"], project_dir=ROOT, state_dir=folder, out=folder, engine="embedded"))


@pytest.fixture(scope="module")
def previewed(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The same as `./run connections --set` has it."""
    with programs_here():
        return preview_stage(stage="prd", project_dir=ROOT, state_dir=tmp_path_factory.mktemp("previewed"))


def test_it_is_drawn_without_an_error_and_loads_nothing(prd: Document, tmp_path: Path) -> None:
    text = page(prd)
    found = show(text, tmp_path, "")
    assert found.said == []
    assert "default-src 'none'" in text
    assert re.findall(r"(?:src|href)=\"(?!#)", text) == []
    assert "@import" not in text
    assert "url(" not in text
    drawn = found.markup
    assert drawn.count("<svg") == 2
    assert 'class="what-if" data-bar' in drawn  # its script has shown it
    for node in prd.stages[0].platform:
        assert f"<title>{node.name}: {node.operation}</title>" in drawn


def test_paper_has_what_is_folded_on_screen(example: Document, tmp_path: Path) -> None:
    script = (
        "const open = () => document.querySelectorAll('details[open]').length; const before = open();"
        "dispatchEvent(new Event('beforeprint')); const during = open(); dispatchEvent(new Event('afterprint'));"
        "document.title = ['found', before, during, open(), document.querySelectorAll('details').length].join(' ');"
    )
    found = show(page(example), tmp_path, script)
    counts = re.search(r"<title>found (\d+) (\d+) (\d+) (\d+)</title>", found.markup)
    before, during, after, every = map(int, counts.groups())
    assert (before, during, after) == (0, every, 0)
    assert every > 5


def test_it_works_by_keyboard(prd: Document, tmp_path: Path) -> None:
    """What can be used is reached by Tab in the order of the page, has a name, and a slider moves with the arrows."""
    script = (
        "const used = [...document.querySelectorAll('a,button,input,select,summary,[tabindex]')];"
        "const lost = used.filter(e => e.tabIndex !== 0 || e.onclick).map(e => e.outerHTML.slice(0, 80));"
        "const slider = document.querySelector('.what-if input[type=range]'); slider.focus(); slider.stepUp();"
        "slider.dispatchEvent(new Event('input', {bubbles: true}));"
        "const twin = document.querySelector(`.what-if input[type=number][data-twin='${slider.dataset.twin}']`);"
        "document.title = 'found ' + JSON.stringify([lost, document.activeElement === slider, slider.value === twin.value,"
        " slider.value !== slider.defaultValue, used.length > 20]);"
    )
    found = show(page(prd), tmp_path, script)
    told = re.search(r"<title>found (.*?)</title>", found.markup)
    assert json.loads(html.unescape(told[1])) == [[], True, True, True, True]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("which", ["refused", "prd"])
def test_it_is_accessible(example: Document, prd: Document, tmp_path: Path, which: str, dark: bool) -> None:
    if not AXE.is_file():
        lacking("axe-core is not installed (npm ci --ignore-scripts --prefix tests/gate/page/node)")
    script = AXE.read_text("utf-8") + (
        ";for (const d of document.querySelectorAll('details')) d.open = true;"
        "axe.run().then(r => { document.title = 'found ' + JSON.stringify(r.violations.map(v => [v.id, v.impact, "
        "v.nodes.length, v.nodes[0].html.slice(0, 200)])); });"
    )
    found = show(page(example if which == "refused" else prd), tmp_path, script, dark=dark)
    told = re.search(r"<title>found (.*?)</title>", found.markup)
    violations = json.loads(html.unescape(told[1]))
    serious = [item for item in violations if item[1] in ("serious", "critical")]
    assert serious == []


@pytest.fixture(scope="module")
def moved(prd: Document, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, int, list[float], str]]:
    """What the bar of the page says after each of WHAT_IFS by itself: used, of how many, the widths of its parts, the verdict."""
    [shown] = prd.stages[0].budgets
    names = [workload.name for workload in shown.after.workloads]
    script = (
        "const form = document.querySelector('.what-if'), found = [];"
        'const bar = document.getElementById(\'b0-0-2\'), part = /class="part s\\d"[^>]* width="([\\d.]+)"/g;'
        "const set = (selector, value) => form.querySelector(selector).value = value;"
    )
    for changes in WHAT_IFS:
        for change in changes:
            subject, _, value = change.rpartition("=")
            name, _, field = subject.rpartition(".")
            number = "" if field == "class" else f"-{names.index(f'prd-{name}')}"
            script += f"set(':is(select, [type=number])[name={field}{number}]', '{value}');"
        script += (
            "form.dispatchEvent(new Event('input'));"
            "found.push([+bar.dataset.used, +bar.dataset.most, [...bar.innerHTML.matchAll(part)].map(each => +each[1]),"
            " form.querySelector('output').textContent]); form.querySelector('button').click();"
        )
    script += "document.title = 'found ' + JSON.stringify(found);"
    told = re.search(r"<title>found (.*?)</title>", show(page(prd), tmp_path_factory.mktemp("moved"), script).markup)
    return [(used, most, widths, verdict) for used, most, widths, verdict in json.loads(html.unescape(told[1]))]


@pytest.mark.parametrize(("number", "changes"), list(enumerate(WHAT_IFS)))
def test_what_if_moves_the_bar_as_set_does(
    previewed: Stage, moved: list[tuple[int, int, list[float], str]], number: int, changes: list[str]
) -> None:
    [entry] = apply_changes(previewed, changes)[1].entries
    assert isinstance(entry, DatabaseBudget)
    used, most, widths, verdict = moved[number]
    assert (used, most) == (entry.budget.used, entry.budget.supply.max_connections)
    scale = 1000 / max(used, most)
    assert widths == pytest.approx([workload.demand * scale for workload in entry.budget.workloads], abs=0.1)
    assert ("fits" if entry.budget.fits else "broken") in verdict


def test_a_large_change_stays_a_small_page(example: Document) -> None:
    stage = example.stages[1]
    changes = tuple(
        Change(
            urn=f"urn:pulumi:prd::p::a:b:C$aws:ecs/service:Service::service-with-a-name-{number}",
            type="aws:ecs/service:Service",
            name=f"service-with-a-name-{number}",
            operation="create",
            component=Component(urn=f"urn:{number // 20}", type="a:b:C", name=f"component-{number // 20}"),
        )
        for number in range(20_000)
    )
    large = example.model_copy(update={"stages": (stage.model_copy(update={"changes": changes}),)})
    text = page(large)
    assert len(text.encode()) < 2_000_000
    assert "more changes stand in gate.json" in text
    assert "more changes stand in gate.json" not in page(example)
