import type { Client } from "#test/simulators/cast.ts";
import { EMOJI, FILES, PHRASES } from "#test/simulators/chatwoot/phrases.ts";
import {
  ACTIVITY,
  type Agent,
  type Attributes,
  type Contact,
  INCOMING,
  type MessageType,
  OUTGOING,
  TEMPLATE,
} from "#test/simulators/chatwoot/rows.ts";
import type { NewAttachment, NewMessage } from "#test/simulators/chatwoot/saying.ts";
import type { Topic } from "#test/simulators/chatwoot/topic.ts";
import type { Draw } from "#test/simulators/random.ts";

const HOUR = 3_600;
const DAY = 86_400;
/** The newest thing said is this much older than `now`. */
const QUIET = 240;

export type Said = Omit<NewMessage, "conversationId"> & { createdAt: number };
export type Talk = {
  client: Client;
  contact: Contact;
  topic: Topic;
  said: Said[];
  status: string;
  snoozedUntil: number | null;
  assigneeId: number | null;
  language: "en" | "ru";
};

type Setting = { agents: readonly Agent[]; client: Client; contact: Contact; start: number; length: number; now: number };

/** One conversation, as `length` messages from `start` on (epoch seconds). */
export function talk({ agents, client, contact, start, length, now }: Setting, draw: Draw): Talk {
  const language = draw.chance(0.12) ? "en" : client.language;
  const topic = draw.pick(PHRASES[language].topics);
  const agent = draw.pick(agents);
  const times = moments(start, length, client.offset, now - QUIET, draw);
  const finished = now - (times.at(-1) as number) > (draw.chance(0.85) ? 10 : 60) * DAY || draw.chance(0.2);
  const open = draw.next();
  const status = finished ? "resolved" : open < 0.7 ? "open" : open < 0.85 ? "pending" : "snoozed";
  const thread = { screen: draw.pick(PHRASES[language].screens), said: [] };
  const said = times.map((createdAt, n): Said => {
    if (n === 1 && length > 4) return act(createdAt, `Assigned to ${agent.name} by ${(agents[0] as { name: string }).name}`);
    if (n === length - 1 && finished) return act(createdAt, `Conversation was marked resolved by ${agent.name}`);
    if (n === 2 && draw.chance(0.1))
      return { content: "How would you rate this conversation?", type: TEMPLATE, from: null, contentType: "input_csat", createdAt };
    return utter(
      {
        thread,
        client,
        contact,
        topic,
        language,
        agent: draw.chance(0.8) ? agent : draw.pick(agents),
        n,
        last: finished && n >= length - 2,
        createdAt,
      },
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
  while (found.length < length) {
    const hour = (((at / HOUR + offset) % 24) + 24) % 24;
    if (hour >= 20) at += (33 - hour + draw.next()) * HOUR;
    else if (hour < 8) at += (9 - hour + draw.next()) * HOUR;
    found.push(at);
    at += draw.chance(0.7) ? 20 + draw.next() * 15 * 60 : draw.next() * 9 * HOUR;
  }
  const last = found.at(-1) as number;
  if (last <= end) return found.map((one) => Math.round(one * 1_000) / 1_000);
  // One that is still going on ends somewhere in the last days: not all of a studio's clients fall silent in the same minute.
  const until = end - draw.next() * 3 * DAY;
  const from = Math.min(found[0] as number, until - HOUR);
  const scale = (until - from) / (last - from);
  return found.map((one) => Math.round((from + (one - from) * scale) * 1_000) / 1_000);
}

type Turn = {
  /** What this conversation is about, and what was said in it lately. */
  thread: { screen: string; said: string[] };
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
  const { thread, client, contact, topic, language, agent, n, last, createdAt } = turn;
  const words = PHRASES[language];
  const theirs = n === 0 || draw.chance(0.48);
  const hidden = !theirs && draw.chance(0.13);
  const usual = theirs ? topic.client : topic.agent;
  const pool = n === 0 ? topic.open : hidden ? topic.note : last && theirs ? words.resolved : draw.chance(0.22) ? words.smallTalk : usual;
  const name = draw.pick(FILES);
  const file = draw.chance(0.05) ? name : undefined;
  const text = draw.chance(0.006) ? essay(words.long, draw) : fresh(pool, thread.said, draw);
  const filled = text
    .replace(/\{(\w+)\}/g, (_, slot: string) => {
      if (slot === "screen") return thread.screen;
      if (slot === "day") return draw.pick(words.days);
      if (slot === "amount") return String((2 + draw.below(90)) * 100);
      if (slot === "n") return String(2 + draw.below(90));
      if (slot === "file") return name;
      return slot === "agent" ? (agent.name.split(" ")[0] ?? "") : (contact.name.split(" ")[0] ?? "");
    })
    .replace(/^./u, (letter) => letter.toUpperCase())
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

/** Not what was said a moment ago, if there is a choice. */
function fresh(pool: readonly string[], said: string[], draw: Draw): string {
  const left = pool.filter((one) => !said.includes(one));
  const text = draw.pick(left.length > 0 ? left : pool);
  said.push(text);
  if (said.length > 6) said.shift();
  return text;
}

function essay(lines: readonly string[], draw: Draw): string {
  return Array.from({ length: 6 + draw.below(30) }, () => draw.pick(lines)).join("\n\n");
}

function attachmentOf(fileName: string, draw: Draw): NewAttachment {
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
