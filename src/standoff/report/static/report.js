"use strict";
// The page's own script: one part of the report at a time, the row behind each mark, sorting, filtering, themes.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const byHash = (hash) => {
    try { return document.getElementById(decodeURIComponent(hash.slice(1))); } catch (_) { return null; }
  };

  // --- parts of the page -------------------------------------------------------------------------------------
  const pages = all(".page");
  const show = (first) => {
    const target = (location.hash.length > 1 && byHash(location.hash)) || pages[0];
    const page = target.closest(".page") || pages[0];
    pages.forEach((each) => each.classList.toggle("shown", each === page));
    all("header.top a").forEach((link) => {
      const to = byHash(link.hash);
      const current = to === target || (to === page && to !== pages[0]);
      if (current) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    });
    for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    all(".here").forEach((each) => each.classList.remove("here"));
    if (target.matches(".row, tr")) target.classList.add("here");
    if (first && !location.hash) return;
    const heading = target === page ? one("h1, h2", page) : target.matches("h2, .row") ? target : one("[tabindex='-1']", target);
    if (heading) {
      if (!heading.hasAttribute("tabindex")) heading.setAttribute("tabindex", "-1");
      heading.focus({ preventScroll: true });
    }
    if (target === page) scrollTo({ top: 0, behavior: "instant" });
    else target.scrollIntoView({ block: target.matches(".row, tr") ? "center" : "start", behavior: "instant" });
  };
  addEventListener("hashchange", () => show(false));

  // --- light and dark ----------------------------------------------------------------------------------------
  const root = document.documentElement;
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  one("#theme").addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("standoff-theme", root.dataset.theme); } catch (_) { /* not kept */ }
    all("figure.chart").forEach((figure) => { if (!one(".live", figure).hidden) draw(figure); });
  });

  // --- the row behind a mark ---------------------------------------------------------------------------------
  const card = (figure, href, extra) => {
    const box = one(".card", figure);
    const row = href && byHash(href);
    box.replaceChildren();
    if (row) {
      if (row.matches("tr")) {
        const line = document.createElement("p");
        line.textContent = [...row.cells].map((cell) => cell.textContent.trim()).filter(Boolean).join(" · ");
        box.append(line);
      } else {
        box.append(...[...row.children].map((child) => child.cloneNode(true)));
      }
      const go = document.createElement("a");
      go.href = href;
      go.textContent = "Go to this row";
      const line = document.createElement("p");
      line.append(go);
      box.append(line);
    } else if (extra) {
      const line = document.createElement("p");
      line.textContent = extra;
      box.append(line);
    }
    box.hidden = !box.childNodes.length;
  };

  // A drawing is one stop of the Tab key; arrows move from mark to mark, left to right, Home and End to its ends.
  const rove = (figure, holder, marks, hrefOf) => {
    if (!marks.length) return;
    const places = new Map(marks.map((mark) => [mark, mark.getBoundingClientRect().left]));
    const order = [...marks].sort((a, b) => places.get(a) - places.get(b));
    order.forEach((mark, k) => { mark.setAttribute("tabindex", k ? "-1" : "0"); mark.dataset.mark = ""; });
    const move = (from, to) => {
      if (!to) return;
      from.setAttribute("tabindex", "-1");
      to.setAttribute("tabindex", "0");
      to.focus({ preventScroll: false });
    };
    const markOf = (event) => event.target.closest && event.target.closest("[data-mark]");
    holder.addEventListener("keydown", (event) => {
      const mark = markOf(event);
      const k = order.indexOf(mark);
      if (k < 0) return;
      const to = { ArrowRight: order[k + 1], ArrowDown: order[k + 1], ArrowLeft: order[k - 1], ArrowUp: order[k - 1], Home: order[0], End: order.at(-1) }[event.key];
      if (event.key === "Escape") one(".card", figure).hidden = true;
      if (event.key === "Enter" && !mark.href) location.hash = hrefOf(mark);
      if (to) { event.preventDefault(); move(mark, to); }
    });
    holder.addEventListener("focusin", (event) => { const mark = markOf(event); if (mark) card(figure, hrefOf(mark)); });
    holder.addEventListener("pointerover", (event) => { const mark = markOf(event); if (mark) card(figure, hrefOf(mark)); });
    // A finger has no hover: the first tap reads the row, the card's link goes there.
    holder.addEventListener("click", (event) => {
      const mark = markOf(event);
      if (mark && event.pointerType === "touch") { event.preventDefault(); card(figure, hrefOf(mark)); }
    });
  };
  const readyDrawings = new WeakSet();
  const prepare = (page) => all(".static", page).forEach((drawing) => {
    const figure = drawing.closest("figure.chart");
    if (!figure || readyDrawings.has(drawing) || !drawing.getClientRects().length) return;
    readyDrawings.add(drawing);
    rove(figure, drawing, all("svg a[href]", drawing), (mark) => mark.getAttribute("href"));
  });

  // --- live charts -------------------------------------------------------------------------------------------
  const tones = JSON.parse(one("#tones").textContent);
  // The chart runtime and the specifications lie packed in the page; the first zoom opens them. The runtime's own text
  // is what the content policy allows by its hash, so it may run and nothing else may.
  const unpack = async (name) => {
    const bytes = Uint8Array.from(atob(document.getElementById(`pack-${name}`).textContent), (c) => c.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  };
  let opened = null;
  const open = () => (opened ??= Promise.all([unpack("runtime"), unpack("charts")]).then(([runtime, charts]) => {
    const script = document.createElement("script");
    script.textContent = runtime;
    document.head.append(script);
    return JSON.parse(charts);
  }));
  const walk = (value, change) => {
    if (Array.isArray(value)) return value.map((item) => walk(item, change));
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, change)]));
    return change(value);
  };
  // Zooming changes the time axis alone: every other scale stays, so that heights can be compared.
  const within = (value, part) => {
    if (Array.isArray(value)) return value.map((item) => within(item, part));
    if (!value || typeof value !== "object") return value;
    const copy = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, name === "values" ? item : within(item, part)]));
    if (copy.mark && typeof copy.mark === "object") copy.mark.clip = true;
    if (copy.type === "utc" && copy.domain) copy.domain = part;
    return copy;
  };
  const edge = (day) => { const [year, month, date] = day.split("-").map(Number); return { year, month, date, utc: true }; };
  const draw = async (figure) => {
    const { spec, key } = (await open())[figure.dataset.chart];
    const live = one(".live", figure);
    let drawn = walk(spec, (value) => (dark() && typeof value === "string" && tones[value.toLowerCase()]) || value);
    const period = spec.usermeta.period;
    const inputs = all("[data-edge]", figure);
    one(".range", figure).hidden = !period;
    if (period) {
      inputs.forEach((input, k) => { [input.min, input.max] = period; if (!input.value) input.value = period[k]; });
      const [from, to] = inputs.map((input) => input.value);
      if (from && from < to) drawn = within(drawn, [edge(from), edge(to)]);
    }
    const words = (datum) => key.map(([name, options], k) => `${name} ${options[datum.c[k]] ?? "–"}`).join(" · ");
    const tell = (_, event, item, value) => {
      const datum = item && item.datum;
      if (!datum || !value) return;
      if (datum.href) card(figure, datum.href);
      else if (datum.c) card(figure, null, `Specification ${datum.i}: effect ${datum.e}, ${datum.n} changes exposed. ${words(datum)}`);
    };
    live.replaceChildren();
    await vegaEmbed(live, drawn, { ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: tell });
    const drawing = one("svg", live);
    if (drawing) drawing.removeAttribute("role");
    rove(figure, live, all("path[aria-label], text[aria-label]", live).filter((mark) => mark.__data__ && mark.__data__.datum && mark.__data__.datum.href), (mark) => mark.__data__.datum.href);
  };
  const toggle = (figure, button) => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? "Whole chart" : "Zoom";
    one(".live", figure).hidden = !on;
    if (!on) one(".range", figure).hidden = true;
    all(".static", figure).forEach((drawing) => { drawing.hidden = on; });
    one(".card", figure).hidden = true;
    if (on) draw(figure);
  };
  const save = (figure) => {
    const drawing = all("svg", figure).find((svg) => svg.getClientRects().length);
    if (!drawing) return;
    const style = getComputedStyle(root);
    const text = drawing.outerHTML.replace(/var\((--c-[a-z]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    link.download = `${figure.dataset.chart}.svg`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  all("figure.chart").forEach((figure) => {
    one("[data-do=live]", figure).hidden = typeof DecompressionStream === "undefined";
    one("[data-do=live]", figure).addEventListener("click", (event) => toggle(figure, event.currentTarget));
    one("[data-do=save]", figure).addEventListener("click", () => save(figure));
    all("[data-edge]", figure).forEach((input) => input.addEventListener("change", () => draw(figure)));
    figure.addEventListener("keydown", (event) => { if (event.key === "Escape") one(".card", figure).hidden = true; });
  });
  document.addEventListener("pointerdown", (event) => {
    all(".card:not([hidden])").forEach((box) => { if (!box.closest("figure").contains(event.target)) box.hidden = true; });
  });

  // --- the claims table --------------------------------------------------------------------------------------
  const table = one("#claims-table");
  const body = table.tBodies[0];
  const count = (text) => parseFloat(text.replace(/\u2212/g, "-").replace(/[,<>%+]/g, "").replace(/^\./, "0."));
  const value = (row, column, kind) => {
    const text = row.cells[column].dataset.value || "";
    return kind === "text" ? text : count(text);
  };
  all("th[data-sort]", table).forEach((head) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain-button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const rising = head.getAttribute("aria-sort") !== "ascending";
      all("th[aria-sort]", table).forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", rising ? "ascending" : "descending");
      const kind = head.dataset.sort, column = head.cellIndex;
      const rows = [...body.rows].sort((a, b) => {
        const [x, y] = [value(a, column, kind), value(b, column, kind)];
        if (kind === "text") return x < y ? -1 : x > y ? 1 : 0;
        if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y) || 0;
        return x - y;
      });
      const known = kind === "text" ? rows : rows.filter((row) => !Number.isNaN(value(row, column, kind)));
      const unknown = rows.filter((row) => !known.includes(row));
      body.append(...(rising ? known : known.reverse()), ...unknown);
    });
  });
  const filterClaims = () => {
    const wanted = one("#find-claim").value.toLowerCase(), word = one("#pick-verdict").value, list = one("#pick-list").value;
    let shown = 0;
    [...body.rows].forEach((row) => {
      const fits = (!word || row.dataset.verdict === word) && (!list || row.dataset.list === list) && row.textContent.toLowerCase().includes(wanted);
      row.hidden = !fits;
      shown += fits;
    });
    one("#claims-shown").textContent = shown === body.rows.length ? "" : `${shown} of ${body.rows.length} shown`;
  };
  ["#find-claim", "#pick-verdict", "#pick-list"].forEach((name) => one(name).addEventListener("input", filterClaims));

  // --- the rows ----------------------------------------------------------------------------------------------
  const rows = all("#rows .row");
  one("#find-row").addEventListener("input", (event) => {
    const wanted = event.currentTarget.value.toLowerCase();
    let shown = 0;
    rows.forEach((row) => { const fits = row.textContent.toLowerCase().includes(wanted); row.hidden = !fits; shown += fits; });
    one("#rows-shown").textContent = wanted ? `${shown} of ${rows.length} shown` : "";
  });

  // Paper cannot be opened: what is folded on the screen is unfolded there, but for the long tables of daily values.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details:not([open])").filter((box) => !box.closest("#series"));
    folded.forEach((box) => { box.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((box) => { box.open = false; }));

  show(true);
  const arrange = () => prepare(document);
  arrange();
  addEventListener("hashchange", arrange);
  addEventListener("resize", arrange);
})();
