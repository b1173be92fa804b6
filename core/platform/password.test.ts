import { expect, test } from "vitest";
import * as Password from "#core/platform/password.ts";

test("a hash carries its parameters, is never twice the same, and fits its password alone", async () => {
  const [one, two] = await Promise.all([Password.hash("correct horse"), Password.hash("correct horse")]);
  expect(one).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
  expect(one).not.toBe(two);
  expect(await Password.verify("correct horse", one)).toBe(true);
  expect(await Password.verify("Correct horse", one)).toBe(false);
});

test("nobody's password is never right, not even the one of the stand-in", async () => {
  expect(await Password.verify("", undefined)).toBe(false);
  expect(await Password.verify("AAAA", undefined)).toBe(false);
});

test("a hash made with other parameters is still read", async () => {
  const { scryptSync } = await import("node:crypto");
  const key = scryptSync("old password", Buffer.from("salt"), 32, { N: 1024, r: 8, p: 1 }).toString("base64url");
  expect(await Password.verify("old password", `scrypt$1024$8$1$${Buffer.from("salt").toString("base64url")}$${key}`)).toBe(true);
});
