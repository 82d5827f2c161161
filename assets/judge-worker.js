// The judge of a reader's own labels, in a worker: the file is read here, piece by piece, and Python (MicroPython) judges the counts.
// In:  {files} once, {read: {job, file, name, names}, stated}, {stated}.
// Out: {ready}, {failed}, {job, progress, rows}, {job, columns}, {job, sentence} where a file cannot be read, or {job, report}.
import { start } from "./interpreter.js";
import { Complaint, readTable } from "./judge-table.js";

const ASK = `
import json
from lib.labels import cells, curve, report

def judged(source, labels, stated):
    found = report.report(source, labels, report.settings(**stated))
    p = [sum([sum(row) for row in labels[name]]) for name in ("kept", "dropped")]
    right = sum([labels[name][k][k] for name in ("kept", "dropped") for k in range(len(labels["classes"]))])
    found["svg"] = curve.svg(found["points"], 1.0 - right / sum(p))
    found["lines"] = curve.LINES
    found["points"], found["best"] = len(found["points"]), None  # a named tuple is no JSON here
    return found

FUNCTIONS = {"choose": cells.choose, "meaning": cells.meaning, "complaint": cells.complaint, "judged": judged}

def ask(function, arguments):
    try:
        return json.dumps({"value": FUNCTIONS[function](**json.loads(arguments))})
    except (ValueError, ArithmeticError) as error:
        return json.dumps({"sentence": str(error)})
`;

class Refused extends Error {}
class GivenUp extends Error {}

let python, table;
let newest = 0; // the job that counts; an older one gives up after its piece

function ask(name, given) {
  const { sentence, value } = JSON.parse(python(name, JSON.stringify(given)));
  if (sentence) throw new Refused(sentence);
  return value;
}

// The names in a header, however its columns are called: of the separator that finds most cells.
function columns({ name, names }) {
  const seen = { header: [] };
  const watched = (what, given) => {
    if (what === "choose") seen.header = given.headers.map(([, cells]) => cells).reduce((a, b) => (b.length > a.length ? b : a));
    return ask(what, given);
  };
  return { seen, watched };
}

async function read({ job, file, name, names }, stated) {
  table = null;
  const { seen, watched } = columns({ name, names });
  const told = (progress, rows) => {
    if (job !== newest) throw new GivenUp();
    self.postMessage({ job, progress, rows });
  };
  try {
    const found = await readTable(file, name, names, watched, told);
    if (job !== newest) return;
    table = { job, name, found };
    self.postMessage({ job, columns: { header: seen.header, places: found.places } });
    judge(stated);
  } catch (error) {
    if (error instanceof GivenUp) return;
    if (seen.header.length) self.postMessage({ job, columns: { header: seen.header, places: null } });
    const [kind, line, found, wanted] = error.details ?? [];
    if (error instanceof Complaint) self.postMessage({ job, sentence: ask("complaint", { name, kind, line, found, wanted }) });
    else if (error instanceof Refused) self.postMessage({ job, sentence: error.message });
    else throw error;
  }
}

function judge(stated) {
  if (!table) return;
  const { job, name, found } = table;
  try {
    self.postMessage({ job, report: ask("judged", { source: name, labels: found, stated }) });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    self.postMessage({ job, sentence: error.message });
  }
}

self.onmessage = async ({ data: { files, read: asked, stated } }) => {
  try {
    if (files) {
      python = (await start(files, 16, ASK)).get("ask");
      self.postMessage({ ready: true });
    } else if (asked) {
      newest = asked.job;
      await read(asked, stated);
    } else judge(stated);
  } catch (error) {
    self.postMessage({ failed: String(error) });
  }
};
