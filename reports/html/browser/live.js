/**
 * Listens to the stream and writes what it comes to. Promises: every text of a runner or scenario is written as text; each (re)connection
 * begins anew, since the server replays; drawing waits until the page is seen.
 */

(() => {
  const at = (id) => document.getElementById(id);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let state = liveState.empty();
  let waiting = false;

  function write(id, text) {
    const element = at(id);
    if (element.textContent !== text) element.textContent = text;
  }

  /* Rows of cells; a cell is a text, or [text, class]. */
  function fill(id, rows) {
    const made = rows.map(({ cells, name }) => {
      const row = document.createElement("tr");
      if (name) row.className = name;
      cells.forEach((cell, index) => {
        const element = document.createElement(index === 0 ? "th" : "td");
        if (index === 0) element.scope = "row";
        const [text, tone] = Array.isArray(cell) ? cell : [cell, ""];
        element.textContent = text;
        if (tone) element.className = tone;
        row.append(element);
      });
      return row;
    });
    at(id).replaceChildren(...made);
  }

  const round = (value) => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
  const seconds = (s) => `${Number(s.toFixed(s < 10 ? 2 : 1))} s`;
  const span = (ms) => (ms === null ? "–" : liveCharts.duration(ms));

  function statusText() {
    const { campaign, current, finished, note, trials } = state;
    if (finished) return finished.report === null ? finished.says : `${finished.says} Open ${finished.report}`;
    if (campaign === null) return "Waiting for the campaign.";
    if (current === null || current.ended) return note || "Between trials.";
    const trial = trials.get(current.id);
    if (!trial) return `${current.id}: ${current.phase}`;
    const place = campaign.trials.findIndex(({ id }) => id === current.id) + 1;
    return `Trial ${place} of ${campaign.trials.length}: ${trial.scenario} on ${trial.runner}, ${current.phase}`;
  }

  function clockText(current, last) {
    if (current.ended) return "This trial has ended.";
    if (!last) return "The load has not begun.";
    const proof = last.toProve > 0 ? ` Proof turns: ${round(last.proved)} of ${round(last.toProve)} sessions.` : "";
    return `Second ${last.second + 1} of the load.${proof}`;
  }

  function tiles(last) {
    const figures = last || {};
    for (const id of ["live", "pending", "offered", "answered", "failed", "setbacks"]) {
      write(id, last ? round(figures[id]) : "–");
    }
    write("p50", last ? span(last.overhead.p50Ms) : "–");
    write("max", last ? span(last.overhead.maxMs) : "–");
  }

  function faults(current) {
    const after = (fault, state) => (fault[state] === null ? "" : seconds(fault[state] - fault.fired));
    const rows = [...current.faults.values()].map((fault) => ({
      cells: [
        [fault.kind, "text"],
        [fault.role, "text"],
        fault.fired === null ? "not yet" : seconds(fault.fired),
        fault.missed === null ? after(fault, "landed") : ["missed", "notable"],
        after(fault, "cured"),
        [fault.says, "text"],
      ],
    }));
    fill("faults", rows.length > 0 ? rows : [{ cells: [["none planned", "note"]] }]);
    const did = current.processes.map(
      ({ name, state, atS, says }) => `${name} ${state} at ${seconds(atS)}${says ? ` (${says})` : ""}`,
    );
    write("processes", did.length === 0 ? "" : `The runtime's processes: ${did.join(", ")}.`);
  }

  function trials() {
    const rows = [...state.trials.values()].map((trial) => {
      const { verdict, state: stands, says } = trial;
      const certificate =
        verdict === null
          ? ["", "text"]
          : [
              [verdict.verdict, verdict.reasons.join(" ")].filter((text) => text !== "").join(": "),
              verdict.verdict === "valid" ? "text kept" : "text notable",
            ];
      return {
        name: stands === "running" ? "running" : "",
        cells: [
          [trial.scenario, "text"],
          [trial.runner, "text"],
          String(trial.block),
          [
            says === "" ? stands : `${stands}: ${says}`,
            stands === "void" || stands === "refused" ? "text notable" : "text",
          ],
          certificate,
        ],
      };
    });
    fill("trials", rows);
  }

  function numbers(current) {
    if (!at("numbers").open) return;
    const shown = current.seconds.slice(-60).reverse();
    const rows = shown.map((one) => ({
      cells: [
        String(one.second),
        ...[one.live, one.pending, one.offered, one.answered, one.failed, one.setbacks, one.late].map(round),
        span(one.overhead.p50Ms),
        span(one.overhead.maxMs),
      ],
    }));
    fill("seconds", rows);
  }

  function draw() {
    waiting = false;
    const { campaign, current } = state;
    write("status", statusText());
    if (campaign)
      write(
        "campaign",
        `Profile ${campaign.profile} · seed ${campaign.seed} · ${campaign.trials.length === 1 ? "1 trial" : `${campaign.trials.length} trials`} · ${campaign.id}`,
      );
    trials();
    if (!current) return;
    const last = current.seconds[current.seconds.length - 1];
    write("clock", clockText(current, last));
    write("asks", current.asks);
    tiles(last);
    faults(current);
    numbers(current);
    liveCharts.goodput(at("goodput"), current);
    liveCharts.standing(at("standing"), current);
    if (campaign) liveCharts.heat(at("heat"), current, campaign.bucketsPerOctave);
  }

  function soon() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(draw);
  }

  function listen() {
    const source = new EventSource("/events");
    source.onopen = () => {
      state = liveState.empty();
      write("connection", "");
    };
    source.onmessage = (message) => {
      const event = JSON.parse(message.data);
      liveState.apply(state, event);
      if (event.e === "finished") source.close();
      soon();
    };
    source.onerror = () => {
      if (state.finished) return;
      const lost = source.readyState === EventSource.CONNECTING;
      write(
        "connection",
        lost
          ? "The connection is lost; trying again."
          : "The connection was refused: the run has ended, or too many pages are open. Reload to try again.",
      );
    };
  }

  listen();
  at("numbers").addEventListener("toggle", soon);
  dark.addEventListener("change", soon);
  addEventListener("resize", soon);
})();
