import * as Payload from "#core/connectors/payload.ts";
import { hmac, isHex } from "#core/connectors/signature.ts";
import type { Receiver } from "#core/connectors/webhook.ts";

const FRESH_MS = 60_000;

/**
 * Linear signs the raw body, in hex without a prefix; its time is in the body, and the header beside it is not signed (packages/sdk/src/webhooks). Issue
 * relations and workflow states have no webhooks.
 */
export const receiver: Receiver = {
  isSigned: ({ headers, body }, secret) => isHex(headers.get("linear-signature"), hmac(secret, body)),
  isFresh: (_delivery, { webhookTimestamp: at }, now) => typeof at === "number" && Math.abs(now.getTime() - at) <= FRESH_MS,
  idOf: ({ headers }) => headers.get("linear-delivery") ?? headers.get("linear-signature"),
  read: (payload) => {
    const type = Payload.word(payload.type);
    return { event: `${type}.${Payload.word(payload.action)}`, names: names(type, Payload.record(payload.data)) };
  },
};

function names(type: string, data: Payload.Payload) {
  switch (type) {
    case "Issue":
      return named("issue", data.id);
    // A comment, or what hangs on one, is read with the issue or project it is on.
    case "Comment":
    case "Attachment":
    case "Reaction": {
      const issue = Payload.id(data.issueId) ?? Payload.id(Payload.record(data.issue).id);
      if (issue) return named("issue", issue);
      return type === "Comment" ? named("comment", data.id) : named("project", data.projectId);
    }
    case "Cycle":
      return named("cycle", data.id);
    case "User":
      return named("user", data.id);
    case "Project":
      return named("project", data.id);
    case "ProjectUpdate":
      return named("project", data.projectId);
    case "Document":
      return named("document", data.id);
    default:
      return [];
  }
}

const STREAMS = {
  issue: "issues",
  project: "workspace",
  cycle: "workspace",
  user: "workspace",
  document: "discussion",
  comment: "discussion",
} as const;

function named(kind: keyof typeof STREAMS, given: unknown) {
  const id = Payload.id(given);
  return id ? [{ stream: STREAMS[kind], recordRef: `${kind}:${id}` }] : [];
}
