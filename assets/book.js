// Names for the theme's nameless toggles, and a tab stop for whatever scrolls sideways, so that a keyboard reaches both.

function nameToggles() {
  for (const summary of document.querySelectorAll("nav summary:not([aria-label])")) {
    const link = summary.closest("li")?.querySelector("a");
    summary.setAttribute("aria-label", `Pages under ${link ? link.textContent.trim() : "this entry"}`);
  }
}

function markScrolling() {
  for (const box of document.querySelectorAll("article table, article mjx-container[display='true'], article pre")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}

nameToggles();
window.addEventListener("resize", markScrolling);
window.addEventListener("load", () => (window.MathJax?.startup?.promise ?? Promise.resolve()).then(markScrolling));
