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
  const beside = style.notes === "side";
  const fits = () => beside
    ? Math.max(tall(column().flow), tall(column().notes)) <= column().height
    : tall(column().flow) + tall(column().notes) <= column().height;
  const leaves = () => column().flow.querySelectorAll("[data-leaf]").length;

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
      columns[n].notes = make("div", beside ? "notes side" : "notes", "", node);
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
      added.at(-1)[1].dataset.number = n;
      cited.add(n);
    }
    return () => added.forEach(([n, node]) => (node.remove(), cited.delete(n)));
  }
  function mark(block, node) {
    stand(block.n);
    for (const child of node.querySelectorAll("[data-n]")) stand(child.dataset.n);
    for (const n of notesOf(node.innerHTML))
      if (column().notes.querySelector(`[data-number="${n}"]`)) stand(spec.notePlaces[n]);
    if (block.level === 1) pages.at(-1).chapters.push(block.text);
    if (block.level === 2) pages.at(-1).sections.push(block.text);
  }

  // Moves on to the next column, taking along headings and captions that would end this one.
  const kept = (node) => node && (node.dataset.keep ||
    (node.dataset.box && [...node.children].every((child) => child.dataset.keep)));
  function moveOn() {
    const taken = [];
    const flow = column().flow;
    while (kept(flow.lastElementChild) && flow.childElementCount > 1)
      taken.unshift(flow.removeChild(flow.lastElementChild));
    const from = pages.length;
    next();
    for (const node of taken) {
      column().flow.append(node);
      for (const { dataset } of [node, ...node.querySelectorAll("[data-keep]")]) {
        if (+dataset.keep) where[dataset.keep] = [pages.length, pages.length];
        for (const list of from < pages.length ? ["chapters", "sections"] : []) {
          const place = pages[from - 1][list].indexOf(spec.headings[dataset.keep]);
          if (place >= 0) pages.at(-1)[list].push(pages[from - 1][list].splice(place, 1)[0]);
        }
      }
    }
  }

  // The node that takes a block: the column, or the box that the block is in.
  function holder(block) {
    if (!block.box) return column().flow;
    const last = column().flow.lastElementChild;
    if (last?.dataset.box === `${block.box}`) return last;
    const node = make("div", "box", "", column().flow);
    node.dataset.box = block.box;
    return node;
  }
  function drop(node) {
    const box = node.parentNode;
    node.remove();
    if (box.dataset.box && !box.childElementCount) box.remove();
  }
  // A box that does not break moves on as a whole, if a column can hold it.
  function keepWhole(first) {
    const inside = spec.blocks.filter((block) => block.box === first.box);
    const node = holder(first);
    for (const block of inside)
      make(block.tag, block.name, block.lead + block.tokens.join(" "), node);
    const good = fits(), small = tall(node) < 0.9 * column().height;
    node.remove();
    if (!good && small && leaves()) moveOn();
  }

  function place(block, tokens = block.tokens, rest = false) {
    const table = block.tag === "table";
    const html = (count) => (rest ? "" : block.lead) + tokens.slice(0, count).join(" ");
    const node = make(block.tag, block.name, html(tokens.length), holder(block));
    node.dataset.leaf = 1;
    if (rest) node.classList.add("rest"), node.classList.remove("drop");
    if (block.keep) node.dataset.keep = block.n;
    let undo = setNotes(node.innerHTML);
    if (fits()) return mark(block, node);
    let low = 0, high = tokens.length - 1;
    const line = parseFloat(getComputedStyle(node).lineHeight) * 0.75;
    const splits = block.splits || (table && leaves() === 1);
    while (splits && low < high) {
      undo();
      const middle = Math.ceil((low + high) / 2);
      node.innerHTML = html(middle);
      undo = setNotes(node.innerHTML);
      if (fits()) low = middle;
      else high = middle - 1;
    }
    undo();
    if (splits) node.innerHTML = html(low);
    const enough = table ? low > 1 : tokens.length - low > 10 && tall(node) > 1.9 * line;
    if (splits && low && enough && !node.matches(".drop")) {
      setNotes(node.innerHTML);
      node.classList.add("cut");
      mark(block, node);
      next();
      return place(block, tokens.slice(low), true);
    }
    if (leaves() === 1) {  // larger than a column
      node.innerHTML = html(tokens.length);
      if (!fits()) node.style.fontSize = "5pt";
      spec.tooLarge = true;
      setNotes(node.innerHTML);
      return mark(block, node);
    }
    drop(node);
    moveOn();
    place(block, tokens, rest);
  }

  let boxed = 0;
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
        if (block.alone) page = null;
        continue;
      }
      if (opens || !page) newPage();
      if (opens) pages.at(-1).opened = true;
      if (block.box && block.box !== boxed && !style.box_breaks) keepWhole(block);
      boxed = block.box || boxed;
      place(block);
      if (block.closes && style.contents_at !== "after summary") page = null;
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
    texts.short = chapter.split(": ")[0];
    texts.split = spec.publisher;
    let text = bare ? "" : texts[style.heads[odd]] || "";
    let page = style.number.replace("{n}", number).replace("{total}", pages.length);
    if (style.number_at === "head" && text) {
      text = odd ? text + style.joiner + page : page + style.joiner + text;
    } else if (style.number_at !== "none") {
      const node = make("div", "number", page, each.node);
      points(node, { bottom: 28 });
      if (style.number_at === "centre") points(node, { left: width / 2 - 10 });
      else points(node, odd ? { right: 42 } : { left: 42 });
      furniture.push({ kind: "page_number", text: page });
    }
    const where = style.head_at === "foot" ? "bottom" : "top";
    const rotated = style.head_at === "side";
    const down = where === "bottom" && style.number_at !== "none" ? 44 : 30;
    if (style.band && text && !rotated && style.head_at !== "margin") {
      const band = make("div", "band" + style.band, "", each.node);
      points(band, { [where]: style.band === "fill" ? down - 10 : down + 14 });
    }
    if (text) {
      const name = rotated ? "tab" : style.head_at === "margin" ? "head inmargin" : "head";
      const node = make("div", name, "", each.node);
      node.textContent = text;
      if (rotated) points(node, { top, [odd ? "right" : "left"]: 14 });
      else points(node, { [where]: name === "head" ? down : top });
      if (name === "head") node.style.textAlign = odd ? "right" : "left";
      if (style.band === "fill" && name === "head") node.style.color = "#fff";
      furniture.push({ kind: "running_head", text });
      if (style.number_at === "head") furniture.push({ kind: "running_head", text: texts[style.heads[odd]] });
      if (style.heads[odd] === "split" && name === "head") {
        const other = make("div", "head", "", each.node);
        other.textContent = chapter;
        points(other, { [where]: down });
        other.style.textAlign = odd ? "left" : "right";
        if (style.band === "fill") other.style.color = "#fff";
        if (chapter) furniture.push({ kind: "running_head", text: chapter });
      }
    }
    if (style.tab && chapter) {
      const tab = make("div", "tab", chapter, each.node);
      points(tab, { top: 200, right: 6 });
      furniture.push({ kind: "running_head", text: chapter });
    }
  }
  for (const entry of document.querySelectorAll(".entry"))
    entry.querySelector("span").textContent = where[entry.dataset.target][0];
  return { where, furniture, pages: pages.length, tooLarge: spec.tooLarge || false };
}
