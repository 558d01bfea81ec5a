// What the page can do beyond being read: sort tables, copy code, fold, change colours. Everything is there without it.
(() => {
  "use strict";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const button = (text, title, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    if (title) made.title = title;
    made.addEventListener("click", act);
    return made;
  };

  // Tables. Figures begin with the largest, words with A; cells without a figure stay last either way.
  const compare = (column, down) => (a, b) => {
    const [one, other] = [a.cells[column], b.cells[column]];
    const [left, right] = [one?.dataset.sort, other?.dataset.sort];
    if (left !== undefined && right !== undefined) return (left - right) * (down ? -1 : 1);
    if (left !== undefined || right !== undefined) return left === undefined ? 1 : -1;
    const order = (one?.textContent ?? "").localeCompare(other?.textContent ?? "", "en", { numeric: true });
    return down ? -order : order;
  };
  for (const table of all("table.sortable")) {
    const body = table.tBodies[0];
    const heads = all("thead th", table);
    heads.forEach((head, column) => {
      if (!head.textContent.trim()) return;
      const figures = [...body.rows].some((row) => row.cells[column]?.dataset.sort !== undefined);
      const sort = button("", "Sort by this column", () => {
        const before = head.getAttribute("aria-sort");
        const down = before ? before === "ascending" : figures;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        body.append(...[...body.rows].sort(compare(column, down)));
      });
      sort.append(...head.childNodes);
      head.append(sort);
    });
  }

  // Code.
  const copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };
  for (const code of all(".code")) {
    const copy = button("Copy", "", async () => {
      copy.textContent = (await copied(code.querySelector("code").textContent)) ? "Copied" : "Not copied";
      setTimeout(() => (copy.textContent = "Copy"), 1500);
    });
    copy.className = "copy";
    code.append(copy);
  }

  // Folds. Nodes of plans are not folded with the rest.
  const folds = () => all("main details:not(.node)");
  const reveal = () => {
    let target = null;
    try {
      target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return;
    }
    const within = target?.parentElement?.closest("details:not([open])");
    if (!within) return;
    for (let at = within; at; at = at.parentElement?.closest("details")) at.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
  let printed = [];
  addEventListener("beforeprint", () => {
    printed = all("main details:not([open]):not(.astext)");
    printed.forEach((fold) => (fold.open = true));
  });
  addEventListener("afterprint", () => printed.forEach((fold) => (fold.open = false)));

  // Colours: those of the system until somebody asks for others, then the same on the next visit.
  const root = document.documentElement;
  const stored = (theme) => {
    try {
      if (theme) localStorage.setItem("perflab-theme", theme);
      return localStorage.getItem("perflab-theme");
    } catch {
      return null;
    }
  };
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  const theme = button("", "Light or dark", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    stored(root.dataset.theme);
    label();
  });
  const label = () => (theme.textContent = isDark() ? "☀ Light" : "☾ Dark");
  const kept = stored();
  if (kept === "light" || kept === "dark") root.dataset.theme = kept;
  label();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
  theme.dataset.does = "theme";

  const tools = document.querySelector(".tools");
  tools.append(theme);
  if (folds().length) {
    tools.append(
      button("Open all", "Open everything that is folded", () => folds().forEach((fold) => (fold.open = true))),
      button("Fold all", "Fold it again", () => folds().forEach((fold) => (fold.open = false)))
    );
  }

  // The section that is being read.
  const links = new Map(all("nav a").map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
  const headings = all("main h2[id], main h3[id]").filter((heading) => links.has(heading.id));
  const mark = () => {
    const passed = headings.filter((heading) => heading.getBoundingClientRect().top < 120).pop();
    const link = links.get(passed?.id ?? "content");
    if (link?.classList.contains("here")) return;
    all("nav a.here").forEach((other) => other.classList.remove("here"));
    link?.classList.add("here");
  };
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      mark();
    });
  }, { passive: true });
  mark();
})();
