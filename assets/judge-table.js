// The page's reader of tables: it splits a file into rows and counts equal ones, a piece at a time. What the cells mean, Python says
// (lib/labels/cells.py). It keeps the rules of Python's csv reader as lib/labels/table.py uses it: tests/labels/test_page_reader.py.

const PIECE = 1 << 20; // bytes of a file read at once: between two pieces progress is told and a newer job may begin
const [START, BARE, QUOTED, CLOSED] = [0, 1, 2, 3];
const BINS = 50; // groups of scores, as in lib/labels/table.py
const GROUPS = 20000, ROWS = 1e9; // as in lib/labels/cells.py
const BLANKS = "\\t\\n\\v\\f\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200b\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"; // as in lib/labels/cells.py
const [FIRST, LAST] = [new RegExp(`^[${BLANKS}]+`), new RegExp(`[${BLANKS}]+$`)];
export const SEPARATORS = [",", ";", "\t", "|"];

export class Complaint extends Error {
  constructor(kind, line = 0, found = "", wanted = "") {
    super(kind);
    this.details = [kind, line, String(found), String(wanted)];
  }
}

// Rows of a text that comes in pieces: row(cells, line) with the number of the line in which it begins.
export class Rows {
  constructor(separator, row, strict = true) {
    Object.assign(this, { separator: separator.charCodeAt(0), row, strict, state: START, cells: [], cell: "", line: 0, began: 1, opened: 0 });
    this.afterReturn = this.begun = false;
  }

  push(text) {
    let start = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (this.afterReturn) {
        this.afterReturn = false;
        if (code === 10) { // the second half of a line's end
          if (this.state !== QUOTED) start = i + 1;
          continue;
        }
      }
      if (this.state === QUOTED) {
        if (code === 34) {
          this.cell += text.slice(start, i);
          this.state = CLOSED;
        } else if (code === 10 || code === 13) this.ended(code);
        continue;
      }
      if (code === 10 || code === 13) {
        this.close(text, start, i);
        this.ended(code);
        this.finish();
        start = i + 1;
      } else if (code === this.separator) {
        this.close(text, start, i);
        this.cells.push(this.cell);
        this.cell = "";
        this.state = START;
        this.begun = true;
        start = i + 1;
      } else if (this.state === START) {
        this.begun = true;
        if (code === 32) continue;
        start = code === 34 ? i + 1 : i;
        this.state = code === 34 ? QUOTED : BARE;
        this.opened = this.line + 1;
      } else if (this.state === CLOSED) {
        start = i; // a doubled quote is one; anything else is text behind the quote
        if (code !== 34 && this.strict) throw new Complaint("quote", this.opened);
        this.state = code === 34 ? QUOTED : BARE;
      }
    }
    if (this.state === BARE || this.state === QUOTED) this.cell += text.slice(start);
  }

  close(text, start, end) {
    if (this.state === BARE) this.cell += text.slice(start, end);
  }

  ended(code) {
    this.line++;
    this.afterReturn = code === 13;
  }

  finish() {
    const cells = this.begun ? [...this.cells, this.cell] : [];
    this.cells = [];
    this.cell = "";
    this.state = START;
    this.begun = false;
    const line = this.began;
    this.began = this.line + 1;
    this.row(cells, line);
  }

  end() {
    if (this.state === QUOTED && this.strict) throw new Complaint("quote", this.opened);
    if (this.begun) this.finish();
  }
}

const composed = (cell) => cell?.normalize("NFC") ?? null; // an accent may be part of its letter, or a sign of its own
const stripped = (cell) => cell.replace(FIRST, "").replace(LAST, "");
const blank = (cells) => !cells.some((cell) => stripped(cell));
const beforeHeader = (cells) => blank(cells) || /^sep=[,;\t|]*$/.test(stripped(cells.join("")).toLowerCase());

function firstRow(text, separator) {
  let found = null;
  const rows = new Rows(separator, (cells) => (found ??= beforeHeader(cells) ? null : cells), false);
  for (let i = 0; i < text.length && !found; i += 4096) rows.push(text.slice(i, i + 4096));
  if (!found) rows.end();
  return found ?? [];
}

// Groups of equal rows, and scores with their groups, of one table.
class Groups {
  constructor({ separator, places }) {
    Object.assign(this, places, { comma: separator === ",", byKey: new Map(), total: 0, width: 0 });
    this.scores = "score" in places ? [] : null;
    this.of = [];
    this.weights = [];
  }

  add(cells, line) {
    if (!this.width) {
      this.width = beforeHeader(cells) ? 0 : cells.length;
      return;
    }
    if (cells.length !== this.width) {
      if (blank(cells)) return;
      throw new Complaint("cells", line, cells.length, this.width);
    }
    const key = `${cells[this.label]}\0${cells[this.generated]}\0${this.kept === undefined ? "" : cells[this.kept]}`;
    let group = this.byKey.get(key);
    if (!group) {
      if (blank(cells)) return;
      group = [this.byKey.size, line, 0, cells[this.label], cells[this.generated], this.kept === undefined ? null : cells[this.kept]];
      this.byKey.set(key, group);
      if (this.byKey.size > GROUPS) throw new Complaint("groups", line);
    }
    const weight = this.count === undefined ? 1 : whole(stripped(cells[this.count]), this.comma, line);
    group[2] += weight;
    this.total += weight;
    if (this.scores) {
      this.scores.push(number(stripped(cells[this.score]), this.comma, line));
      this.of.push(group[0]);
      this.weights.push(weight);
    }
  }

  listed() {
    return [...this.byKey.values()].map(([, line, rows, label, generated, kept]) => [composed(label), composed(generated), composed(kept), line, rows]);
  }
}

function whole(cell, comma, line) {
  const found = /^\+?([0-9]{1,10})(\.(?!000$)0*)?$/.exec(comma ? cell : cell.replaceAll(",", "."));
  if (found && Number(found[1]) <= ROWS) return Number(found[1]);
  throw new Complaint("count", line, cell);
}

function number(cell, comma, line) {
  const text = comma ? cell : cell.replaceAll(",", ".");
  if (/^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(text) && Number.isFinite(Number(text))) return Number(text);
  throw new Complaint("score", line, cell);
}

// Scores in groups of about equal numbers of rows, each [lowest score, right, wrong], as lib/labels/table.py makes them.
export function bins(scores, of, weights, right) {
  let edges = [...new Set(Float64Array.from(scores).sort())];
  if (edges.length > BINS) {
    const total = weights.reduce((a, b) => a + b, 0);
    const rows = new Map(); // of each score
    scores.forEach((score, i) => rows.set(score, (rows.get(score) ?? 0) + weights[i]));
    let below = 0, k = 0;
    edges = edges.filter((edge) => {
      const before = k;
      below += rows.get(edge);
      while (k < BINS && Math.floor((k * total) / BINS) < below) k++;
      return k > before;
    });
  }
  const binned = edges.map((edge) => [edge, 0, 0]);
  scores.forEach((score, i) => {
    let low = 0, high = edges.length; // the last edge that is not above the score
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (edges[middle] <= score) low = middle;
      else high = middle;
    }
    binned[low][right[of[i]] ? 1 : 2] += weights[i];
  });
  return binned;
}

const lines = (text) => (text.match(/\r\n|\r|\n/g) ?? []).length;

// The largest size up to some number at which a call does not throw, if it throws from some size on.
function longest(most, call) {
  let good = 0;
  while (good < most) {
    const middle = (good + most + 1) >> 1;
    try {
      call(middle);
      good = middle;
    } catch {
      most = middle - 1;
    }
  }
  return good;
}

// How many bytes of a piece to decode, so that no letter is cut: the last one waits where it has several parts.
function wholeLetters(bytes, encoding) {
  let end = bytes.length;
  if (encoding === "utf-8") {
    while (end > 0 && bytes.length - end < 3 && (bytes[end - 1] & 0xc0) === 0x80) end--;
    return end > 0 && bytes[end - 1] >= 0xc0 ? end - 1 : bytes.length;
  }
  end -= end % 2;
  const high = end > 1 ? bytes[encoding === "utf-16le" ? end - 1 : end - 2] & 0xfc : 0;
  return high === 0xd8 ? end - 2 : end;
}

// The counts of a file (or Blob). ask(name of a function of lib/labels/cells.py, arguments) answers or throws; told(share, rows) is
// called after each piece and may throw to give up. Returns {classes, kept, dropped, scores, notes, places, header}.
export async function readTable(file, name, names, ask, told, piece = PIECE) {
  const first = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (first[0] === 0x50 && first[1] === 0x4b && first[2] === 3 && first[3] === 4) throw new Complaint("zip");
  const wide = (first[0] === 0xff && first[1] === 0xfe) || (first[0] === 0xfe && first[1] === 0xff);
  const encoding = wide ? (first[0] === 0xff ? "utf-16le" : "utf-16be") : "utf-8";
  const decode = (bytes, first, more) => new TextDecoder(encoding, { fatal: true, ignoreBOM: !first }).decode(bytes, { stream: more });
  let rest = new Uint8Array(0); // the bytes of a letter that a piece has cut
  let chosen, groups, rows, started = false;
  for (let at = 0; at < Math.max(1, file.size); at += piece) {
    const last = at + piece >= file.size;
    const read = new Uint8Array(await file.slice(at, at + piece).arrayBuffer());
    const bytes = new Uint8Array(rest.length + read.length);
    bytes.set(rest);
    bytes.set(read, rest.length);
    const end = last ? bytes.length : wholeLetters(bytes, encoding);
    const isFirst = at === 0 || !started;
    started ||= end > 0;
    rest = bytes.slice(end);
    const whole = bytes.subarray(0, end);
    let text;
    try {
      text = decode(whole, isFirst, false);
    } catch {
      if (new TextDecoder(encoding).decode(whole).includes("\0")) throw new Complaint("nul");
      const good = decode(whole.subarray(0, longest(whole.length, (size) => decode(whole.subarray(0, size), isFirst, true))), isFirst, true);
      const half = rows?.afterReturn && good.startsWith("\n") ? 1 : 0; // of a line's end that the pieces share
      throw new Complaint("text", (rows?.line ?? 0) + lines(good.slice(half)) + 1, wide ? "UTF-16" : "UTF-8");
    }
    if (text.includes("\0")) throw new Complaint("nul");
    if (!chosen) {
      const headers = SEPARATORS.map((separator) => [separator, firstRow(text, separator).map(composed)]);
      const wanted = Object.fromEntries(Object.entries(names).map(([column, own]) => [column, composed(own)]));
      chosen = ask("choose", { name, headers, names: wanted });
      groups = new Groups(chosen);
      rows = new Rows(chosen.separator, (cells, line) => groups.add(cells, line));
    }
    rows.push(text);
    told(Math.min(1, (at + piece) / Math.max(1, file.size)), groups.total);
  }
  rows.end();
  if (groups.total > ROWS) throw new Complaint("many");
  const meant = ask("meaning", { name, groups: groups.listed() });
  const scores = groups.scores?.length ? bins(groups.scores, groups.of, groups.weights, meant.right) : [];
  const notes = [...(wide ? ["the text is UTF-16"] : []), ...chosen.notes, ...meant.notes];
  const { classes, kept, dropped } = meant;
  return { classes, kept, dropped, scores, notes, places: chosen.places, header: chosen.header };
}
