import { EN } from "#test/simulators/attio/english.ts";
import { type Lead, leads, spelt } from "#test/simulators/attio/leads.ts";
import * as Lists from "#test/simulators/attio/lists.ts";
import type { Making, Party } from "#test/simulators/attio/making.ts";
import * as Pipeline from "#test/simulators/attio/pipeline.ts";
import * as Records from "#test/simulators/attio/records.ts";
import type { Row } from "#test/simulators/attio/rows.ts";
import { RU } from "#test/simulators/attio/russian.ts";
import * as Store from "#test/simulators/attio/store.ts";
import { CLIENTS, NAMES } from "#test/simulators/cast.ts";
import { drawing } from "#test/simulators/random.ts";

export type Size = "small" | "large";
export const SIZES = {
  small: { companies: 40, people: 90, deals: 60, notes: 150, tasks: 60, days: 365 },
  large: { companies: 1_200, people: 2_600, deals: 1_200, notes: 4_000, tasks: 2_000, days: 730 },
} as const;

const DAY = 86_400;
/** The demo's workspace: a pure function of the seed, the size and `now` (epoch seconds). */
export function fill(store: Store.Store, given: { size: Size; seed: number; now: number }): void {
  const size = SIZES[given.size];
  const draw = drawing(given.seed);
  const members = [...store.members.values()];
  const making: Making = {
    store,
    draw,
    today: Math.floor(given.now / DAY) * DAY,
    // In office hours of that day, and always before the present.
    moment: (day) => Math.min(Math.floor(given.now / DAY + day) * DAY + (8 + 9 * draw.next()) * 3_600, given.now - 300 - 600 * draw.next()),
    anyone: () => Store.by(draw.pick(members.slice(0, 2)).id),
    words: (party) => (party.language === "ru" ? RU : EN),
  };
  const known = CLIENTS.map((client): Party => {
    const company = addCompany(
      making,
      { name: client.company, domain: client.domain, language: client.language },
      making.moment(-size.days * 0.8),
    );
    return { company, name: client.company, language: client.language, client: client.key, people: [] };
  });
  const imported = making.moment(-size.days * 0.6);
  const others = leads(size.companies - CLIENTS.length, draw).map((lead, n): Party => {
    // The first of them came in one import: the same instant for all.
    const at = n < size.companies / 6 ? imported : making.moment(-draw.below(size.days * 0.6));
    return { company: addCompany(making, lead, at), name: lead.name, language: lead.language, client: undefined, people: [] };
  });
  for (const [n, client] of CLIENTS.entries()) for (const person of client.contacts) addPerson(making, known[n] as Party, person);
  const parties = [...known, ...others];
  // Each lead has someone; who is left works anywhere.
  const unknown = size.people - CLIENTS.reduce((sum, one) => sum + one.contacts.length, 0);
  for (let n = 0; n < unknown; n++) {
    const party = others[n] ?? draw.pick(parties);
    const { first, last } = NAMES[party.language];
    addPerson(making, party, { name: `${draw.pick(first)} ${draw.pick(last)}`, email: `person${n}@${domainOf(party)}` });
  }
  // In a small workspace the clients have the story's deals and no others, so that all that is told of them fits together.
  const deals = Pipeline.deals(making, parties, given.size === "small" ? others : parties, size.deals);
  Pipeline.notes(making, parties, deals, size.notes);
  Pipeline.tasks(making, deals, size.tasks, size.days);
  lists(
    making,
    known,
    deals.map((one) => one.row),
    others,
  );
}

function addCompany({ store, draw, anyone }: Making, lead: Lead, createdAt: number): Row {
  const categories = ["Retail", "Finance", "Logistics", "Food & drink", "B2B", "Education", "Health"];
  return Records.createRecord(store, {
    object: "companies",
    unchecked: true,
    createdAt,
    by: anyone(),
    values: {
      name: [{ value: lead.name }],
      domains: lead.domain ? [{ domain: lead.domain }] : [],
      description: draw.chance(0.6) ? [{ value: `${lead.name}: ${draw.pick(lead.language === "ru" ? RU.things : EN.things)}` }] : [],
      categories: [{ option: draw.pick(categories) }, ...(draw.chance(0.3) ? [{ option: "SaaS" }] : [])],
      annual_revenue: draw.chance(0.5) ? [{ currency_value: (1 + draw.below(90)) * 100_000, currency_code: "EUR" }] : [],
    },
  });
}

function addPerson(making: Making, party: Party, person: { name: string; email: string; phone?: string }): void {
  const { store, draw } = making;
  const [first = "", ...rest] = person.name.split(" ");
  const employed = Date.parse(party.company.created_at) / 1_000 + 0.001;
  const row = Records.createRecord(store, {
    object: "people",
    unchecked: true,
    createdAt: Math.max(employed, Math.min(employed + draw.next() * DAY, making.moment(0))),
    by: making.anyone(),
    values: {
      name: [{ first_name: first, last_name: rest.join(" "), full_name: person.name }],
      email_addresses: [{ email_address: person.email }],
      phone_numbers: person.phone ? [{ original_phone_number: person.phone }] : [],
      job_title: draw.chance(0.8) ? [{ value: draw.pick(making.words(party).jobs) }] : [],
      company: [{ target_object: "companies", target_record_id: party.company.id }],
    },
  });
  party.people.push({ row, name: person.name });
}

function domainOf(party: Party): string {
  const [domain] = party.company.values.domains ?? [];
  return typeof domain?.domain === "string" ? domain.domain : `${spelt(party.name)}.example`;
}

function lists({ store, draw, moment }: Making, known: readonly Party[], deals: readonly Row[], others: readonly Party[]): void {
  Lists.addList(store, { slug: "active_clients", name: "Active clients", object: "companies" });
  Lists.addList(store, { slug: "sales_2026", name: "Sales 2026", object: "deals" });
  Lists.addList(store, { slug: "newsletter", name: "Newsletter", object: "people" });
  for (const { company, client } of known)
    Lists.addToList(store, {
      list: "active_clients",
      recordId: company.id,
      createdAt: moment(-60),
      values: { remark: [{ value: client }] },
    });
  for (const deal of deals)
    if (draw.chance(0.5)) Lists.addToList(store, { list: "sales_2026", recordId: deal.id, createdAt: moment(-draw.below(60)) });
  for (const { people } of others)
    for (const { row } of people)
      if (draw.chance(0.3)) Lists.addToList(store, { list: "newsletter", recordId: row.id, createdAt: moment(-30) });
}
