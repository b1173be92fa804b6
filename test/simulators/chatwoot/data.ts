import { CLIENTS, type Client, NAMES, TEAM } from "#test/simulators/cast.ts";
import * as People from "#test/simulators/chatwoot/people.ts";
import type { Contact } from "#test/simulators/chatwoot/rows.ts";
import * as Saying from "#test/simulators/chatwoot/saying.ts";
import type { Store } from "#test/simulators/chatwoot/store.ts";
import { type Said, type Talk, talk } from "#test/simulators/chatwoot/talk.ts";
import * as Verbs from "#test/simulators/chatwoot/verbs.ts";
import { type Draw, drawing } from "#test/simulators/random.ts";

export type Size = "small" | "large";
export const SIZES = {
  small: { conversations: 200, messages: 4_000, days: 90, visitors: 12, leads: 24 },
  large: { conversations: 2_000, messages: 100_000, days: 270, visitors: 160, leads: 400 },
} as const;

const DAY = 86_400;
/** The demo's account: a pure function of the seed, the size and `now` (epoch seconds). Message ids follow time, as in an account never imported into. */
export function fill(store: Store, given: { size: Size; seed: number; now: number }): void {
  const size = SIZES[given.size];
  const draw = drawing(given.seed);
  studio(store);
  const contacts = CLIENTS.map((client) => people(store, client, given.now - size.days * DAY, size, draw));
  const talks = lengths(size.conversations, size.messages, draw).map((length) => {
    const n = draw.below(CLIENTS.length);
    const client = CLIENTS[n] as Client;
    // More of it is recent: the studio has grown.
    const start = given.now - (0.004 + 0.996 * draw.next() ** 1.6) * size.days * DAY;
    return talk(
      { agents: [...store.agents.values()], client, contact: draw.pick(contacts[n] as Contact[]), start, length, now: given.now },
      draw,
    );
  });
  const rows = talks
    .toSorted((a, b) => (a.said[0] as Said).createdAt - (b.said[0] as Said).createdAt)
    .map((one) => ({ one, conversation: Verbs.createConversation(store, opened(store, one, draw)) }));
  const all = rows.flatMap(({ one, conversation }) => one.said.map((said) => ({ ...said, conversationId: conversation.id })));
  for (const said of all.toSorted((a, b) => a.createdAt - b.createdAt)) Saying.record(store, said);
  for (const { one, conversation } of rows) {
    conversation.status = one.status;
    conversation.snoozed_until = one.snoozedUntil;
    if (one.status === "resolved") conversation.waiting_since = null;
  }
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

function people(store: Store, client: Client, since: number, size: { visitors: number; leads: number }, draw: Draw): Contact[] {
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
  // People of the client who are in the contact list and hardly ever write.
  const { first, last } = NAMES[client.language];
  const leads = Array.from({ length: size.leads / CLIENTS.length }, (_, n) =>
    People.createContact(store, {
      name: `${draw.pick(first)} ${draw.pick(last)}`,
      email: `staff${n + 1}@${client.domain}`,
      additionalAttributes,
      createdAt: since + draw.below(30 * DAY),
    }),
  );
  const anonymous = Array.from({ length: size.visitors / CLIENTS.length }, () =>
    People.createContact(store, {
      name: `${draw.pick(["quiet", "late", "green", "bold"])}-${draw.pick(["river", "lamp", "otter", "pine"])}-${draw.below(900)}`,
      createdAt: since,
    }),
  );
  // Most is said by the people one knows.
  return [...Array.from({ length: 8 }, () => named).flat(), ...leads.slice(0, 6), ...anonymous.slice(0, 12)];
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
