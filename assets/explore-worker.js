// The book's one MicroPython interpreter of a page, in a worker, so that no computation holds up a slider.
// In:  {files} once, {figure, settings} once a figure, then {figure, positions, full}.  Out: {ready}, {failed: words} or {figure, drawn}.
import { start } from "./interpreter.js";

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

let python; // what the page calls, once it runs

self.onmessage = async ({ data: { files, figure, settings, positions, full } }) => {
  try {
    if (files) {
      const names = await start(files, 8, ANSWER);
      python = { describe: names.get("describe"), answer: names.get("answer") };
      self.postMessage({ ready: true });
    } else if (settings) {
      python.describe(figure, JSON.stringify(settings));
    } else self.postMessage({ figure, drawn: JSON.parse(python.answer(figure, JSON.stringify(positions), full)) });
  } catch (error) {
    self.postMessage({ failed: String(error) });
  }
};
