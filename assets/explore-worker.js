// The book's one MicroPython interpreter of a page, in a worker, so that no computation holds up a slider.
// In:  {figure, settings} once a figure, then {figure, positions}.  Out: {ready}, {failed: words} or {figure, drawn}.
import { loadMicroPython } from "./micropython.mjs";

// Curves that have not changed are not sent again.
const ANSWER = `
import json
from lib.explore import sliders

described, shown = {}, {}

def describe(figure, settings):
    described[figure] = json.loads(settings)

def answer(figure, positions):
    last = shown.get(figure)
    now = shown[figure] = sliders.update(described[figure], json.loads(positions), last)
    sent = dict(now)
    if last:
        del sent["xs"]
        sent["lines"] = [
            {k: v for k, v in line.items() if k not in ("values", "path") or v is not old[k]}
            for line, old in zip(now["lines"], last["lines"])
        ]
    return json.dumps(sent)
`;

async function text(name) {
  const response = await fetch(new URL(`theory/${name}`, import.meta.url));
  if (!response.ok) throw new Error(`theory/${name}: ${response.status}`);
  return response.text();
}

async function start() {
  const sources = text("manifest.json").then((list) =>
    Promise.all(JSON.parse(list).files.map(async (name) => [name, await text(name)])));
  const [python, files] = await Promise.all([loadMicroPython({ heapsize: 8 * 1024 * 1024 }), sources]);
  python.FS.mkdir("/lib");
  python.FS.mkdir("/lib/theory");
  python.FS.writeFile("/lib/__init__.py", "");
  for (const [name, source] of files) python.FS.writeFile(`/lib/theory/${name}`, source);
  python.FS.chdir("/");
  python.runPython(ANSWER);
  return { describe: python.globals.get("describe"), answer: python.globals.get("answer") };
}

try {
  const { describe, answer } = await start();
  self.onmessage = ({ data: { figure, settings, positions } }) => {
    try {
      if (settings) describe(figure, JSON.stringify(settings));
      else self.postMessage({ figure, drawn: JSON.parse(answer(figure, JSON.stringify(positions))) });
    } catch (error) {
      self.postMessage({ failed: String(error) });
    }
  };
  self.postMessage({ ready: true });
} catch (error) {
  self.postMessage({ failed: String(error) });
}
