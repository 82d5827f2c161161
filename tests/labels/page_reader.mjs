// Reads tables as the page does: assets/judge-table.js with lib/labels/cells.py under MicroPython.
// usage: node page_reader.mjs MICROPYTHON_FOLDER BOOK_FOLDER < {"files": [...], "tables": [{name, base64, names}], "piece": n} > [...]
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [micropythonFolder, bookFolder] = process.argv.slice(2).map((folder) => path.resolve(folder));
const { loadMicroPython } = await import(pathToFileURL(path.join(micropythonFolder, "micropython.mjs")));
const source = fs.readFileSync(path.join(bookFolder, "assets/judge-table.js"), "utf8");
const { readTable } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
const { files, tables, piece } = JSON.parse(fs.readFileSync(0, "utf8"));
const python = await loadMicroPython({ heapsize: 32 * 1024 * 1024 });
for (const file of files) {
  python.FS.mkdirTree(path.posix.dirname(`/${file}`));
  python.FS.writeFile(`/${file}`, fs.readFileSync(path.join(bookFolder, file), "utf8"));
}
python.FS.chdir("/");
python.runPython(`
import json
from lib.labels import cells

def ask(name, given):
    try:
        return json.dumps({"value": getattr(cells, name)(**json.loads(given))})
    except ValueError as error:
        return json.dumps({"sentence": str(error)})
`);
const call = python.globals.get("ask");
const ask = (name, given) => {
  const { sentence, value } = JSON.parse(call(name, JSON.stringify(given)));
  if (sentence) throw new Error(sentence);
  return value;
};
const results = [];
for (const { name, base64, names } of tables) {
  const blob = new Blob([Buffer.from(base64, "base64")]);
  try {
    const { classes, kept, dropped, scores, notes } = await readTable(blob, name, names, ask, () => {}, piece);
    results.push({ classes, kept, dropped, scores, notes });
  } catch (error) {
    const [kind, line, found, wanted] = error.details ?? [];
    results.push({ sentence: kind ? ask("complaint", { name, kind, line, found, wanted }) : error.message });
  }
}
process.stdout.write(JSON.stringify(results));
