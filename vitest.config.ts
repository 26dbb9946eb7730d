import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{harness,reports,runners,cli,scenarios,test,benches}/**/*.test.ts"],
    // End-to-end tests start real processes; two cores carry one of them at a time.
    fileParallelism: false,
    testTimeout: 30_000,
    // CI machines are small and shared: a test with real processes may be starved once. One that fails twice is wrong.
    retry: process.env.CI === undefined ? 0 : 1,
  },
});
