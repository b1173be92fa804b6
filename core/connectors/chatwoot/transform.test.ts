import { expect, test } from "vitest";
import * as Transform from "#core/connectors/chatwoot/transform.ts";

// Rows as the views of 4.16 write them.
const row = {
  id: 7,
  uuid: "u-7",
  inbox_id: 3,
  status: "snoozed",
  priority: null,
  labels: ["vip", "beta"],
  custom_attributes: {},
  additional_attributes: {},
  created_at: 1_700_000_000,
  last_activity_at: 1_700_000_600,
  updated_at: 1_700_000_601.25,
  waiting_since: 0,
  snoozed_until: "2026-03-01T09:00:00.000Z",
  meta: {
    sender: { id: 9, name: "Аня", email: "", additional_attributes: { company_name: "Oakline" } },
    channel: "Channel::Email",
    assignee: { id: 4 },
    assignee_type: "AgentBot",
  },
  messages: [{ id: 41 }],
  last_non_activity_message: { id: 44 },
};

test("a conversation: assignee from meta, seconds, zero as never, the newest message of both it shows", () => {
  expect(Transform.conversation(row)).toMatchObject({
    conversationId: 7,
    contactId: 9,
    assigneeId: 4,
    assigneeType: "AgentBot",
    labels: ["beta", "vip"],
    status: "snoozed",
    lastMessageId: 44,
    createdAt: new Date(1_700_000_000_000),
    updatedAt: new Date(1_700_000_601_250),
    waitingSince: null,
    snoozedUntil: new Date("2026-03-01T09:00:00Z"),
  });
  expect(Transform.senderOf(row)).toMatchObject({ contactId: 9, name: "Аня", email: null, company: "Oakline" });
});

test("a deleted message keeps nothing of its text, its attributes or its files", () => {
  const raw = {
    id: 1,
    message_type: 0,
    content: "Это сообщение удалено",
    content_attributes: { deleted: true, email: { text: "secret" } },
    created_at: 1_700_000_000,
    attachments: [{ id: 5 }],
  };
  const { message, attachments } = Transform.message(raw, 7);
  expect(message).toMatchObject({ content: null, contentAttributes: { deleted: true }, deleted: true });
  expect(attachments).toEqual([]);
});

test("a file's URL loses its signature", () => {
  const raw = {
    id: 1,
    message_type: 1,
    created_at: 1_700_000_000,
    attachments: [{ id: 5, data_url: "https://x.test/a.png?X-Amz-Signature=1", file_size: 10 }],
  };
  expect(Transform.message(raw, 7).attachments[0]).toMatchObject({
    attachmentId: 5,
    messageId: 1,
    fileUrl: "https://x.test/a.png",
    fileSize: 10,
  });
});

test.each([
  [{ message_type: 0, created_at: 1_700_000_000 }, /message.id is missing/],
  [{ id: "x", message_type: 0, created_at: 1_700_000_000 }, /message.id is a string/],
  [{ id: 1, message_type: null, created_at: 1_700_000_000 }, /message_type is null/],
  [{ id: 1, message_type: 0, created_at: 8e15 }, /created_at/],
  [{ id: 1, message_type: 9, created_at: 1_700_000_000 }, /message_type/],
  [{ id: 1, message_type: 0, created_at: "junk" }, /created_at/],
])("%j is unreadable, and says why", (raw, why) => {
  expect(() => Transform.message(raw, 7)).toThrow(why);
});

test.each([
  [1_700_000_000, "2023-11-14T22:13:20.000Z"],
  [1_700_000_000_000, "2023-11-14T22:13:20.000Z"],
  ["1700000000", "2023-11-14T22:13:20.000Z"],
  ["2023-11-14T22:13:20Z", "2023-11-14T22:13:20.000Z"],
  [0, undefined],
  [null, undefined],
  ["nonsense", undefined],
  [253_402_300_800_000, undefined],
  [253_402_300_799_999, "9999-12-31T23:59:59.999Z"],
  [8e15, undefined],
  [-1e11, undefined],
  ["+012000-01-01T00:00:00Z", undefined],
])("the instant %j is %s", (given, expected) => {
  expect(Transform.instant(given)?.toISOString()).toBe(expected);
});

test.each([1e21, 1e19, 10.5])("a file of %d bytes has no size", (file_size) => {
  expect(Transform.attachment({ id: 5, file_size }, 1).fileSize).toBeNull();
});
