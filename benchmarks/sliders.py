"""How soon the built pages' sliders are ready in Chromium, and how long one update takes; CPython's time beside it.

Run by `make bench`, after `make book`. Each slider visits settings all over its range, one after the other; an update
counts from the input event to the changed page. Prints a table and writes benchmarks/results/sliders.json.
"""

import json
import os
import platform
import re
import statistics
import sys
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "site"))

from conftest import SITE, chromium, launch, serve  # noqa: E402

from lib.explore import sliders  # noqa: E402

OPENINGS = 7  # of each page, each with an empty cache
SETTINGS = 40  # of each slider
DRIVE = """async ([id, name, count]) => {
    const figure = document.getElementById(id), input = figure.querySelector(`input[name="${name}"]`);
    const milliseconds = [], positions = [], [low, high] = [Number(input.min), Number(input.max)];
    for (let k = 0; k < count; k++) {
        const updated = new Promise((resolve) => figure.addEventListener("explore:updated", resolve, { once: true }));
        input.value = low + (high - low) * ((k * 7 + 3) % count) / count;  // 7 and the count share no factor: every place once
        input.dispatchEvent(new Event("input", { bubbles: true }));
        milliseconds.push((await updated).detail.milliseconds);
        positions.push(figure.explore.positions);
    }
    figure.querySelector(".explore-reset").click();
    await new Promise((resolve) => figure.addEventListener("explore:updated", resolve, { once: true }));
    return { milliseconds, positions };
}"""


def ready_milliseconds(browser, address: str, element: str) -> float:
    """From the start of the navigation to sliders that can be used, with nothing in the cache."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(f"#{element}[data-state=ready]", timeout=30_000)
    elapsed = page.evaluate("performance.now()")
    context.close()
    return elapsed


def python_milliseconds(settings: dict, positions: list[dict]) -> list[float]:
    """CPython's time for the same sequence of settings."""
    seconds, last = [], sliders.update(settings, {slider["name"]: slider["value"] for slider in settings["sliders"]})
    for each in positions:
        start = time.perf_counter()
        last = sliders.update(settings, each, last)
        seconds.append(time.perf_counter() - start)
    return [1000 * each for each in seconds]


def percentile95(values: list[float]) -> float:
    return sorted(values)[round(0.95 * (len(values) - 1))]


def measure(browser, address: str, element: str) -> dict:
    ready = [ready_milliseconds(browser, address, element) for _ in range(OPENINGS)]
    page = browser.new_page()
    page.goto(address)
    page.wait_for_selector(f"#{element}[data-state=ready]")
    settings = json.loads(page.locator(f"#{element} script[type='application/json']").text_content())
    updates = {}
    for slider in settings["sliders"]:
        result = page.evaluate(DRIVE, [element, slider["name"], SETTINGS])
        python = python_milliseconds(settings, result["positions"])
        updates[slider["name"]] = {
            "median_ms": round(statistics.median(result["milliseconds"]), 2),
            "p95_ms": round(percentile95(result["milliseconds"]), 2),
            "cpython_median_ms": round(statistics.median(python), 2),
        }
    page.close()
    return {"ready_median_ms": round(statistics.median(ready)), "ready_max_ms": round(max(ready)), "updates": updates}


def processor() -> str:
    info = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.+)", info.read_text()) if info.exists() else []
    return names[0] if names else platform.machine()


def main() -> None:
    figures = [
        (file.relative_to(SITE).as_posix(), element)
        for file in sorted(SITE.glob("book/**/*.html"))
        for element in re.findall(r'<figure class="explore" id="([\w-]+)"', file.read_text(encoding="utf-8"))
    ]
    if not figures or chromium() is None:
        sys.exit("This benchmark needs Chromium on the PATH and a built book with sliders: run `make book`.")
    load = os.getloadavg()[0]  # above zero, other work shared the cores and the times are too long
    results = {}
    with launch() as browser, serve(SITE) as address:
        for name, element in figures:
            results[f"{name}#{element}"] = found = measure(browser, f"{address}/{name}", element)
            print(f"{name}#{element}: ready in {found['ready_median_ms']} ms (slowest {found['ready_max_ms']} ms)")
            for slider, update in found["updates"].items():
                print("  {:<12} median {median_ms:6.2f} ms   95 % {p95_ms:6.2f} ms   CPython {cpython_median_ms:6.2f} ms"
                      .format(slider, **update))  # fmt: skip
        provenance = {
            "date": date.today().isoformat(),
            "processor": processor(),
            "cores": os.cpu_count(),
            "load_before": round(load, 2),
            "chromium": browser.version,
            "python": platform.python_version(),
            "playwright": version("playwright"),
            "micropython": json.loads((ROOT / "package.json").read_text())["dependencies"][
                "@micropython/micropython-webassembly-pyscript"
            ],
            "openings": OPENINGS,
            "settings_per_slider": SETTINGS,
        }
    target = ROOT / "benchmarks" / "results" / "sliders.json"
    target.parent.mkdir(exist_ok=True)
    part = target.with_suffix(".part")
    part.write_text(json.dumps({"provenance": provenance, "figures": results}, indent=2, ensure_ascii=False) + "\n")
    part.replace(target)


if __name__ == "__main__":
    main()
