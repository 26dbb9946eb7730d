/** C16: a trial leaves nothing behind. Judged by the look that the trial took at the machine when all its endings had run. */
import type { Checker, CheckInput } from "./checker.ts";
import { count, Findings } from "./findings.ts";

export const cleanMachine: Checker = {
  id: "C16",
  claim: "The trial left no process, port, mount or directory behind.",
  check({ history }: CheckInput) {
    const findings = new Findings();
    const at = history.trial.findLastIndex(({ e }) => e === "clean");
    const look = history.trial[at];
    if (look?.e === "clean") {
      const { processes, ports, mounts, directories, left } = look;
      const kinds = [
        [processes, "process", "processes"],
        [ports, "port", "ports"],
        [mounts, "mount", "mounts"],
        [directories, "directory", "directories"],
      ] as const;
      findings.exposures += kinds.length;
      const found = kinds.flatMap(([number, one, many]) => (number === 0 ? [] : count(number, one, many)));
      if (found.length > 0)
        findings.violated({
          witness: "trial",
          index: at,
          says: `Left behind: ${found.join(", ")} (${left.join(", ")}).`,
        });
    }
    return findings.conclude({
      kept: "No process, port, mount or directory of the trial was left.",
      broken: "Something of the trial was left on the machine.",
      nothing: "Nobody looked at what was left.",
    });
  },
};
