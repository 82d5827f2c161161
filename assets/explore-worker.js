// The book's one MicroPython interpreter of a page, in a worker, so that no computation holds up a slider.
// In:  {files} once, {figure, settings} once a figure, then {figure, positions, full}.  Out: {ready}, {failed: words} or {figure, drawn}.
import { loadMicroPython } from "./micropython.mjs";

// Curves that have not changed are not sent again.
const ANSWER = `
import json
from lib.explore import sliders

described, shown = {}, {}

def describe(figure, settings):
    described[figure] = json.loads(settings)

def answer(figure, positions, full):
    last = shown.get(figure)
    now = shown[figure] = sliders.update(described[figure], json.loads(positions), last, full)
    sent = dict(now)
    if last:
        del sent["xs"]
        sent["lines"] = [
            {k: v for k, v in line.items() if k not in ("values", "path") or v is not old[k]}
            for line, old in zip(now["lines"], last["lines"])
        ]
    return json.dumps(sent)
`;

async function text(path) {
  const response = await fetch(new URL(`python/${path}`, import.meta.url));
  if (!response.ok) throw new Error(`python/${path}: ${response.status}`);
  return response.text();
}

// What the figures of this page import, and no more: lib/explore/files.py listed it.
async function start(paths) {
  const sources = Promise.all(paths.map(async (path) => [path, await text(path)]));
  const [python, files] = await Promise.all([loadMicroPython({ heapsize: 8 * 1024 * 1024 }), sources]);
  for (const [path, source] of files) {
    python.FS.mkdirTree(`/${path}`.replace(/\/[^/]*$/, ""));
    python.FS.writeFile(`/${path}`, source);
  }
  python.FS.chdir("/");
  python.runPython(ANSWER);
  return { describe: python.globals.get("describe"), answer: python.globals.get("answer") };
}

let python; // what the page calls, once it runs

self.onmessage = async ({ data: { files, figure, settings, positions, full } }) => {
  try {
    if (files) {
      python = await start(files);
      self.postMessage({ ready: true });
    } else if (settings) {
      python.describe(figure, JSON.stringify(settings));
    } else self.postMessage({ figure, drawn: JSON.parse(python.answer(figure, JSON.stringify(positions), full)) });
  } catch (error) {
    self.postMessage({ failed: String(error) });
  }
};
