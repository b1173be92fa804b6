import { expect, test } from "vitest";
import * as Secret from "#core/connectors/secret.ts";

test("credentials come back for their owner and key, and for no other", () => {
  Secret.useKey("one");
  const sealed = Secret.seal("token ключ", "connection-1");
  expect(sealed).not.toContain("token");
  expect(Secret.unseal(sealed, "connection-1")).toBe("token ключ");
  expect(() => Secret.unseal(sealed, "connection-2")).toThrow();
  Secret.useKey("two");
  expect(() => Secret.unseal(sealed, "connection-1")).toThrow();
});
