import { expect, test } from "vitest";
import { wordless } from "#core/connectors/wordless.ts";

test("a message keeps what names it, and not a word of it", () => {
  const raw = {
    id: 7,
    message_type: 0,
    created_at: "junk",
    content: "secret",
    processed_message_content: "secret",
    content_attributes: { email: { text_content: { reply: "secret" } } },
    sender: { id: 9, type: "contact" },
  };
  expect(wordless(raw)).toEqual({ id: 7, message_type: 0, created_at: "junk", sender: { id: 9, type: "contact" } });
});

test("a conversation keeps no message, an issue what routes it", () => {
  expect(wordless({ id: 1, messages: [{ content: "secret" }], last_non_activity_message: { content: "secret" }, labels: ["vip"] })).toEqual(
    {
      id: 1,
      labels: ["vip"],
    },
  );
  const issue = { id: "a", title: "secret", description: "secret", team: { key: "ENG" }, labels: { nodes: [{ name: "Web" }] } };
  expect(wordless(issue)).toEqual({ id: "a", team: { key: "ENG" }, labels: { nodes: [{ name: "Web" }] } });
});

test.each([[null], [undefined], ["text"], [3], [[]]])("%j is as it was", (value) => {
  expect(wordless(value)).toEqual(value);
});
