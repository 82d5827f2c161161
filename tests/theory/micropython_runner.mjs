// Runs formulas of lib/theory under MicroPython, all in one interpreter.
// usage: node micropython_runner.mjs MICROPYTHON_FOLDER LIB_FOLDER < cases.json > results.json
// cases: [[module, function, {argument: value}], ...]; results: [{"value": ...} or {"error": type, "message": text}, ...].
// Infinite and undefined numbers travel as {"$float": "inf"}, formulas as {"$function": "module.function"}: JSON has neither.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [micropythonFolder, libFolder] = process.argv.slice(2).map((folder) => path.resolve(folder));
const { loadMicroPython } = await import(pathToFileURL(path.join(micropythonFolder, "micropython.mjs")));
const interpreter = await loadMicroPython({ heapsize: 32 * 1024 * 1024 });

interpreter.FS.mkdir("/lib");
interpreter.FS.mkdir("/lib/theory");
interpreter.FS.writeFile("/lib/__init__.py", "");
for (const name of fs.readdirSync(path.join(libFolder, "theory")).filter((each) => each.endsWith(".py"))) {
  interpreter.FS.writeFile(`/lib/theory/${name}`, fs.readFileSync(path.join(libFolder, "theory", name), "utf8"));
}
interpreter.globals.set("cases_json", fs.readFileSync(0, "utf8"));
interpreter.runPython(`
import json, math, sys
sys.path.insert(0, "/")

def find(module, function):
    return getattr(getattr(__import__("lib.theory." + module).theory, module), function)

def decode(x):
    if isinstance(x, dict) and "$float" in x:
        return float(x["$float"])
    if isinstance(x, dict) and "$function" in x:
        return find(*x["$function"].split("."))
    return x

def encode(x):
    if isinstance(x, (tuple, list)):
        return [encode(each) for each in x]
    if isinstance(x, dict):
        return {name: encode(each) for name, each in x.items()}
    if isinstance(x, float) and not math.isfinite(x):
        return {"$float": str(x)}
    return x

def run(module, function, arguments):
    try:
        return {"value": encode(find(module, function)(**{name: decode(x) for name, x in arguments.items()}))}
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}

results_json = json.dumps([run(*case) for case in json.loads(cases_json)])
`);
process.stdout.write(interpreter.globals.get("results_json"));
