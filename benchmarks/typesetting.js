// Sets blocks on pages of fixed size: columns, notes at the foot, running heads, page numbers.
// `typeset(spec)` returns where each block stands and the furniture that was set.
function typeset(spec) {
  const style = spec.style, [width, height] = style.page;
  const [top, right, bottom, left] = style.margins;
  const pages = [], where = {}, furniture = [], cited = new Set();
  let page, columns, at;

  const make = (tag, name, html = "", parent = null) => {
    const node = document.createElement(tag);
    node.className = name;
    node.innerHTML = html;
    if (parent) parent.append(node);
    return node;
  };
  const points = (node, values) => {
    for (const [name, value] of Object.entries(values)) node.style[name] = value + "pt";
  };
  const tall = (node) => node.getBoundingClientRect().height * 0.75;
  const column = () => columns[at];
  const fits = () => tall(column().flow) + tall(column().notes) <= column().height;
  const empty = () => !column().flow.childElementCount;

  function newPage(opener = "") {
    page = make("div", "page", "", document.body);
    pages.push({ node: page, chapters: [], sections: [], plain: false });
    let down = 0;
    if (opener) {
      const node = make("div", "opener", opener, page);
      points(node, { top, left, width: width - left - right });
      down = tall(node);
    }
    const one = (width - left - right - style.gutter * (style.columns - 1)) / style.columns;
    columns = [];
    for (let n = 0; n < style.columns; n++) {
      const node = make("div", "column", "", page), high = height - top - bottom - down;
      points(node, { top: top + down, left: left + n * (one + style.gutter), width: one });
      points(node, { height: high });
      columns.push({ node, height: high, flow: make("div", "flow", "", node) });
      columns[n].notes = make("div", "notes", "", node);
    }
    at = 0;
  }
  const next = () => (at + 1 < columns.length ? at++ : newPage());
  const stand = (n) => (where[n] = [(where[n] || [pages.length])[0], pages.length]);

  function notesOf(html) {
    return [...html.matchAll(/data-note="(\d+)"/g)].map((found) => found[1]);
  }
  function setNotes(html) {
    const added = [];
    for (const n of notesOf(html)) {
      if (!spec.notes[n] || cited.has(n)) continue;
      added.push([n, make("div", "note", spec.notes[n], column().notes)]);
      cited.add(n);
    }
    return () => added.forEach(([n, node]) => (node.remove(), cited.delete(n)));
  }
  function mark(block, node) {
    stand(block.n);
    for (const child of node.querySelectorAll("[data-n]")) stand(child.dataset.n);
    for (const n of notesOf(node.innerHTML)) if (spec.notes[n]) stand(spec.notePlaces[n]);
    if (block.level === 1) pages.at(-1).chapters.push(block.text);
    if (block.level === 2) pages.at(-1).sections.push(block.text);
  }

  // Moves on to the next column, taking along headings and captions that would end this one.
  function moveOn() {
    const taken = [];
    const flow = column().flow;
    while (flow.lastElementChild?.dataset.keep && flow.childElementCount > 1)
      taken.unshift(flow.removeChild(flow.lastElementChild));
    const from = pages.length;
    next();
    for (const node of taken) {
      column().flow.append(node);
      const n = node.dataset.keep;
      where[n] = [pages.length, pages.length];
      for (const list of from < pages.length ? ["chapters", "sections"] : []) {
        const text = spec.headings[n];
        const place = pages[from - 1][list].indexOf(text);
        if (place >= 0) pages.at(-1)[list].push(pages[from - 1][list].splice(place, 1)[0]);
      }
    }
  }

  function place(block, tokens = block.tokens, rest = false) {
    const html = (count) => (rest ? "" : block.lead) + tokens.slice(0, count).join(" ");
    const node = make(block.tag, block.name, html(tokens.length), column().flow);
    if (rest) node.classList.add("rest"), node.classList.remove("drop");
    if (block.keep) node.dataset.keep = block.n;
    let undo = setNotes(node.innerHTML);
    if (fits()) return mark(block, node);
    let low = 0, high = tokens.length - 1;
    const line = parseFloat(getComputedStyle(node).lineHeight) * 0.75;
    while (block.splits && low < high) {
      undo();
      const middle = Math.ceil((low + high) / 2);
      node.innerHTML = html(middle);
      undo = setNotes(node.innerHTML);
      if (fits()) low = middle;
      else high = middle - 1;
    }
    undo();
    if (block.splits) node.innerHTML = html(low);
    if (low && tokens.length - low > 10 && tall(node) > 1.9 * line && !node.matches(".drop")) {
      setNotes(node.innerHTML);
      node.classList.add("cut");
      mark(block, node);
      next();
      return place(block, tokens.slice(low), true);
    }
    if (empty() || column().flow.childElementCount === 1) {  // larger than a column
      node.innerHTML = html(tokens.length);
      if (column().flow.childElementCount === 1) spec.tooLarge = true;
      setNotes(node.innerHTML);
      return mark(block, node);
    }
    node.remove();
    moveOn();
    place(block, tokens, rest);
  }

  for (const block of spec.blocks) {
    if (block.tag === "cover") {
      newPage();
      Object.assign(pages.at(-1), { plain: true });
      page.innerHTML = block.lead;
      for (const child of page.querySelectorAll("[data-n]")) stand(child.dataset.n);
      page = null;
    } else if (block.name === "margin") {
      if (!page) newPage();
      const node = make("div", "pull margin", block.lead, page);
      const down = top + tall(column().flow);
      points(node, { top: Math.min(down, height - bottom - tall(node)) });
    } else {
      const opens = block.opens && (!page || page.querySelector(".flow > *"));
      if (opens && block.spans) {
        newPage(`<${block.tag}>${block.lead}${block.tokens.join(" ")}</${block.tag}>`);
        mark(block, page);
        pages.at(-1).opened = true;
        continue;
      }
      if (opens || !page) newPage();
      if (opens) pages.at(-1).opened = true;
      place(block);
    }
  }

  let chapter = "", section = "";
  pages.forEach((each, index) => {
    chapter = each.chapters.at(-1) || chapter;
    section = each.sections[0] || (each.chapters.length ? "" : section);
    if (!each.plain) furnish(each, index + 1, chapter, section || chapter);
    section = each.sections.at(-1) || section;
  });
  function furnish(each, number, chapter, section) {
    const odd = number % 2, bare = each.opened && style.bare_openers;
    const texts = { title: spec.title, chapter, section, publisher: spec.publisher, "": "" };
    texts.both = `${spec.publisher} | ${spec.title}`;
    let text = bare ? "" : texts[style.heads[odd]] || "";
    let page = style.number.replace("{n}", number).replace("{total}", pages.length);
    if (style.number_at === "head" && text) {
      text = odd ? `${text}   ${page}` : `${page}   ${text}`;
    } else if (style.number_at !== "none") {
      const node = make("div", "number", page, each.node);
      points(node, { bottom: 28 });
      if (style.number_at === "centre") points(node, { left: width / 2 - 10 });
      else points(node, odd ? { right: 42 } : { left: 42 });
      furniture.push({ kind: "page_number", text: page });
    }
    const where = style.head_at === "top" ? "top" : "bottom";
    const down = where === "bottom" && style.number_at !== "none" ? 44 : 30;
    if (style.band && text) {
      const band = make("div", "band" + style.band, "", each.node);
      points(band, { [where]: style.band === "fill" ? down - 10 : down + 14 });
    }
    if (text) {
      const node = make("div", "head", "", each.node);
      node.textContent = text;
      points(node, { [where]: down });
      node.style.textAlign = odd ? "right" : "left";
      if (style.band === "fill") node.style.color = "#fff";
      furniture.push({ kind: "running_head", text });
      if (style.number_at === "head") furniture.push({ kind: "running_head", text: texts[style.heads[odd]] });
    }
    if (style.tab && chapter) {
      make("div", "tab", "", each.node).textContent = chapter;
      furniture.push({ kind: "running_head", text: chapter });
    }
  }
  for (const entry of document.querySelectorAll(".entry"))
    entry.querySelector("span").textContent = where[entry.dataset.target][0];
  return { where, furniture, pages: pages.length, tooLarge: spec.tooLarge || false };
}
