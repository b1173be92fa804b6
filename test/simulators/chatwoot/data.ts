import { CLIENTS, type Client, TEAM } from "#test/simulators/cast.ts";
import * as People from "#test/simulators/chatwoot/people.ts";
import { EMOJI, FILES, PHRASES, type Topic } from "#test/simulators/chatwoot/phrases.ts";
import { ACTIVITY, type Attributes, type Contact, INCOMING, type MessageType, OUTGOING, TEMPLATE } from "#test/simulators/chatwoot/rows.ts";
import type { Store } from "#test/simulators/chatwoot/store.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import { random } from "#test/simulators/random.ts";

export type Size = "small" | "large";
export const SIZES = {
  small: { conversations: 200, messages: 4_000, days: 90, visitors: 12 },
  large: { conversations: 2_000, messages: 100_000, days: 270, visitors: 150 },
} as const;

const HOUR = 3_600;
const DAY = 86_400;
/** The newest thing said is this much older than `now`. */
const QUIET = 240;

type Draw = { next: () => number; below: (n: number) => number; pick: <T>(list: readonly T[]) => T; chance: (p: number) => boolean };
type Said = Omit<Verbs.NewMessage, "conversationId"> & { createdAt: number };
type Talk = {
  client: Client;
  contact: Contact;
  topic: Topic;
  said: Said[];
  status: string;
  snoozedUntil: number | null;
  assigneeId: number | null;
  language: "en" | "ru";
};

/** The demo's account: a pure function of the seed, the size and `now` (epoch seconds). Message ids follow time, as in an account never imported into. */
export function fill(store: Store, given: { size: Size; seed: number; now: number }): void {
  const size = SIZES[given.size];
  const draw = drawing(given.seed);
  studio(store);
  const contacts = CLIENTS.map((client) => people(store, client, given.now - size.days * DAY, size.visitors / CLIENTS.length, draw));
  const talks = lengths(size.conversations, size.messages, draw).map((length) => {
    const n = draw.below(CLIENTS.length);
    const client = CLIENTS[n] as Client;
    const start = given.now - QUIET - HOUR - draw.next() ** 1.15 * (size.days * DAY - HOUR);
    return talk(store, client, draw.pick(contacts[n] as Contact[]), start, length, given.now, draw);
  });
  const rows = talks
    .toSorted((a, b) => (a.said[0] as Said).createdAt - (b.said[0] as Said).createdAt)
    .map((one) => ({ one, conversation: Verbs.createConversation(store, opened(store, one, draw)) }));
  const all = rows.flatMap(({ one, conversation }) => one.said.map((said) => ({ ...said, conversationId: conversation.id })));
  for (const said of all.toSorted((a, b) => a.createdAt - b.createdAt)) Verbs.record(store, said);
  for (const { one, conversation } of rows) {
    conversation.status = one.status;
    conversation.snoozed_until = one.snoozedUntil;
    if (one.status === "resolved") conversation.waiting_since = null;
  }
}

function drawing(seed: number): Draw {
  const next = random(seed);
  const below = (n: number) => Math.floor(next() * n);
  return { next, below, pick: (list) => list[below(list.length)] as never, chance: (p) => next() < p };
}

function studio(store: Store): void {
  for (const client of CLIENTS) {
    const { inbox, channel, timeZone, domain } = client;
    People.addInbox(store, {
      name: inbox,
      channelType: channel,
      timezone: timeZone,
      domain,
      email: channel === "Channel::Email" ? `hello@${domain}` : null,
    });
  }
  // The second teammate's token sees half of the inboxes: an agent's view is never the whole account.
  TEAM.forEach(({ name, email, admin }, n) => {
    People.addAgent(store, {
      name,
      email,
      role: admin ? "administrator" : "agent",
      inboxIds: n === 1 ? [1, 2] : [1, 2, 3, 4],
      teamIds: [n < 3 ? 1 : 2],
    });
  });
  store.teams.set(1, { id: 1, name: "accounts", description: "Account leads and design" });
  store.teams.set(2, { id: 2, name: "delivery", description: null });
  store.bots.set(1, { id: 1, name: "Greeter" });
  store.labels = ["deadline", "approval", "scope", "invoice", "bug", "vip", "срочно"].map((title, n) => {
    return { id: n + 1, title, description: "", color: ["#e24a4a", "#2a9d8f", "#e9c46a", "#264653"][n % 4] as string };
  });
  store.customAttributes = [
    { id: 1, key: "contract", name: "Contract", model: "contact_attribute", type: "text" },
    { id: 2, key: "project", name: "Project", model: "conversation_attribute", type: "text" },
  ];
}

function people(store: Store, client: Client, since: number, visitors: number, draw: Draw): Contact[] {
  const additionalAttributes = { company_name: client.company, city: client.timeZone.split("/")[1], country_code: null };
  const named = client.contacts.map(({ name, email, phone }) =>
    People.createContact(store, {
      name,
      email,
      phoneNumber: phone ?? null,
      additionalAttributes,
      customAttributes: { contract: `F-${100 + draw.below(900)}` },
      createdAt: since - draw.below(90 * DAY),
    }),
  );
  const anonymous = Array.from({ length: visitors }, () =>
    People.createContact(store, {
      name: `${draw.pick(["quiet", "late", "green", "bold"])}-${draw.pick(["river", "lamp", "otter", "pine"])}-${draw.below(900)}`,
      createdAt: since,
    }),
  );
  // Most is said by the people one knows.
  return [...named, ...named, ...named, ...named, ...anonymous];
}

/** `count` lengths that sum to `total`: many short talks, a few long ones. */
function lengths(count: number, total: number, draw: Draw): number[] {
  const weights = Array.from({ length: count }, () => 0.25 + draw.next() ** 3 * 3);
  const sum = weights.reduce((a, b) => a + b, 0);
  const found = weights.map((weight) => Math.max(3, Math.floor((weight / sum) * total)));
  let rest = total - found.reduce((a, b) => a + b, 0);
  for (let n = 0; rest !== 0; n = (n + 1) % count) {
    if (rest < 0 && (found[n] as number) <= 3) continue;
    found[n] = (found[n] as number) + Math.sign(rest);
    rest -= Math.sign(rest);
  }
  return found;
}

function talk(store: Store, client: Client, contact: Contact, start: number, length: number, now: number, draw: Draw): Talk {
  const language = draw.chance(0.12) ? "en" : client.language;
  const topic = draw.pick(PHRASES[language].topics);
  const agents = [...store.agents.values()];
  const agent = draw.pick(agents);
  const times = moments(start, length, client.offset, now - QUIET, draw);
  const finished = now - (times.at(-1) as number) > (draw.chance(0.85) ? 10 : 60) * DAY || draw.chance(0.2);
  const open = draw.next();
  const status = finished ? "resolved" : open < 0.7 ? "open" : open < 0.85 ? "pending" : "snoozed";
  const said = times.map((createdAt, n): Said => {
    if (n === 1 && length > 4) return act(createdAt, `Assigned to ${agent.name} by ${(agents[0] as { name: string }).name}`);
    if (n === length - 1 && finished) return act(createdAt, `Conversation was marked resolved by ${agent.name}`);
    if (n === 2 && draw.chance(0.1))
      return { content: "How would you rate this conversation?", type: TEMPLATE, from: null, contentType: "input_csat", createdAt };
    return utter(
      { client, contact, topic, language, agent: draw.chance(0.8) ? agent : draw.pick(agents), n, last: n >= length - 2, createdAt },
      draw,
    );
  });
  const snoozedUntil = status === "snoozed" ? now + (1 + draw.below(10)) * DAY : null;
  return { client, contact, topic, said, status, snoozedUntil, assigneeId: draw.chance(0.85) ? agent.id : null, language };
}

const act = (createdAt: number, content: string): Said => ({ content, type: ACTIVITY, from: null, createdAt });

/** Replies within office hours of the client, a night apart now and then; squeezed when they would run past `end`. */
function moments(start: number, length: number, offset: number, end: number, draw: Draw): number[] {
  const found: number[] = [];
  let at = start;
  for (let n = 0; n < length; n++) {
    found.push(at);
    at += draw.chance(0.7) ? 20 + draw.next() * 15 * 60 : draw.next() * 9 * HOUR;
    const hour = (((at / HOUR + offset) % 24) + 24) % 24;
    if (hour >= 20) at += (33 - hour + draw.next()) * HOUR;
    else if (hour < 8) at += (9 - hour + draw.next()) * HOUR;
  }
  const last = found.at(-1) as number;
  const scale = last > end ? (end - start) / (last - start) : 1;
  return found.map((one) => Math.round((start + (one - start) * scale) * 1_000) / 1_000);
}

type Turn = {
  client: Client;
  contact: Contact;
  topic: Topic;
  language: "en" | "ru";
  agent: { id: number; name: string };
  n: number;
  last: boolean;
  createdAt: number;
};

function utter(turn: Turn, draw: Draw): Said {
  const { client, contact, topic, language, agent, n, last, createdAt } = turn;
  const words = PHRASES[language];
  const theirs = n === 0 || draw.chance(0.48);
  const hidden = !theirs && draw.chance(0.13);
  const pool =
    n === 0
      ? topic.open
      : hidden
        ? topic.note
        : last && theirs
          ? words.resolved
          : draw.chance(0.22)
            ? words.smallTalk
            : theirs
              ? topic.client
              : topic.agent;
  const name = draw.pick(FILES);
  const file = draw.chance(0.05) ? name : undefined;
  const text = draw.chance(0.006) ? essay(words.long, draw) : draw.pick(pool);
  const filled = text
    .replace(/\{(\w+)\}/g, (_, slot: string) => {
      if (slot === "screen") return draw.pick(words.screens);
      if (slot === "day") return draw.pick(words.days);
      if (slot === "amount") return String((2 + draw.below(90)) * 100);
      if (slot === "n") return String(2 + draw.below(90));
      if (slot === "file") return name;
      return slot === "agent" ? (agent.name.split(" ")[0] ?? "") : (contact.name.split(" ")[0] ?? "");
    })
    .concat(draw.chance(0.07) ? ` ${draw.pick(EMOJI)}` : "");
  const type: MessageType = theirs ? INCOMING : OUTGOING;
  const mail = theirs && client.channel === "Channel::Email";
  return {
    content: file && draw.chance(0.4) ? null : filled,
    type,
    from: theirs ? { type: "Contact", id: contact.id } : { type: "User", id: agent.id },
    private: hidden,
    status: theirs ? "sent" : draw.pick(["sent", "delivered", "read"]),
    createdAt,
    ...(mail
      ? {
          contentType: "incoming_email",
          contentAttributes: email(client, contact, topic, filled, createdAt),
          sourceId: `<${Math.trunc(createdAt)}.${contact.id}@${client.domain}>`,
        }
      : {}),
    ...(file ? { attachments: [attachmentOf(file, draw)] } : {}),
  };
}

function essay(lines: readonly string[], draw: Draw): string {
  return Array.from({ length: 6 + draw.below(30) }, () => draw.pick(lines)).join("\n\n");
}

function attachmentOf(fileName: string, draw: Draw): Verbs.NewAttachment {
  const extension = fileName.split(".").at(-1) ?? "";
  const fileType = /^(png|jpg)$/.test(extension) ? "image" : extension === "ogg" ? "audio" : "file";
  return { fileType, fileName, fileSize: 10_000 + draw.below(4_000_000), extension };
}

function email(client: Client, contact: Contact, topic: Topic, text: string, at: number): Attributes {
  const html = `<html><body><p>${text.replaceAll("\n\n", "</p><p>")}</p><br><table><tr><td><b>${contact.name}</b><br>${client.company}</td></tr></table></body></html>`;
  return {
    email: {
      subject: `Re: ${client.project}: ${topic.label}`,
      from: [contact.email ?? `visitor-${contact.id}@mail.example`],
      to: [`hello@${client.domain}`],
      cc: null,
      date: new Date(at * 1_000).toISOString(),
      html_content: { full: html, reply: html, quoted: `<p>${text}</p>` },
      text_content: { full: text, reply: text, quoted: text },
      message_id: `${Math.trunc(at)}.${contact.id}@${client.domain}`,
      number_of_attachments: 0,
    },
  };
}

function opened(store: Store, one: Talk, draw: Draw): Verbs.NewConversation {
  const inbox = CLIENTS.indexOf(one.client) + 1;
  const labels = [one.topic.label, ...(draw.chance(0.08) ? ["vip"] : []), ...(draw.chance(0.06) ? ["срочно"] : [])];
  return {
    inboxId: inbox,
    contactId: one.contact.id,
    status: one.status,
    priority: draw.chance(0.3) ? draw.pick(["low", "medium", "high", "urgent"]) : null,
    assigneeId: one.assigneeId,
    teamId: draw.chance(0.5) ? draw.pick([...store.teams.keys()]) : null,
    labels: draw.chance(0.75) ? labels : [],
    customAttributes: { project: one.client.project },
    additionalAttributes:
      one.client.channel === "Channel::Email"
        ? { mail_subject: `${one.client.project}: ${one.topic.label}`, source: "email" }
        : {
            browser: { browser_name: "Safari", platform_name: "macOS" },
            browser_language: one.language,
            referer: `https://${one.client.domain}/`,
          },
    createdAt: (one.said[0] as Said).createdAt,
  };
}
