/** A process of ours as the trial starts them, for tests: answers "echo", fails on "fail", ends on "end" and when the channel closes. */
process.on("message", (message: { type: string; text?: string }) => {
  if (message.type === "echo") process.send?.({ type: "echoed", text: message.text });
  if (message.type === "fail") process.send?.({ type: "failed", reason: "the disk is full" });
  if (message.type === "end") {
    process.stderr.write("last words\n");
    process.exit(3);
  }
});
process.on("disconnect", () => process.exit(0));
