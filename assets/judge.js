// The form of the judge of a reader's own labels. The file goes to a worker of this page and nowhere else; what comes back are parts of a
// report (lib/labels/report.py), which are put in place as text.

const FAILED = "The judge is not available here";

class Judge {
  constructor(element, worker) {
    this.element = element;
    this.worker = worker;
    this.settings = JSON.parse(element.querySelector("script[type='application/json']").textContent);
    this.find = (selector) => element.querySelector(selector);
    this.form = this.find("form");
    this.status = this.find(".judge-status");
    this.progress = this.find("progress");
    this.output = this.find(".judge-report");
    this.job = 0;
    this.file = null;
    element.hidden = false;
    this.say("Starting the judge …");
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.find("input[type=file]").addEventListener("change", ({ target }) => target.files[0] && this.open(target.files[0], target.files[0].name));
    this.find(".judge-example").addEventListener("click", () => this.open(new Blob([this.settings.example]), this.settings.name));
    this.find(".judge-typed").addEventListener("click", () => this.open(new Blob([this.find("textarea").value]), "the typed table"));
    this.find(".judge-columns").addEventListener("change", () => this.file && this.read(this.names()));
    this.find(".judge-numbers").addEventListener("change", () => this.judge());
    this.download(".judge-example-file", () => [this.settings.example, "text/csv"]);
    this.download(".judge-markdown", () => [this.report.markdown, "text/markdown"]);
    this.download(".judge-csv", () => [this.report.csv, "text/csv"]);
  }

  download(selector, content) {
    this.find(selector).addEventListener("click", ({ currentTarget }) => {
      const [text, type] = content();
      currentTarget.href = `data:${type};charset=utf-8,${encodeURIComponent(text)}`;
    });
  }

  say(sentence, state = "waiting") {
    this.status.textContent = sentence;
    this.element.dataset.state = state;
  }

  ready() {
    this.find(".judge-controls").disabled = false;
    this.say("Choose a file, use the example, or type a table.", "ready");
  }

  open(file, name) {
    this.file = file;
    this.name = name;
    this.find(".judge-columns").hidden = true;
    this.read({});
  }

  names() {
    const selects = [...this.element.querySelectorAll(".judge-columns select")];
    return Object.fromEntries(selects.map((select) => [select.name, select.value]));
  }

  stated() {
    const inputs = [...this.element.querySelectorAll(".judge-numbers input")];
    const bad = inputs.find((input) => !input.checkValidity() || input.value === "");
    if (bad) {
      this.clear();
      this.say(`${bad.labels[0].textContent.trim()}: ${bad.min} to ${bad.max}, please.`, "refused");
      return null;
    }
    return Object.fromEntries(inputs.map((input) => [input.name, input.valueAsNumber]));
  }

  read(names) {
    const stated = this.stated();
    if (!stated) return;
    this.clear();
    this.say(`Reading ${this.name} …`, "reading");
    this.progress.hidden = false;
    this.progress.value = 0;
    this.worker.postMessage({ read: { job: ++this.job, file: this.file, name: this.name, names }, stated });
  }

  judge() {
    const stated = this.stated();
    if (!stated || !this.file) return;
    this.say("Judging …", "reading");
    this.worker.postMessage({ stated });
  }

  clear() {
    this.report = null;
    this.output.replaceChildren();
    this.find(".judge-actions").hidden = true;
  }

  received({ job, progress, rows, columns, sentence, report }) {
    if (job !== this.job) return;
    if (progress !== undefined) {
      this.progress.value = progress;
      this.progress.textContent = `${rows} rows`;
      this.element.dataset.rows = rows;
      return;
    }
    if (columns) return this.offer(columns);
    this.progress.hidden = true;
    this.clear();
    if (sentence) return this.say(sentence, "refused");
    this.report = report;
    this.output.replaceChildren(...report.parts.map((part) => element(part)), ...this.curve(report));
    this.find(".judge-actions").hidden = false;
    this.find(".judge-csv").hidden = !report.points;
    this.say(`${report.headline} The report stands below.`, "judged");
    this.element.judge = report; // what is on the screen, for tests and the curious
  }

  // The columns of the file, to choose from where they have other names.
  offer({ header, places }) {
    const box = this.find(".judge-columns");
    const before = this.names();
    for (const select of box.querySelectorAll("select")) {
      const own = places ? header[places[select.name]]?.trim() : box.hidden ? "" : before[select.name];
      const options = [...new Set(header.map((cell) => cell.trim()).filter((cell) => cell))];
      const names = ["label", "generated"].includes(select.name) && own ? [] : [""];
      select.replaceChildren(...[...names, ...options].map((name) => new Option(name || "none", name, false, name === (own ?? ""))));
    }
    box.hidden = false;
  }

  curve(report) {
    if (!report.svg) return [];
    if (!report.svg.startsWith("<svg")) return [make("p", "", report.svg)]; // a sentence: these scores have no curve
    const figure = make("figure", "judge-figure");
    figure.innerHTML = report.svg; // written by lib/labels/curve.py from numbers alone
    const legend = make("ul", "judge-legend");
    legend.append(...[...report.lines, "label error p"].map((words, k) => make("li", k < 3 ? `judge-key-${k}` : "judge-key-level", words)));
    figure.append(legend);
    return [figure];
  }
}

function make(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function element([kind, ...content]) {
  if (kind !== "table") return make(kind === "heading" ? "h4" : "p", "", content[0]);
  const [head, rows] = content;
  const table = make("table", "judge-table");
  table.createTHead().insertRow().append(...head.map((text) => (text ? Object.assign(make("th", "", text), { scope: "col" }) : make("td", ""))));
  const body = table.createTBody();
  for (const [first, ...others] of rows)
    body.insertRow().append(Object.assign(make("th", "", first), { scope: "row" }), ...others.map((text) => make("td", "", text)));
  const box = make("div", "judge-scroll");
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", `Table: ${head.filter((text) => text).join(", ")}`);
  box.append(table);
  return box;
}

function start(element) {
  let worker = null;
  try {
    worker = new Worker(new URL("judge-worker.js", import.meta.url), { type: "module" });
  } catch (error) {
    console.warn(String(error));
  }
  const judge = new Judge(element, worker);
  const fail = (sentence) => judge.say(`${FAILED}: ${sentence}. In JupyterLab this page's parameter \`data\` does the same.`, "failed");
  if (!worker) return fail("this browser has no web workers, or its settings forbid them");
  worker.onerror = () => fail("a part of this page did not load");
  worker.onmessage = ({ data }) => {
    if (data.ready) judge.ready();
    else if (data.failed) {
      console.warn(data.failed);
      fail("its calculation stopped; reload the page");
    } else judge.received(data);
  };
  worker.postMessage({ files: judge.settings.files });
}

document.querySelectorAll("section.judge").forEach(start);
