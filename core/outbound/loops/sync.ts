import * as Clock from "#core/clock.ts";
import { sql } from "#core/db.ts";
import { Refused } from "#core/error.ts";
import type { Outcome, Run } from "#core/jobs/run.ts";
import * as Api from "#core/outbound/loops/api.ts";
import * as Audience from "#core/outbound/loops/audience.ts";
import * as OptOut from "#core/outbound/loops/opt-out.ts";
import * as Settings from "#core/outbound/loops/settings.ts";
import * as Transform from "#core/outbound/loops/transform.ts";

const PAGE = 200;
/** Contacts sent between two checkpoints. */
const BITE = 20;
/** Of those sent before, so many are looked at in a run, each no oftener than this. */
const LOOKS = 100;
const LOOK_EVERY_MS = 6 * 3_600_000;

type Counters = { sent: number; refused: number; opted_out: number };
type Sent = { email: string; userId: string; fingerprint: string; problem: string | undefined };

/**
 * Tells Loops of the clients that a project speaks for, those only of whom there is something new to tell; first it looks who has left. Without a key,
 * and before the project was switched on, it says so and sends nothing.
 */
export async function contacts(run: Run): Promise<Outcome> {
  const team = await Api.open(run.budget);
  if (!(await Settings.find(run.scope)).enabled) throw new Refused("preview_only");
  const audience = await Audience.open(run.accountScopeId, run.projectId);
  const counters = { sent: 0, refused: 0, opted_out: await look(run, team, audience) };
  const more = await send(run, team, audience, counters);
  return { processed: counters.sent, counters: { ...counters, requests: run.budget.requests }, more };
}

/** Asks after those who were not looked at for longest; answers how many have left, or were taken out there. */
async function look(run: Run, team: Api.Team, audience: Audience.Audience): Promise<number> {
  const since = new Date(Clock.now().getTime() - LOOK_EVERY_MS);
  const due = await run.checkpoint(
    audience.scope,
    () =>
      sql<{ email: string; userId: string }[]>`
      select email, user_id from loops_contacts
      where project_id = ${run.projectId} and status = 'sent' and checked_at <= ${since}
        and not exists (
          select from contact_channel_policies o where o.contact_global_id = 'email:' || email and o.channel = 'email' and o.opted_out)
      order by checked_at, email limit ${LOOKS}`,
  );
  const gone: string[] = [];
  const seen: string[] = [];
  for (const { email, userId } of due) {
    if (!run.budget.left()) break;
    if (!(await Api.isSubscribed(team, userId))) gone.push(email);
    seen.push(email);
  }
  return run.checkpoint(audience.scope, async () => {
    await sql`update loops_contacts set checked_at = ${Clock.now()} where project_id = ${run.projectId} and email = any (${seen}::text[])`;
    return OptOut.note(gone);
  });
}

/** Goes through the audience from where the last run stopped. True when the budget ended before the audience did. */
async function send(run: Run, team: Api.Team, audience: Audience.Audience, counters: Counters): Promise<boolean> {
  let allowed: readonly string[] | undefined;
  let after = await resumeAfter(run);
  for (;;) {
    const page = await run.checkpoint(audience.scope, () => Audience.list(audience, after, PAGE));
    const news = page.flatMap((person) => {
      const contact = Transform.contact(run.accountScopeId, person);
      const fingerprint = Transform.fingerprint(contact);
      return person.sent?.fingerprint === fingerprint ? [] : [{ contact, fingerprint, known: person.sent?.status === "sent" }];
    });
    if (news.length > 0) allowed ??= await prepare(team);
    for (let from = 0; from < news.length; from += BITE) {
      const sent: Sent[] = [];
      const gone: string[] = [];
      for (const { contact, fingerprint, known } of news.slice(from, from + BITE)) {
        if (!run.budget.left()) break;
        const { email, userId } = contact;
        after = email;
        // An upsert would bring back who was taken out there.
        if (known && !(await Api.isSubscribed(team, userId))) gone.push(email);
        else sent.push({ email, userId, fingerprint, problem: await Api.upsert(team, only(contact, allowed ?? [])) });
      }
      const reached = after;
      counters.opted_out += await run.checkpoint(audience.scope, async () => {
        await keep(run, sent, reached);
        return OptOut.note(gone);
      });
      counters.sent += sent.filter((one) => one.problem === undefined).length;
      counters.refused += sent.filter((one) => one.problem !== undefined).length;
      if (!run.budget.left()) return true;
    }
    after = page.at(-1)?.email ?? after;
    if (page.length < PAGE) break;
  }
  await run.checkpoint(audience.scope, () => keep(run, [], null));
  return false;
}

/** Makes the properties that are missing; answers those that may be sent: one that is there with another type is somebody else's. */
async function prepare(team: Api.Team): Promise<string[]> {
  const there = await Api.properties(team);
  for (const name of Transform.PROPERTIES) if (!there.has(name)) await Api.createProperty(team, name);
  return Transform.PROPERTIES.filter((name) => (there.get(name) ?? "string") === "string");
}

/** Without the properties that may not be sent. What is empty is sent too: it may have been something before. */
function only(contact: Transform.Contact, allowed: readonly string[]): Partial<Transform.Contact> {
  const own: readonly string[] = Transform.PROPERTIES;
  return Object.fromEntries(Object.entries(contact).filter(([key]) => !own.includes(key) || allowed.includes(key)));
}

/** Writes what was sent, in the transaction that moves the cursor past it. */
async function keep(run: Run, sent: readonly Sent[], after: string | null): Promise<void> {
  const now = Clock.now();
  await sql`
    insert into loops_contacts (project_id, account_scope_id, email, user_id, fingerprint, status, problem, sent_at, checked_at)
    select ${run.projectId}, ${run.accountScopeId}, s.email, s.user_id, s.fingerprint, case when s.problem is null then 'sent' else 'refused' end, s.problem, ${now}, ${now}
    from unnest(${sent.map((one) => one.email)}::text[], ${sent.map((one) => one.userId)}::text[], ${sent.map((one) => one.fingerprint)}::text[],
      ${sent.map((one) => one.problem?.slice(0, 500) ?? null)}::text[]) as s (email, user_id, fingerprint, problem)
    on conflict (project_id, email) do update set
      user_id = excluded.user_id, fingerprint = excluded.fingerprint, status = excluded.status, problem = excluded.problem, sent_at = excluded.sent_at`;
  await sql`update loops_settings set resume_after = ${after} where project_id = ${run.projectId} and resume_after is distinct from ${after}::text`;
}

async function resumeAfter(run: Run): Promise<string> {
  const [row] = await run.checkpoint(
    run.scope,
    () => sql<{ resumeAfter: string | null }[]>`select resume_after from loops_settings where project_id = ${run.projectId}`,
  );
  return row?.resumeAfter ?? "";
}
