// MicroPython with some of the book's files, for a worker: sliders and judge start it in the same way.
import { loadMicroPython } from "./micropython.mjs";

async function text(path) {
  const response = await fetch(new URL(`python/${path}`, import.meta.url));
  if (!response.ok) throw new Error(`python/${path}: ${response.status}`);
  return response.text();
}

// The interpreter's names, after it has run the worker's own Python. What is imported, and no more, lies in paths: lib/explore/files.py.
export async function start(paths, megabytes, own) {
  const sources = Promise.all(paths.map(async (path) => [path, await text(path)]));
  const [python, files] = await Promise.all([loadMicroPython({ heapsize: megabytes * 1024 * 1024 }), sources]);
  for (const [path, source] of files) {
    python.FS.mkdirTree(`/${path}`.replace(/\/[^/]*$/, ""));
    python.FS.writeFile(`/${path}`, source);
  }
  python.FS.chdir("/");
  python.runPython(own);
  return python.globals;
}
