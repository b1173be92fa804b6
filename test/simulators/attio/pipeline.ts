import { STAGES } from "#test/simulators/attio/attributes.ts";
import type { Deal, Making, Party } from "#test/simulators/attio/making.ts";
import * as Papers from "#test/simulators/attio/papers.ts";
import * as Records from "#test/simulators/attio/records.ts";
import type { Row } from "#test/simulators/attio/rows.ts";
import * as Store from "#test/simulators/attio/store.ts";
import { TEAM } from "#test/simulators/cast.ts";
import { STORIES, type StoryDeal } from "#test/simulators/story.ts";

/** Attio knows neither roubles nor tenge (the description's currency codes): the studio keeps its pipeline in euros, at these rates, and the sum of the contract in a note. */
const EUROS: Readonly<Record<string, number>> = { RUB: 0.01, KZT: 0.0018 };
const DAY = 86_400;

/** The story's deals with the stages they went through, and so many more, of `buyers`, that there are `count`. */
export function deals(making: Making, parties: readonly Party[], buyers: readonly Party[], count: number): Deal[] {
  const told = STORIES.flatMap((story) => {
    const party = parties.find((one) => one.client === story.client) as Party;
    return story.deals.map((deal) => toldDeal(making, party, deal));
  });
  const made = Array.from({ length: count - told.length }, () => madeDeal(making, making.draw.pick(buyers)));
  return [...told, ...made];
}

function toldDeal(making: Making, party: Party, deal: StoryDeal): Deal {
  const owner = TEAM.find((one) => one.name === deal.owner)?.email;
  const people = party.people.filter((one) => deal.contacts.includes(one.name)).map((one) => one.row.id);
  const rate = EUROS[deal.currency];
  const value = rate
    ? { currency_value: Math.round(deal.amount * rate), currency_code: "EUR" }
    : { currency_value: deal.amount, currency_code: deal.currency };
  const from = deal.stages[0]?.day ?? 0;
  const row = open(making, party, {
    title: deal.title,
    owner,
    people,
    day: from,
    stage: deal.stages[0]?.stage ?? "Discovery",
    more: { value: [value], next_step: [{ value: deal.nextStep }], expected_close_date: [{ value: dateOf(making, deal.closeDay) }] },
  });
  for (const { stage, day } of deal.stages.slice(1))
    Records.moveStage(making.store, { id: row.id, stage, at: making.moment(day), by: row.created_by });
  if (rate)
    Papers.addNote(making.store, {
      object: "deals",
      recordId: row.id,
      title: "Сумма договора",
      content: `По договору ${deal.amount.toLocaleString("ru-RU")} ${deal.currency}. В воронке сумма в евро.`,
      createdAt: making.moment(from),
      by: row.created_by,
    });
  return { row, party, thing: deal.title, from, live: deal.stages.at(-1)?.stage !== "Lost" };
}

function madeDeal(making: Making, party: Party): Deal {
  const { draw, words } = making;
  const thing = draw.pick(words(party).things);
  const title =
    party.language === "ru" ? `${party.name}: ${thing}` : `${thing.replace(/^./, (one) => one.toUpperCase())} for ${party.name}`;
  const from = Math.round(known(making, party) * draw.next() ** 1.3);
  const path = journey(making, from);
  const last = path.at(-1) as { stage: string; day: number };
  const closed = last.stage === "Won" || last.stage === "Lost";
  const closeDay = closed ? last.day : 5 + draw.below(90) - (draw.chance(0.2) ? 40 : 0);
  const row = open(making, party, {
    title,
    owner: draw.pick(TEAM.slice(0, 2)).email,
    people: party.people.slice(0, 1 + draw.below(2)).map((one) => one.row.id),
    day: from,
    stage: path[0]?.stage ?? "Discovery",
    more: {
      value: draw.chance(0.9) ? [{ currency_value: (5 + draw.below(120)) * 500, currency_code: draw.chance(0.8) ? "EUR" : "USD" }] : [],
      next_step: draw.chance(0.6) && !closed ? [{ value: draw.pick(talkOf(making, party).steps) }] : [],
      expected_close_date: draw.chance(0.8) ? [{ value: dateOf(making, closeDay) }] : [],
      probability: draw.chance(0.35) ? [{ value: 5 * (1 + draw.below(19)) }] : [],
    },
  });
  for (const { stage, day } of path.slice(1))
    Records.moveStage(making.store, { id: row.id, stage, at: making.moment(day), by: row.created_by });
  return { row, party, thing, from, live: false };
}

/** Since how many days the company and its people are in the workspace, as a day: negative. */
function known({ today }: Making, party: Party): number {
  return Math.min(0, (Date.parse(party.company.created_at) / 1_000 - today) / DAY + 2);
}

/** Stage by stage until it is won, lost or the present comes. */
function journey({ draw }: Making, from: number): { stage: string; day: number }[] {
  const path = [{ stage: STAGES[0] as string, day: from }];
  let day = from;
  for (const stage of STAGES.slice(1, 5)) {
    day += 2 + draw.below(24);
    if (day >= 0) break;
    if (draw.chance(0.15)) return [...path, { stage: "Lost", day }];
    if (stage !== "Won" && draw.chance(0.2)) continue;
    path.push({ stage, day });
  }
  return path;
}

type Opening = { title: string; owner: string | undefined; people: string[]; day: number; stage: string; more: Record<string, unknown[]> };
function open({ store, moment, anyone }: Making, party: Party, { title, owner, people, day, stage, more }: Opening): Row {
  return Records.createRecord(store, {
    object: "deals",
    createdAt: moment(day),
    by: anyone(),
    values: {
      name: [{ value: title }],
      stage: [{ status: stage }],
      owner: [{ workspace_member_email_address: owner }],
      associated_company: [{ target_object: "companies", target_record_id: party.company.id }],
      associated_people: people.map((id) => ({ target_object: "people", target_record_id: id })),
      ...more,
    },
  });
}

/** The story's notes, and so many more, on deals and companies, that there are `count`. */
export function notes(making: Making, parties: readonly Party[], all: readonly Deal[], count: number): void {
  const { store, draw, moment, anyone } = making;
  for (const story of STORIES) {
    const party = parties.find((one) => one.client === story.client) as Party;
    // The newest of the client's deals that was already there and was not lost.
    const dealAt = (day: number) => all.filter((one) => one.party === party && one.live && one.from <= day).at(-1);
    for (const { title, body, by, day, about } of story.notes) {
      const deal = about === "deal" ? dealAt(day) : undefined;
      const author = [...store.members.values()].find((one) => `${one.first} ${one.last}` === by);
      const actor = author ? { by: Store.by(author.id) } : {};
      const [object, recordId] = deal ? ["deals", deal.row.id] : ["companies", party.company.id];
      Papers.addNote(store, {
        object: object as string,
        recordId: recordId as string,
        title,
        content: body,
        createdAt: moment(day),
        ...actor,
      });
    }
  }
  while (store.notes.size < count) {
    const deal = draw.chance(0.7) ? draw.pick(all) : undefined;
    const party = deal?.party ?? draw.pick(parties);
    // Not today's: what of today lies ahead would all be crowded into the last minutes.
    const day = Math.min(-1, (deal ? deal.from : known(making, party)) * draw.next());
    const words = talkOf(making, party);
    const lines = Array.from({ length: 2 + draw.below(4) }, () => draw.pick(words.lines));
    const steps = draw.chance(0.5) ? [draw.pick(words.steps), draw.pick(words.steps)] : [];
    const said = [draw.pick(words.openings), ...new Set(lines), draw.pick(words.closings)].join(" ");
    const text = [said, ...[...new Set(steps)].map((one) => `- ${one}`)].join("\n");
    const parent = deal ? { object: "deals", recordId: deal.row.id } : { object: "companies", recordId: party.company.id };
    const fillIn = slots(making, party, deal?.thing);
    Papers.addNote(store, {
      ...parent,
      title: fillIn(draw.pick(words.titles)),
      content: fillIn(text),
      createdAt: moment(day),
      by: anyone(),
    });
  }
}

/** Tasks linked to deals and companies; what is long past is mostly done. */
export function tasks(making: Making, all: readonly Deal[], count: number, days: number): void {
  const { store, draw, moment, anyone } = making;
  for (let n = 0; n < count; n++) {
    const deal = draw.pick(all);
    const day = -days * 0.5 * draw.next() ** 2;
    const due = day + 2 + draw.below(14);
    const done = draw.chance(due < -10 ? 0.9 : due < 0 ? 0.5 : 0);
    const link = draw.chance(0.7) ? { object: "deals", recordId: deal.row.id } : { object: "companies", recordId: deal.party.company.id };
    Papers.addTask(store, {
      content: slots(making, deal.party, deal.thing)(draw.pick(talkOf(making, deal.party).tasks)),
      deadlineAt: draw.chance(0.8) ? `${dateOf(making, due)}T17:00:00.000000000Z` : null,
      linked: [link],
      assignees: [draw.pick(TEAM).email],
      createdAt: moment(day),
      by: anyone(),
      ...(done ? { completedAt: moment(due - draw.below(2)) } : {}),
    });
  }
}

const talkOf = ({ words }: Making, party: Party) => (party.client === undefined ? words(party).selling : words(party).serving);

function slots({ draw, words }: Making, party: Party, thing: string | undefined): (text: string) => string {
  const { days, bys, rivals, things } = words(party);
  const name = (party.people.length > 0 ? draw.pick(party.people).name : party.name).split(" ")[0] ?? "";
  const about = thing ?? draw.pick(things);
  const filled: Readonly<Record<string, () => string>> = {
    name: () => name,
    company: () => party.name,
    thing: () => about,
    day: () => draw.pick(days),
    by: () => draw.pick(bys),
    amount: () => `€${5 + draw.below(90)}k`,
    n: () => String(2 + draw.below(3)),
    rival: () => draw.pick(rivals),
  };
  return (text) => text.replace(/\{(\w+)\}/g, (_, slot: string) => filled[slot]?.() ?? "");
}

const dateOf = ({ today }: Making, day: number): string => new Date((today + Math.floor(day) * DAY) * 1_000).toISOString().slice(0, 10);
