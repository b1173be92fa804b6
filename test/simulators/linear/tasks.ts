import { CLIENTS, type Client, TEAM } from "#test/simulators/cast.ts";
import { bullets, type Subject, said, subject } from "#test/simulators/linear/prose.ts";
import { type Kind, WORDS } from "#test/simulators/linear/words.ts";
import type { Draw } from "#test/simulators/random.ts";
import { STORIES, type StoryIssue } from "#test/simulators/story.ts";

export const DAY = 86_400_000;
/** An issue before it is a row: names in place of ids, instants in epoch milliseconds. */
export type Plan = {
  client: Client;
  team: "DEL" | "DSN";
  title: string;
  description: string | null;
  state: string;
  priority: number;
  estimate: number | null;
  dueDate: string | null;
  assignee?: string;
  creator: string;
  labels: string[];
  inCycle: boolean;
  createdAt: number;
  updatedAt: number;
  startedAt?: number;
  completedAt?: number;
  canceledAt?: number;
  archivedAt?: number;
  trashed?: boolean;
  parent?: Plan;
  /** Where it was told in the story, or what it is made of. */
  story?: StoryIssue;
  about?: Subject & { remarks: readonly string[] };
};
/** `template`: what it was made from. */
export type Saying = { body: string; by: string; at: number; reply: boolean; template?: string };

/** All issues in the order in which they were written, the story's among them. */
export function plans(draw: Draw, given: { now: number; issues: number; days: number }): Plan[] {
  const { now } = given;
  const told = STORIES.flatMap(({ client, issues }) => {
    const whose = CLIENTS.find((one) => one.key === client) as Client;
    return issues.map((one) => fromStory(one, whose, now, draw));
  });
  const made: Plan[] = [];
  for (let n = 0; made.length < given.issues - told.length; n++) made.push(invented(CLIENTS[n % CLIENTS.length] as Client, given, draw));
  const all = [...told, ...made].sort((a, b) => a.createdAt - b.createdAt);
  subtasks(all, draw);
  together(all, draw, now);
  return all;
}

function fromStory(story: StoryIssue, client: Client, now: number, draw: Draw): Plan {
  const createdAt = now + story.createdDay * DAY + draw.below(6 * 3_600_000);
  const begun = story.state === "In Progress" || story.state === "In Review" || story.state === "Done";
  const completedAt = story.state === "Done" ? now + ((story.dueDay ?? -1) - 1) * DAY : undefined;
  const startedAt = Math.round(createdAt + ((completedAt ?? now) - createdAt) * 0.2);
  const last = completedAt ?? (begun ? startedAt : createdAt);
  return {
    client,
    team: "DEL",
    title: story.title,
    description: story.description,
    state: story.state,
    priority: story.labels?.includes("срочно") ? 1 : story.labels?.includes("client-waiting") ? 2 : 3,
    estimate: story.estimate ?? null,
    dueDate: story.dueDay === undefined ? null : dateOf(now + story.dueDay * DAY),
    ...(story.assignee === undefined ? {} : { assignee: story.assignee }),
    creator: "Marek Dvorak",
    labels: [...(story.labels ?? []), client.key],
    inCycle: begun || story.state === "Todo",
    createdAt,
    updatedAt: Math.min(now - 60_000, last),
    ...(begun ? { startedAt } : {}),
    ...(completedAt === undefined ? {} : { completedAt }),
    story,
  };
}

const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

function invented(client: Client, { now, days }: { now: number; days: number }, draw: Draw): Plan {
  const words = WORDS[client.language];
  const kind = draw.pick([...words.kinds, ...words.kinds.slice(0, 2)]);
  const task = draw.pick(kind.tasks);
  const [title, body, ...own] = typeof task === "string" ? [task, draw.pick(kind.bodies)] : task;
  const about = { ...subject(client, draw), remarks: [...own, ...own, ...kind.comments] };
  const createdAt = Math.trunc(now - (0.003 + 0.997 * draw.next() ** 1.5) * days * DAY);
  const age = (now - createdAt) / DAY;
  const state = stateAt(age, draw);
  const begun = ["In Progress", "In Review", "Done"].includes(state);
  const startedAt = createdAt + Math.trunc(draw.next() * Math.min(12, age * 0.5) * DAY);
  const endedAt = startedAt + Math.trunc(draw.next() * Math.min(9, (now - startedAt) / DAY) * DAY);
  const ended = state === "Done" || state === "Canceled" || state === "Duplicate";
  const last = ended ? endedAt : begun ? startedAt : createdAt;
  const updatedAt = Math.min(now - 60_000, last + Math.trunc(draw.next() ** 4 * (now - last)));
  const archivedAt = ended && now - endedAt > 75 * DAY && draw.chance(0.55) ? endedAt + 75 * DAY : undefined;
  const trashed = archivedAt === undefined && draw.chance(0.02);
  const gone = trashed ? updatedAt : archivedAt;
  const checklist = draw.chance(0.3) ? `\n\n${bullets(draw.chance(0.5) ? words.checks.slice(0, 4) : words.checks.slice(4), "[ ] ")}` : "";
  const prose = draw.chance(0.01) ? essay(words.long, about, draw) : `${said(body, about, draw)}${checklist}`;
  const owned = begun || ended || draw.chance(0.5);
  const extra = ["client-waiting", "scope", "срочно"].filter((_, n) => draw.chance([0.1, 0.06, 0.04][n] as number));
  return {
    client,
    team: kind.team,
    title: `${said(title, about, draw)}${draw.chance(0.03) ? ` ${draw.pick(["🚀", "🔥", "👩‍💻", "🧪", "🇰🇿", "❤️‍🔥"])}` : ""}`,
    description: draw.chance(0.08) ? null : prose,
    state,
    priority: draw.pick([0, 0, 1, 2, 2, 3, 3, 3, 4]),
    estimate: draw.chance(0.65) ? draw.pick([1, 2, 3, 5, 8]) : null,
    dueDate: draw.chance(0.4) ? dateOf(createdAt + (4 + draw.below(30)) * DAY) : null,
    ...(owned ? { assignee: assignee(kind, draw) } : {}),
    creator: draw.pick(TEAM).name,
    labels: [kind.label, client.key, ...extra],
    inCycle: begun || state === "Todo",
    createdAt,
    updatedAt: Math.max(updatedAt, gone ?? 0),
    ...(begun ? { startedAt } : {}),
    ...(state === "Done" ? { completedAt: endedAt } : ended ? { canceledAt: endedAt } : {}),
    ...(gone === undefined ? {} : { archivedAt: gone }),
    ...(trashed ? { trashed } : {}),
    about,
  };
}

const STATES = ["Done", "Canceled", "Duplicate", "In Progress", "In Review", "Todo", "Backlog", "Triage"] as const;
/** The older, the more of it is done; what is new is still being looked at. */
function stateAt(age: number, draw: Draw): string {
  const weights = age > 45 ? [78, 8, 3, 2, 0, 3, 6, 0] : age > 12 ? [45, 5, 3, 16, 7, 12, 11, 1] : [12, 2, 1, 23, 9, 24, 15, 14];
  const bags = STATES.flatMap((state, n) => Array.from({ length: weights[n] as number }, () => state));
  return draw.pick(bags);
}

function assignee(kind: Kind, draw: Draw): string {
  if (kind.team === "DSN" && draw.chance(0.8)) return "Aigerim Bekova";
  if (kind.label === "bug" && draw.chance(0.25)) return "Nadia Rahimi";
  return draw.pick(["Tom Whitfield", "Лев Орлов", "Лев Орлов", "Tom Whitfield", "Marek Dvorak"]);
}

function essay(lines: readonly string[], about: Subject, draw: Draw): string {
  return Array.from({ length: 12 + draw.below(60) }, () => said(draw.pick(lines), about, draw)).join("\n\n");
}

/** One task in ten is a part of an earlier one of the same client. */
function subtasks(all: Plan[], draw: Draw): void {
  all.forEach((plan, n) => {
    if (!plan.about || !draw.chance(0.1)) return;
    const candidates = all.slice(Math.max(0, n - 60), n).filter((one) => one.client === plan.client && divisible(one));
    if (candidates.length === 0) return;
    const parent = draw.pick(candidates);
    Object.assign(plan, { parent, team: parent.team, title: `${draw.pick(WORDS[plan.client.language].subtasks)}: ${parent.title}` });
  });
}

const divisible = (one: Plan): boolean =>
  one.about !== undefined && !one.parent && !one.trashed && ["bug", "feature", "design"].some((label) => one.labels.includes(label));

/** A few times somebody marks many issues and changes them at once: equal stamps, to the millisecond. */
function together(all: readonly Plan[], draw: Draw, now: number): void {
  const open = all.filter((one) => one.about && one.archivedAt === undefined && one.createdAt < now - 3 * DAY);
  for (let round = 0; round < 3; round++) {
    const at = now - (1 + draw.below(40)) * 3_600_000;
    for (let n = 0; n < 6 && open.length > 0; n++) draw.pick(open).updatedAt = at;
  }
}

type Link = { from: Plan; to: Plan; type: string; at: number };
/** What blocks, repeats or resembles what. */
export function linked(all: readonly Plan[], draw: Draw): Link[] {
  const told = all.flatMap((to) =>
    (to.story?.blockedBy ?? []).flatMap((key) => {
      const from = all.find((one) => one.client === to.client && one.story?.key === key);
      return from ? [{ from, to, type: "blocks", at: Math.max(from.createdAt, to.createdAt) }] : [];
    }),
  );
  const made = all.flatMap((from, n): Link[] => {
    const near = all.slice(Math.max(0, n - 40), n).filter((one) => one.client === from.client && one.about);
    if (!from.about || near.length === 0) return [];
    const type = from.state === "Duplicate" ? "duplicate" : draw.chance(0.07) ? "blocks" : draw.chance(0.07) ? "related" : undefined;
    return type ? [{ from, to: draw.pick(near), type, at: from.createdAt + 3_600_000 }] : [];
  });
  return [...told, ...made];
}

/** What is said under each issue, oldest first. */
export function discussion(all: readonly Plan[], draw: Draw, given: { comments: number; now: number }): Map<Plan, Saying[]> {
  const found = new Map<Plan, Saying[]>(all.map((plan) => [plan, fromTheStory(plan, given.now)]));
  const told = [...found.values()].reduce((sum, one) => sum + one.length, 0);
  const ours = all.filter((one) => one.about);
  for (let n = told; n < given.comments; n++) {
    // Some are talked about a lot.
    const plan = ours[Math.floor(draw.next() ** 1.4 * ours.length)] as Plan;
    const sayings = found.get(plan) as Saying[];
    sayings.push(remark(plan, sayings, given.now, draw));
  }
  for (const sayings of found.values()) sayings.sort((a, b) => a.at - b.at);
  return found;
}

function fromTheStory(plan: Plan, now: number): Saying[] {
  return (plan.story?.comments ?? []).map(({ by, day, body }) => ({ by, body, at: now + day * DAY, reply: false }));
}

function remark(plan: Plan, before: readonly Saying[], now: number, draw: Draw): Saying {
  const words = WORDS[plan.client.language];
  const about = plan.about as NonNullable<Plan["about"]>;
  const reply = draw.chance(0.15);
  const pool = reply ? words.answers : draw.chance(0.68) ? about.remarks : words.comments;
  const until = Math.min(now - 120_000, plan.archivedAt ?? now, (plan.completedAt ?? plan.canceledAt ?? now) + 2 * DAY);
  const at = Math.trunc(plan.createdAt + draw.next() * Math.max(60_000, until - plan.createdAt));
  // Nobody says the same thing twice under one task, if there is a choice.
  const template =
    [pool, words.comments, pool, words.answers].map(draw.pick).find((one) => before.every((it) => it.template !== one)) ?? "👍";
  const body = draw.chance(0.004) ? essay(words.long, about, draw) : said(template, about, draw);
  return { body, by: draw.chance(0.3) && plan.assignee ? plan.assignee : draw.pick(TEAM).name, at, reply, template };
}
