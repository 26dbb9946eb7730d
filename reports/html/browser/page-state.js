/**
 * What the address says and what the reader chose: the place (`#scenario.kill`), hidden runners (`?hide=a,b` behind it) and the theme.
 * Promises: back and forward work; a link to something folded opens what it lies in, brings it into view and takes the focus there; works
 * from disk, where storage may be refused. Leaves to others: what hiding means (filter.js), every drawing.
 */

/* Other scripts of the page read and change the state through this; it is ready before any of them runs. */
window.derbyPage = (() => {
  const listeners = [];
  let current = { target: "", hidden: [] };

  const decoded = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text; // typed by hand
    }
  };
  const written = ({ target, hidden }) =>
    `#${target}${hidden.length > 0 ? `?hide=${hidden.map(encodeURIComponent).join(",")}` : ""}`;

  function read() {
    const hash = location.hash.slice(1);
    const cut = hash.indexOf("?");
    const [, names = ""] = (cut < 0 ? null : /(?:^|&)hide=([^&]*)/.exec(hash.slice(cut + 1))) || [];
    return {
      target: cut < 0 ? hash : hash.slice(0, cut),
      hidden: names === "" ? [] : names.split(",").map(decoded),
    };
  }

  /** Where the focus goes: a folded part is opened and closed by its summary. */
  function focusable(found) {
    const place = found.matches("details") ? found.querySelector("summary") || found : found;
    if (!place.matches("a[href], button, input, select, summary, [tabindex]")) place.setAttribute("tabindex", "-1");
    return place;
  }

  function show(target) {
    for (const before of document.querySelectorAll(".aimed")) before.classList.remove("aimed");
    const found = target === "" ? null : document.getElementById(target);
    if (found === null) return;
    for (let around = found; around !== null; around = around.parentElement)
      if (around.matches("details")) around.open = true;
    found.classList.add("aimed");
    found.scrollIntoView({ block: "start" });
    focusable(found).focus({ preventScroll: true });
  }

  function arrive() {
    const before = current;
    current = read();
    for (const listener of listeners) listener(current);
    if (current.target !== before.target) show(current.target);
  }

  /** Changes place, hidden runners or both; each change is a step that the reader can go back. */
  function go(change) {
    const next = { ...current, ...change };
    if (written(next) !== location.hash) location.hash = written(next);
    else if (change.target !== undefined) show(next.target);
  }

  document.addEventListener("click", (event) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a[href^='#']");
    if (link === null) return;
    event.preventDefault();
    go({ target: link.getAttribute("href").slice(1) });
  });
  addEventListener("hashchange", arrive);
  /* At the window, whose turn comes after the document's: by then every other script listens. */
  addEventListener("DOMContentLoaded", arrive);

  return {
    go,
    state: () => current,
    /** @param listener is told the state when the page has loaded and at every change */
    listen: (listener) => listeners.push(listener),
    /** Said by screen readers, shown nowhere. */
    announce: (sentence) => {
      const place = document.getElementById("announcements");
      if (place !== null) place.textContent = sentence;
    },
  };
})();

/* The theme: as the system has it, unless the reader chose one for this visit. Charts watch the attribute. */
(() => {
  const NAME = "derby-theme";
  const root = document.documentElement;
  const choice = document.getElementById("theme");
  const remembered = () => {
    try {
      return sessionStorage.getItem(NAME);
    } catch {
      return null; // storage is refused
    }
  };
  function set(theme) {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
    try {
      sessionStorage.setItem(NAME, theme);
    } catch {
      /* It lasts as long as the page. */
    }
  }
  const given = remembered();
  if (given === "light" || given === "dark") {
    root.dataset.theme = given;
    if (choice !== null) choice.value = given;
  }
  choice?.addEventListener("change", () => set(choice.value));
})();

/* On paper everything is unfolded but tables of every second and the certificates, whose overview is printed. */
(() => {
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")].filter(
      (part) => part.querySelector("table.dense") === null && part.closest("#validity, .tools") === null,
    );
    for (const part of opened) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of opened) part.open = false;
  });
})();
