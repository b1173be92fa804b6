import { APIError, LoopsClient, RateLimitExceededError } from "loops";
import { expect, test } from "vitest";
import { faulty } from "#test/simulators/log.ts";
import { type Options, startLoops } from "#test/simulators/loops/server.ts";

/** The vendor's own client, over a socket; only the address it calls is another. */
async function connected(options: Options = {}) {
  const sim = await startLoops({ size: "small", ...options });
  const client = new LoopsClient(sim.tokens.key);
  client.apiRoot = `${sim.baseUrl}/`;
  return { sim, client };
}

test("the vendor's client reads and writes the same audience", async () => {
  const { sim, client } = await connected({ rateLimit: false });
  expect(await client.testApiKey()).toEqual({ success: true, teamName: "Foxglove Studio" });
  const [list] = await client.listMailingLists();
  const made = await client.createContact({
    email: "new@client.example",
    properties: { firstName: "New", healthScore: 50 },
    mailingLists: { [list?.id ?? ""]: true },
  });
  await client.updateContact({ email: "new@client.example", userId: "u77", properties: { isClient: true } });
  expect(await client.findContact({ userId: "u77" })).toMatchObject([{ id: made.id, healthScore: 50, isClient: true }]);
  await expect(client.createContact({ email: "new@client.example" })).rejects.toMatchObject({ statusCode: 409 });
  await expect(client.createContact({ email: "hannah@oakline.example" })).rejects.toBeInstanceOf(APIError);
  expect((await client.listContactProperties("custom")).map((one) => one.key)).toContain("renewalDate");
  await client.createContactProperty("planName", "string");
  expect(await client.checkContactSuppression({ email: "new@client.example" })).toMatchObject({ isSuppressed: false });
  await client.deleteContact({ email: "new@client.example" });
  expect(await client.findContact({ email: "new@client.example" })).toEqual([]);
  expect(faulty(sim.log)).toEqual([]);
  await sim.close();
});

test("it meets the limit and reads it from the headers", async () => {
  const { sim, client } = await connected({ rateLimit: 3 });
  const asked = Array.from({ length: 6 }, () => client.listMailingLists());
  const refused = (await Promise.allSettled(asked)).flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]).toBeInstanceOf(RateLimitExceededError);
  expect(refused[0]).toMatchObject({ limit: 3, remaining: 0 });
  await sim.close();
});
