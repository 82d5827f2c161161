// Names for the theme's nameless toggles; a tab stop for whatever scrolls sideways; Greek letters in a search; and a sentence under
// slider figures whose own script did not come. A plain script: it runs from a file too.

function nameToggles() {
  for (const summary of document.querySelectorAll("nav summary:not([aria-label])")) {
    const link = summary.closest("li")?.querySelector("a");
    summary.setAttribute("aria-label", `Pages under ${link ? link.textContent.trim() : "this entry"}`);
  }
}

// An inline formula that is wider than its line scrolls; the others keep their place on the line.
function markFormulas() {
  for (const formula of document.querySelectorAll("article mjx-container:not([display])")) {
    formula.classList.remove("formula-wide");
    const line = formula.closest("p, li, td, th, dd, dt, h1, h2, h3, figcaption, div");
    const wide = formula.getBoundingClientRect().width > line.clientWidth + 1;
    formula.classList.toggle("formula-wide", wide);
    if (wide) formula.tabIndex = 0;
    else formula.removeAttribute("tabindex");
  }
}

const SIDEWAYS = "article table, article mjx-container[display='true'], article pre, article figure.wide";

function markScrolling() {
  markFormulas();
  for (const box of document.querySelectorAll(SIDEWAYS)) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
  document.documentElement.dataset.tabStops = innerWidth; // the width that they are set for; tests wait for it
}

// Formulas are indexed by the names of their letters: theta, psi, rho. Sphinx splits a query with this function.
const GREEK = {
  α: "alpha", β: "beta", γ: "gamma", δ: "delta", ε: "epsilon", ϵ: "epsilon", ζ: "zeta", η: "eta", θ: "theta", ϑ: "theta", κ: "kappa",
  λ: "lambda", μ: "mu", ν: "nu", ξ: "xi", π: "pi", ρ: "rho", σ: "sigma", τ: "tau", φ: "phi", ϕ: "phi", χ: "chi", ψ: "psi", ω: "omega",
};

function spell(query) {
  return query.toLowerCase().replace(/[α-ωϑϕϵ]/gu, (letter) => (letter in GREEK ? ` ${GREEK[letter]} ` : letter));
}

if (typeof window.splitQuery === "function") {
  const split = window.splitQuery;
  window.splitQuery = (query) => split(spell(query));
}

const FROM_A_FILE = "The sliders need a web server: a browser does not run them from a file. In the folder of the book's pages, give " +
  "“python3 -m http.server 8000” and open http://127.0.0.1:8000/. The picture shows the default setting.";
const NO_SCRIPT_CAME = "The script of these sliders did not load. Reload the page; the picture shows the default setting.";
const PATIENCE = 6000; // ms after loading

function explainStillSliders() {
  const still = [...document.querySelectorAll("figure.explore:not([data-state])")];
  const sentence = location.protocol === "file:" ? FROM_A_FILE : NO_SCRIPT_CAME;
  for (const figure of still) figure.querySelector(".explore-status").textContent = sentence;
}

// The article's width changes without the window's, too: when the list of pages slides in or out.
function markWhenWidthChanges(article) {
  let width = article.clientWidth;
  new ResizeObserver(() => {
    if (article.clientWidth === width) return;
    width = article.clientWidth;
    requestAnimationFrame(markScrolling);
  }).observe(article);
}

nameToggles();
window.addEventListener("resize", markScrolling);
window.addEventListener("load", () => {
  (window.MathJax?.startup?.promise ?? Promise.resolve()).then(markScrolling);
  document.querySelectorAll("article").forEach(markWhenWidthChanges);
  setTimeout(explainStillSliders, location.protocol === "file:" ? 0 : PATIENCE);
});
