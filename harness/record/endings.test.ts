import { expect, test } from "vitest";
import { Endings } from "./endings.ts";

test("endings run last first, once, and one that fails keeps none from running", async () => {
  const endings = new Endings();
  const ran: string[] = [];
  const ending = (name: string, error?: Error) => async () => {
    ran.push(name);
    if (error !== undefined) throw error;
  };
  endings.push(ending("first"));
  endings.push(ending("second", new Error("could not be ended")));
  endings.push(ending("third", new Error("nor could this")));
  await expect(endings.run()).rejects.toThrow("nor could this");
  expect(ran).toEqual(["third", "second", "first"]);
  await endings.run();
  expect(ran).toHaveLength(3);
});
