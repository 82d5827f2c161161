// Live slider figures. Python made the figure (lib/explore) and Python computes each setting (lib/explore/sliders.py, under
// MicroPython in a worker); here its paths and words are put in place, and the state is kept in the page's address.

const SETTLED = 300; // ms without a change, until the address is written and the numbers are spoken
const LATE = 5000; // ms without an answer, until the figure says so
const STARTS_LATE = "The calculation has not started yet. It loads an interpreter of 0.5 MB; if nothing happens, reload the page. " +
  "The picture shows the default setting.";
const ANSWERS_LATE = "This setting takes long. The picture still shows the last one; Reset, or reload the page, to give it up.";
const NO_ANSWER = "The live calculation is not available here";

class SliderFigure {
  constructor(element, worker) {
    this.element = element;
    this.worker = worker;
    this.settings = JSON.parse(element.querySelector("script[type='application/json']").textContent);
    this.name = this.settings.name;
    this.controls = element.querySelector(".explore-controls");
    this.status = element.querySelector(".explore-status");
    this.lines = this.settings.lines.map(() => ({}));
    this.busy = this.waiting = this.full = false;
    this.readAddress();
    this.state("starting", "Starting the calculation …");
    this.expect(STARTS_LATE);

    this.controls.addEventListener("input", () => this.request());
    element.querySelector(".explore-reset").addEventListener("click", () => {
      for (const input of this.controls.elements) input.value = input.defaultValue;
      this.request();
    });
    this.fullButton = element.querySelector(".explore-full");
    this.fullButton.addEventListener("click", () => {
      this.full = !this.full;
      this.fullButton.setAttribute("aria-pressed", this.full);
      this.request();
    });
    element.querySelector(".explore-link").addEventListener("click", () => this.copyLink());
    element.querySelector(".explore-data").addEventListener("click", (event) => {
      event.currentTarget.href = `data:text/csv;charset=utf-8,${encodeURIComponent(this.csv())}`;
    });
  }

  inputs() {
    return this.settings.sliders.map((slider) => [slider, this.controls.elements[slider.name]]);
  }

  state(word, sentence) {
    this.element.dataset.state = word;
    this.controls.disabled = word !== "ready";
    this.status.textContent = sentence;
  }

  // An answer that does not come: say so after a while, and take it back if it comes after all.
  expect(sentence) {
    clearTimeout(this.late);
    this.late = setTimeout(() => (this.status.textContent = sentence), LATE);
  }

  start() {
    this.worker.postMessage({ figure: this.name, settings: this.settings });
    this.request();
  }

  // While one setting is being computed only the newest of the others waits.
  request() {
    if (this.busy) {
      this.waiting = true;
      return;
    }
    this.busy = true;
    this.asked = performance.now();
    const positions = Object.fromEntries(this.inputs().map(([slider, input]) => [slider.name, input.valueAsNumber]));
    this.expect(this.drawn ? ANSWERS_LATE : STARTS_LATE);
    this.worker.postMessage({ figure: this.name, positions, full: this.full });
  }

  received(drawn) {
    clearTimeout(this.late);
    this.draw(drawn);
    if (this.element.dataset.state === "starting") this.state("ready", drawn.message);
    const milliseconds = performance.now() - this.asked;
    this.element.dispatchEvent(new CustomEvent("explore:updated", { detail: { milliseconds }, bubbles: true }));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.settle(), SETTLED);
    this.busy = false;
    if (this.waiting) {
      this.waiting = false;
      this.request();
    }
  }

  draw(drawn) {
    const find = (selector) => this.element.querySelectorAll(selector);
    const words = (selector, texts) => find(selector).forEach((node, i) => (node.textContent = texts[i]));
    drawn.lines.forEach((line, i) => Object.assign(this.lines[i], line)); // a curve that stays is not sent again
    find(".explore-picture .explore-plot .explore-line").forEach((path, i) => path.setAttribute("d", this.lines[i].path));
    find(".explore-dot").forEach((path, i) => path.setAttribute("d", this.lines[i].dot ?? ""));
    find(".explore-mark").forEach((path) => path.setAttribute("d", drawn.mark));
    const ys = [drawn.y, ...drawn.panels]; // one a panel
    const before = this.drawn ? [this.drawn.y, ...this.drawn.panels] : [];
    ys.forEach((y, i) => {
      if (y.rows !== before[i]?.rows) find(".explore-rows")[i].innerHTML = y.rows; // written by lib/explore/axes.py
    });
    words(".explore-y-label", ys.map((y) => y.label));
    this.fullButton.hidden = !ys.some((y) => y.cut) && !this.full;
    words(".explore-legend li:not(.explore-at) .explore-number", this.lines.map((line) => line.text));
    words(".explore-at .explore-number", [drawn.texts[this.settings.x.name]]);
    words(".explore-readouts dd", drawn.readouts.map((readout) => readout.text));
    words(".explore-controls .explore-number", this.settings.sliders.map((slider) => drawn.texts[slider.name]));
    for (const [slider, input] of this.inputs()) input.setAttribute("aria-valuetext", drawn.texts[slider.name]);
    this.status.textContent = drawn.message;
    this.drawn = { ...this.drawn, ...drawn, lines: this.lines };
    this.element.explore = this.drawn; // what is on the screen, for tests and the curious
  }

  settle() {
    this.writeAddress();
    const named = (items, results) => items.map((item, i) => `${item.label}: ${results[i].text}`);
    const lines = this.drawn.mark ? named(this.settings.lines, this.lines) : [];
    this.element.querySelector(".explore-spoken").textContent =
      [...lines, ...named(this.settings.readouts, this.drawn.readouts)].join("; ");
  }

  // ?NAME.SLIDER=NUMBER: several figures of a page keep out of each other's way, and the fragment stays free.
  readAddress() {
    const parameters = new URLSearchParams(location.search);
    for (const [slider, input] of this.inputs()) {
      const written = parameters.get(`${this.name}.${slider.name}`)?.trim();
      const shown = slider.scale === "log10" ? Math.log10(Number(written)) : Number(written);
      // a range input itself moves a number to the nearest step inside its limits
      input.value = written && Number.isFinite(shown) ? shown : input.defaultValue;
    }
  }

  address() {
    const url = new URL(location.href);
    for (const [slider, input] of this.inputs()) {
      const key = `${this.name}.${slider.name}`;
      if (input.value === input.defaultValue) url.searchParams.delete(key);
      else url.searchParams.set(key, this.drawn.shown[slider.name]);
    }
    url.searchParams.sort(); // one setting has one address, whichever slider moved first
    return url;
  }

  writeAddress() {
    const url = this.address();
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  }

  async copyLink() {
    const url = this.address();
    url.hash = this.element.id;
    try {
      await navigator.clipboard.writeText(url.href);
      this.status.textContent = "Link copied.";
    } catch {
      history.replaceState(history.state, "", url);
      this.status.textContent = "The address of this page is now the link: copy it from there.";
    }
  }

  csv() {
    const quote = (label) => `"${label.replaceAll('"', '""')}"`;
    const header = [this.settings.x.name, ...this.settings.lines.map((line) => quote(line.label))];
    const rows = this.drawn.xs.map((x, i) => [x, ...this.lines.map((line) => line.values[i] ?? "")]);
    return [header, ...rows].map((row) => `${row.join(",")}\n`).join("");
  }
}

const figures = new Map();

function fail(reason, sentence = NO_ANSWER) {
  console.warn(reason);
  for (const figure of figures.values()) {
    clearTimeout(figure.late);
    figure.state("failed", `${sentence}; the picture stays as it is.`);
  }
}

function start(worker) {
  for (const element of document.querySelectorAll("figure.explore")) { // book_site.py loads this where there are some
    const figure = new SliderFigure(element, worker);
    figures.set(figure.name, figure);
  }
  if (!worker) return fail("no Worker", `${NO_ANSWER}: this browser has no web workers, or its settings forbid them`);
  worker.onerror = () => fail("the worker was not loaded", `${NO_ANSWER}: a part of this page did not load. Reload it`);
  worker.onmessage = ({ data }) => {
    if (data.ready) figures.forEach((figure) => figure.start());
    else if (data.failed) fail(data.failed);
    else figures.get(data.figure).received(data.drawn);
  };
  worker.postMessage({ files: [...new Set([...figures.values()].flatMap((figure) => figure.settings.files))] });
}

function newWorker() {
  try {
    return new Worker(new URL("explore-worker.js", import.meta.url), { type: "module" });
  } catch (error) {
    console.warn(String(error));
    return null;
  }
}

start(newWorker());

// Back and Forward over an anchor of this page bring an older address: the sliders follow it.
window.addEventListener("popstate", () => {
  for (const figure of figures.values()) {
    if (figure.element.dataset.state !== "ready") continue;
    figure.readAddress();
    figure.request();
  }
});
