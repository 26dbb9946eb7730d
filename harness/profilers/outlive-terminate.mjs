/** Preloaded into a profiler that leads the process group of what it profiles: SIGTERM is meant for that, not for the profiler. */
process.on("SIGTERM", () => {});
