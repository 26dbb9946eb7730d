/**
 * Hides runners everywhere. Promises: what belongs to a runner is what carries its name in `data-runner`, each row and column of a table
 * that its name heads, and its lines in charts, which are told by "derby:filter" ({hidden}: names as in the summary); what is hidden is
 * always named on the page; a link to something of a hidden runner shows that runner again.
 */

(() => {
  const bar = document.getElementById("tools");
  if (bar === null) return;
  bar.hidden = false;
  const names = JSON.parse(document.getElementById("runners").textContent);
  /* `shown` is the name as it stands in the page, where control characters are made visible. */
  const runners = [...bar.querySelectorAll("input[data-index]")].map((input) => ({
    input,
    name: names[input.dataset.index],
    shown: input.value,
  }));
  const note = document.getElementById("hidden-runners");

  /** The cells of a column, found by position; cells that span several columns belong to none. */
  function column(table, head) {
    const start = (cell) => {
      let position = 0;
      for (let one = cell.previousElementSibling; one !== null; one = one.previousElementSibling)
        position += one.colSpan;
      return position;
    };
    const wanted = start(head);
    return [...table.rows].flatMap((row) =>
      [...row.cells].filter(
        (cell) => cell.colSpan === 1 && start(cell) === wanted && (cell === head || !cell.closest("thead")),
      ),
    );
  }

  /** Everything that belongs to a runner, by its name as shown. Made once: the page does not change. */
  function belongings() {
    const owned = new Map(runners.map(({ shown }) => [shown, []]));
    const own = (shown, elements) => owned.get(shown)?.push(...elements);
    for (const element of document.querySelectorAll("[data-runner]")) own(element.dataset.runner, [element]);
    for (const name of document.querySelectorAll("main .name")) {
      const cell = name.closest("th, td");
      if (cell === null || cell.textContent.trim() !== name.textContent.trim()) continue;
      const shown = name.firstChild?.data;
      own(shown, cell.closest("thead") === null ? [cell.parentElement] : column(cell.closest("table"), cell));
    }
    return owned;
  }
  const owned = belongings();
  let told = "[]";

  /** The runner to whom the place in the address belongs, which is what the reader asked to see. */
  const askedFor = (target) => {
    const place = target === "" ? null : document.getElementById(target);
    return runners.find(({ shown }) => owned.get(shown).some((element) => place !== null && element.contains(place)));
  };

  function tell(hidden) {
    const n = runners.length - hidden.length;
    const says = hidden.length === 0 ? `all ${runners.length}` : `${n} of ${runners.length}`;
    document.getElementById("runners-shown").textContent = says;
    note.hidden = hidden.length === 0;
    note.querySelector("span").textContent = hidden.map(({ shown }) => shown).join(", ");
    derbyPage.announce(`Runners shown: ${says}`);
  }

  let place = "";
  function apply(state) {
    const asked = state.target === place ? undefined : askedFor(state.target);
    place = state.target;
    const hidden = runners.filter((runner) => state.hidden.includes(runner.name) && runner !== asked);
    for (const runner of runners) {
      runner.input.checked = !hidden.includes(runner);
      for (const element of owned.get(runner.shown)) element.hidden = hidden.includes(runner);
    }
    const list = hidden.map(({ name }) => name);
    if (JSON.stringify(list) === told) return;
    told = JSON.stringify(list);
    tell(hidden);
    document.dispatchEvent(new CustomEvent("derby:filter", { detail: { hidden: list } }));
  }

  const choose = (isHidden) => derbyPage.go({ hidden: runners.filter(isHidden).map(({ name }) => name) });
  bar.addEventListener("change", (event) => {
    if (event.target.matches("input[data-index]")) choose(({ input }) => !input.checked);
  });
  document.addEventListener("click", (event) => {
    const show = event.target.closest("[data-show]")?.dataset.show;
    if (show !== undefined) choose(() => show === "none");
  });
  /* Like a menu: Escape and a click elsewhere close it. */
  const menu = bar.querySelector("details");
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  derbyPage.listen(apply);
})();
