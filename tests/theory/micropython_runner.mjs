// Runs functions of lib under MicroPython, all in one interpreter.
// usage: node micropython_runner.mjs MICROPYTHON_FOLDER BOOK_FOLDER < cases.json > results.json
// cases: {"files": [path, ...], "cases": [[function, {argument: value}], ...]}; results: [{"value": ...} or {"error": type,
// "message": text}, ...]. What JSON lacks travels as {"$float": "inf"}, {"$function": path below lib.theory}, and
// {"$result": [path below lib.theory, {argument: value}]} for what that function returns.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [micropythonFolder, bookFolder] = process.argv.slice(2).map((folder) => path.resolve(folder));
const { loadMicroPython } = await import(pathToFileURL(path.join(micropythonFolder, "micropython.mjs")));
const interpreter = await loadMicroPython({ heapsize: 32 * 1024 * 1024 });

const { files, cases } = JSON.parse(fs.readFileSync(0, "utf8"));
for (const file of files) {
  interpreter.FS.mkdirTree(path.posix.dirname(`/${file}`));
  interpreter.FS.writeFile(`/${file}`, fs.readFileSync(path.join(bookFolder, file), "utf8"));
}
interpreter.globals.set("cases_json", JSON.stringify(cases));
interpreter.runPython(`
import json, math, sys
sys.path.insert(0, "/")

def find(function):
    found = __import__(function[: function.rindex(".")])
    for part in function.split(".")[1:]:
        found = getattr(found, part)
    return found

def decode(x):
    if isinstance(x, dict) and "$float" in x:
        return float(x["$float"])
    if isinstance(x, dict) and "$function" in x:
        return find("lib.theory." + x["$function"])
    if isinstance(x, dict) and "$result" in x:
        function, arguments = x["$result"]
        return find("lib.theory." + function)(**arguments)
    return x

def encode(x):
    if isinstance(x, (tuple, list)):
        return [encode(each) for each in x]
    if isinstance(x, dict):
        return {name: encode(each) for name, each in x.items()}
    if isinstance(x, complex):
        return [x.real, x.imag]
    if isinstance(x, float) and not math.isfinite(x):
        return {"$float": str(x)}
    return x

def run(function, arguments):
    try:
        return {"value": encode(find(function)(**{name: decode(x) for name, x in arguments.items()}))}
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}

results_json = json.dumps([run(*case) for case in json.loads(cases_json)])
`);
process.stdout.write(interpreter.globals.get("results_json"));
