// The page of claims: its filter, whose state stands in the address, and claims that open when an address names them.

const form = document.querySelector(".claims-filter");
const claims = [...document.querySelectorAll("details.claim")];
const headings = [...document.querySelectorAll(".claims-heading")];
const FIELDS = ["paper", "verdict", "form", "text"];
const words = new Map(claims.map((claim) => [claim, `${claim.id} ${claim.textContent}`.toLowerCase()]));

function wanted() {
  return Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value.trim()]));
}

function show() {
  const { text, ...codes } = wanted();
  const terms = text.toLowerCase().split(/\s+/);
  for (const claim of claims) {
    const fits = Object.entries(codes).every(([name, code]) => !code || claim.dataset[name] === code);
    claim.hidden = !(fits && terms.every((term) => words.get(claim).includes(term)));
  }
  for (const heading of headings) {
    heading.hidden = claims.every((claim) => claim.hidden || claim.dataset.paper !== heading.dataset.paper);
  }
  form.querySelector("output").textContent = `${claims.filter((claim) => !claim.hidden).length} of ${claims.length} claims`;
}

function writeAddress() {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(wanted())) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  url.hash = ""; // the claim that it named may be hidden now
  const address = url.href.replace(/#$/, "");
  if (address !== location.href) history.replaceState(history.state, "", address);
}

// What a select does not offer, it shows as "all".
function readAddress() {
  const parameters = new URLSearchParams(location.search);
  for (const name of FIELDS) {
    form.elements[name].value = parameters.get(name) ?? "";
    if (form.elements[name].selectedIndex === -1) form.elements[name].value = "";
  }
  show();
}

function openNamed() {
  const claim = document.getElementById(location.hash.slice(1));
  if (!claim?.matches("details.claim")) return;
  claim.hidden = false; // a permalink is stronger than a filter
  claim.open = true;
  claim.scrollIntoView({ behavior: "instant" });
}

form.hidden = false;
form.addEventListener("input", () => (show(), writeAddress()));
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(() => (show(), writeAddress())));
document.querySelector(".claims-chart").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  readAddress();
  form.scrollIntoView();
  form.elements.text.focus({ preventScroll: true });
});
window.addEventListener("popstate", () => (readAddress(), openNamed()));
window.addEventListener("hashchange", openNamed);
readAddress();
openNamed();

// On paper every claim that is shown lies open.
let closed = [];
window.addEventListener("beforeprint", () => {
  closed = claims.filter((claim) => !claim.open);
  for (const claim of closed) claim.open = true;
});
window.addEventListener("afterprint", () => closed.forEach((claim) => (claim.open = false)));
