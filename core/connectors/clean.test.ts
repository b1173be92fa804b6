import { expect, test } from "vitest";
import { clean, vouch } from "#core/connectors/clean.ts";

test("NUL and lone surrogates become U+FFFD, in keys too; pairs, joined emoji and right-to-left text stay", () => {
  expect(clean({ "a\0": ["x\0y", "half \ud83d", "👩‍👩‍👧‍👦", "\u202eשלום"], n: 1, no: null })).toEqual({
    value: { "a\ufffd": ["x\ufffdy", "half \ufffd", "👩‍👩‍👧‍👦", "\u202eשלום"], n: 1, no: null },
    sanitized: true,
  });
  expect(clean({ text: "чисто" })).toEqual({ value: { text: "чисто" }, sanitized: false });
});

test("what was vouched for is not walked", () => {
  const row = { text: "чисто" };
  vouch([row]);
  expect(clean(row).value).toBe(row);
});
