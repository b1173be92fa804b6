import { createHash, randomBytes } from "node:crypto";
import type { Role, User } from "#core/actor.ts";
import * as Clock from "#core/clock.ts";
import { sql, systemSql } from "#core/db.ts";

export const LIFETIME_SECONDS = 14 * 86_400;
const TOUCH_SECONDS = 60;

/** A signed-in person. `activeProjectId` is one that they may still see. */
export type Session = {
  idHash: string;
  csrfToken: string;
  activeProjectId: string | null;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
};
export type Found = { user: User; session: Session; touched: boolean };

/**
 * The living session behind a cookie. Its end slides with its use; that is written at most once a minute, and `touched` says that it was, so that the
 * cookie's own age can follow.
 */
export async function find(id: string): Promise<Found | undefined> {
  const now = Clock.now();
  const stale = new Date(now.getTime() - TOUCH_SECONDS * 1_000);
  const idHash = hashOf(id);
  type Row = Session & { userId: string; username: string; role: Role; accountScopeId: string };
  const [row] = await systemSql<Row[]>`
    with living as (
      select s.*, u.username, u.role from sessions s join app_users u on u.id = s.user_id
      where s.id_hash = ${idHash} and s.expires_at > ${now} and u.disabled_at is null),
    touched as (
      update sessions s set last_seen_at = ${now}, expires_at = ${end(now)} from living l
      where s.id_hash = l.id_hash and s.last_seen_at <= ${stale})
    select l.id_hash, l.csrf_token, l.created_at, l.last_seen_at, l.expires_at, l.user_id, l.username, l.role, l.account_scope_id, p.id as active_project_id
    from living l left join projects p on p.id = l.active_project_id and p.account_scope_id = l.account_scope_id
      and (l.role = 'owner' or exists (select from project_assignments a where a.project_id = p.id and a.user_id = l.user_id))`;
  if (!row) return undefined;
  const { userId, username, role, accountScopeId, ...found } = row;
  const touched = found.lastSeenAt <= stale;
  const session = touched ? { ...found, lastSeenAt: now, expiresAt: end(now) } : found;
  return { user: { kind: "user", id: userId, username, role, accountScopeId }, session, touched };
}

/** Opens a session inside the caller's transaction of the system's scope. The id goes into the cookie and is kept nowhere else. */
export async function open(user: User): Promise<{ id: string; session: Session }> {
  const id = token();
  const now = Clock.now();
  const session = {
    idHash: hashOf(id),
    csrfToken: token(),
    activeProjectId: null,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: end(now),
  };
  await sql`
    insert into sessions (id_hash, account_scope_id, user_id, csrf_token, created_at, last_seen_at, expires_at)
    values (${session.idHash}, ${user.accountScopeId}, ${user.id}, ${session.csrfToken}, ${now}, ${now}, ${session.expiresAt})`;
  return { id, session };
}

/** Inside the caller's transaction of the system's scope. */
export async function close({ idHash }: Session): Promise<void> {
  await sql`delete from sessions where id_hash = ${idHash}`;
}

/** Makes a project, which the person has been found to see, the one that is meant when none is named. */
export async function select({ idHash }: Session, projectId: string): Promise<void> {
  await systemSql`update sessions set active_project_id = ${projectId} where id_hash = ${idHash}`;
}

const token = (): string => randomBytes(32).toString("base64url");
const hashOf = (id: string): string => createHash("sha256").update(id).digest("hex");
const end = (now: Date): Date => new Date(now.getTime() + LIFETIME_SECONDS * 1_000);
