// Turns a page of the site into one for paper, in the page itself: the article alone, everything opened, nothing to press, links
// that lead somewhere, nothing wider than the sheet. Gives back the page's headings and what still did not fit.
// pages: the names of the book's pages, as in "book/intro.html"; base: where the site is published, or "".
({ pages, base }) => {
  const SHEET = 1050; // pixels of a sheet's height that leave room for a heading
  const WHOLE = 500; // pixels: a table up to this height moves to the next sheet rather than break
  const SHORT = 24; // letters of a cell that should not break: a number with its error
  const READABLE = 0.7, SMALLEST = 0.4; // of the size of letters: where numbers rather break, and where shrinking ends
  const article = document.querySelector("article");
  const all = (selector) => [...article.querySelectorAll(selector)];

  function unfold() {
    for (const fold of all("details")) fold.open = true;
    for (const note of all(".toggle-hidden")) note.classList.remove("toggle-hidden");
    for (const entry of all("dl.py.attribute")) { // the fields of a named tuple, which its head names already
      if (entry.textContent.includes("Alias for field number")) entry.remove();
    }
  }

  function sayWhereSlidersAre() {
    for (const figure of all("figure.explore")) {
      const place = document.createElement(base ? "a" : "span");
      place.textContent = `“${article.querySelector("h1").firstChild.textContent.trim()}”`;
      if (base) place.href = `${base}${location.pathname.slice(1)}#${figure.id}`;
      const line = document.createElement("p");
      line.className = "explore-live";
      line.append("The picture shows the default setting. Its sliders are live in the book’s web pages, on the page ", place, ".");
      figure.append(line);
    }
  }

  function lead(link) {
    const url = new URL(link.getAttribute("href"), location);
    if (url.origin !== location.origin) {
      if (!/^https?:$/.test(url.protocol)) link.removeAttribute("href"); // data that the page carries
      return;
    }
    const name = url.pathname.slice(1);
    const paper = url.searchParams.get("paper"); // on the page of claims it chooses those of a paper
    const outside = !pages.includes(name) || link.closest(".claim-link"); // a permalink is one to the web
    if (outside && base) link.href = base + name + url.search + url.hash;
    else if (outside) link.removeAttribute("href");
    else link.href = url.origin + url.pathname + (paper ? `#claims-${paper}` : url.hash);
  }

  function nameClaims() {
    if (!base) for (const line of all(".claim-link")) line.textContent = line.textContent.replace(/^.*·\s*/, "");
  }

  // A place has a name in the PDF when a link leads to it, be it one that nobody sees.
  function nameAnchors() {
    const links = document.createElement("nav");
    links.hidden = true;
    for (const place of all("[id]").filter((each) => !each.closest("svg, mjx-container"))) {
      const link = document.createElement("a");
      link.href = `#${place.id}`;
      links.append(link);
    }
    article.append(links);
  }

  function headings() {
    return all("h2").map((head) => {
      const words = head.cloneNode(true);
      for (const each of words.querySelectorAll(".headerlink, mjx-assistive-mml")) each.remove();
      return { title: words.textContent.trim().replace(/\s+/g, " "), id: head.id || head.closest("[id]")?.id || "" };
    });
  }

  // A number with its error stays on one line, unless that would make its table too small to read; it breaks before its ± only.
  function setTable(table) {
    const words = document.createTreeWalker(table, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) words.currentNode.data = words.currentNode.data.replaceAll(" ± ", " ±\u00a0");
    const cells = [...table.querySelectorAll("td, th")];
    for (const cell of cells) cell.classList.toggle("book-short", cell.textContent.trim().length <= SHORT);
    table.classList.add("book-unbroken");
    if (shrinkage(table) < READABLE) table.classList.remove("book-unbroken");
  }

  // The part of its width that a box has room for; 1 for one that fits.
  function shrinkage(box) {
    const number = box.parentElement.querySelector(":scope > .eqno"); // it stands at the right of the formula
    const around = box.parentElement.closest("p, li, td, th, dd, figure, div, section, article");
    const room = around.clientWidth - (number ? number.offsetWidth + 8 : 0);
    const inner = box.firstElementChild?.getBoundingClientRect().width ?? 0;
    const wide = Math.max(box.scrollWidth * (box.style.zoom || 1), box.getBoundingClientRect().width, inner);
    return room > 0 && wide > room + 1 ? room / wide : 1;
  }

  // What is wider than its place is made smaller as a whole. Chromium would make the whole page smaller instead.
  function fit() {
    all("table").forEach(setTable);
    for (const box of all("table, mjx-container, pre, img")) {
      for (let left = 5, part; left > 0 && (part = shrinkage(box)) < 1; left -= 1) { // smaller letters break otherwise
        box.style.zoom = Math.max((box.style.zoom || 1) * part * 0.995, SMALLEST);
      }
    }
    for (const table of all("table")) table.classList.toggle("book-whole", table.offsetHeight < WHOLE);
    const edge = article.getBoundingClientRect().right + 1;
    const cut = (box) => box.getBoundingClientRect().right > edge && !box.closest("svg, nav, .explore-hidden");
    const found = all("*").filter(cut);
    const outer = found.filter((box) => !found.includes(box.parentElement));
    return outer.map((box) => `${box.localName}: ${box.textContent.trim().replace(/\s+/g, " ").slice(0, 60)}`);
  }

  // A heading and what follows it stay together, where both fit on one sheet.
  function keepHeadings() {
    for (const head of all("h2, h3, h4")) {
      let next = head.nextElementSibling;
      while (next && next.offsetHeight === 0) next = next.nextElementSibling;
      if (!next || next.localName === "section" || next.offsetHeight > SHEET) continue;
      const kept = document.createElement("div");
      kept.className = "book-kept";
      head.before(kept);
      kept.append(head, next);
    }
  }

  document.documentElement.dataset.theme = "light";
  document.body.replaceChildren(article);
  unfold();
  sayWhereSlidersAre();
  all("a[href]").forEach(lead);
  nameClaims();
  const found = headings();
  nameAnchors();
  const cut = fit();
  keepHeadings();
  return { headings: found, cut };
}
