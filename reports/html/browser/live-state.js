/** What the stream of events comes to: one object that the page draws from. Promises: a replay of the same events gives the same state. */

window.liveState = (() => {
  /* Of one trial the page never shows more. */
  const SECONDS_MOST = 300;
  const PROCESSES_MOST = 8;

  const empty = () => ({ campaign: null, trials: new Map(), current: null, note: "", finished: null });

  const beginning = (event) => ({
    id: event.trial,
    asks: event.asks,
    ended: false,
    phase: "starting",
    phases: [],
    seconds: [],
    faults: new Map(
      event.faults.map((fault) => [
        fault.id,
        { ...fault, fired: null, landed: null, cured: null, missed: null, says: "" },
      ]),
    ),
    processes: [],
  });

  const keep = (list, value, most) => {
    list.push(value);
    if (list.length > most) list.splice(0, list.length - most);
  };

  const WITHIN = {
    second: (current, event) => keep(current.seconds, event, SECONDS_MOST),
    phase: (current, event) => {
      /* As in the report: where nothing is broken on purpose, it is the phase of the load. */
      const name = event.phase === "fault" && current.faults.size === 0 ? "load" : event.phase;
      current.phase = name;
      current.phases.push({ ...event, phase: name });
    },
    fault: (current, event) => {
      const fault = current.faults.get(event.id);
      if (!fault) return;
      fault[event.state] = event.atS;
      if (event.state === "landed" || event.state === "missed") fault.says = event.says;
    },
    process: (current, event) => keep(current.processes, event, PROCESSES_MOST),
  };

  const OVERALL = {
    campaign: (state, event) => {
      state.campaign = event;
      for (const trial of event.trials) {
        if (!state.trials.has(trial.id))
          state.trials.set(trial.id, { ...trial, state: "planned", says: "", verdict: null });
      }
    },
    note: (state, event) => {
      state.note = event.says;
    },
    begin: (state, event) => {
      state.current = beginning(event);
      state.note = "";
      const trial = state.trials.get(event.trial);
      if (trial) trial.state = "running";
    },
    end: (state, event) => {
      const trial = state.trials.get(event.trial);
      if (trial) Object.assign(trial, { state: event.status, says: event.reason || "" });
      if (state.current && state.current.id === event.trial) state.current.ended = true;
    },
    verdict: (state, event) => {
      const trial = state.trials.get(event.trial);
      if (trial) trial.verdict = event;
    },
    finished: (state, event) => {
      state.finished = event;
    },
  };

  function apply(state, event) {
    if (WITHIN[event.e]) {
      if (state.current) WITHIN[event.e](state.current, event);
    } else if (OVERALL[event.e]) OVERALL[event.e](state, event);
  }

  return { empty, apply };
})();
