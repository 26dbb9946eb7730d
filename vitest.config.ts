import { defineConfig } from "vitest/config";

const ALL = "{harness,reports,runners,cli,scenarios,matchers,docker,test,benches}/**/*.test.ts";

/** They run real campaigns, or hold what they measure against the clock: each has the machine to itself. */
const ALONE = [
  "test/e2e/!(attached|canary|clean-machine|cli|foreign|init|launcher|resume|tarball).test.ts",
  "harness/calibrate/*.test.ts",
  "harness/probes/*.test.ts",
  "harness/driver/*.test.ts",
  "harness/world/*.test.ts",
];

export default defineConfig({
  test: {
    testTimeout: 30_000,
    // CI machines are small and shared: a test with real processes may be starved once. One that fails twice is wrong.
    retry: process.env.CI === undefined ? 0 : 1,
    projects: [
      {
        extends: true,
        test: {
          name: "together",
          include: [ALL],
          exclude: [...ALONE, "**/.build/**"],
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: "alone", include: ALONE, fileParallelism: false, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
