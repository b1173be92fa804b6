import * as Absence from "#core/connectors/absence.ts";
import { type Cursor, type Reading, stream, type Written } from "#core/connectors/connector.ts";
import * as Gone from "#core/connectors/linear/absence.ts";
import * as Api from "#core/connectors/linear/api.ts";
import * as DiscussionPage from "#core/connectors/linear/discussion-page.ts";
import * as Documents from "#core/connectors/linear/documents.ts";
import * as IssuesPage from "#core/connectors/linear/issues-page.ts";
import * as LinearPage from "#core/connectors/linear/page.ts";
import * as Pass from "#core/connectors/linear/pass.ts";
import * as Said from "#core/connectors/linear/said.ts";
import * as Stale from "#core/connectors/linear/stale.ts";
import * as WorkspacePage from "#core/connectors/linear/workspace-page.ts";

const FULL_EVERY_MS = 7 * 86_400_000;
const COMMENTS_A_REQUEST = 100;

type Items = LinearPage.Items & { seen: string[] };
type Read = LinearPage.Taken & { seen: string[]; next: string | null };
type Sweep = {
  name: string;
  /** All fields of a page, or only what tells which rows to ask for again. */
  read: (reading: Reading, after: string | null, full: boolean) => Promise<Read>;
  gone: (reading: Reading, stream: string, began: Date) => Promise<Written>;
};

/** Every issue by id, oldest last, so that no change moves one; what is not as it should be is read whole. Weekly, and when a person asks, all are. */
export const issues = sweep({
  name: "issues_crawl",
  read: async (reading, after, full) => {
    if (full) {
      const list = Api.list(await IssuesPage.ask(reading, {}, { issues: after }, "createdAt"), "issues");
      return { ...(await IssuesPage.take(reading, list, { arriving: false })), ...shown(list) };
    }
    const list = Api.list(await Api.query(reading, Documents.ISSUE_IDS, { issuesAfter: after }), "issues");
    return { ...(await IssuesPage.byIds(reading, await Stale.issues(reading, list), { arriving: false })), ...shown(list) };
  },
  gone: Gone.issues,
});

export const comments = sweep({
  name: "comments_crawl",
  read: async (reading, after, full) => {
    if (full) return said(reading, "comments", after);
    const list = Api.list(await Api.query(reading, Documents.COMMENT_IDS, { commentsAfter: after }), "comments");
    const stale = await Stale.comments(reading, list);
    const taken: LinearPage.Taken = { items: LinearPage.empty(), setAside: [] };
    for (let from = 0; from < stale.length; from += COMMENTS_A_REQUEST) {
      const filters = { comments: { id: { in: stale.slice(from, from + COMMENTS_A_REQUEST) } } };
      for await (const lists of Api.pages(["comments"], (pages) => Said.ask(reading, filters, pages)))
        LinearPage.add(taken, await DiscussionPage.take(reading, lists, { arriving: false }));
    }
    return { ...taken, ...shown(list) };
  },
  gone: Gone.comments,
});

/** Few enough to be read whole each time. */
export const documents = sweep({
  name: "documents_crawl",
  read: (reading, after) => said(reading, "documents", after),
  gone: Gone.documents,
});

/** Teams, people, states, cycles and projects, all fields of each. */
export const workspace = stream<Items>({
  name: "workspace_crawl",
  read: async (reading, cursor) => {
    const legs = Pass.legs(WorkspacePage.KINDS, cursor);
    const lists = await WorkspacePage.ask(reading, {}, Pass.ask(legs).pages, "createdAt");
    const { items, setAside } = await WorkspacePage.take(reading, lists);
    const { cursor: next, done } = Pass.next(legs, lists, reading.now);
    const seen = Object.entries(lists).flatMap(([kind, list]) => idsOf(list).map((id) => `${kind}:${id}`));
    const began = beganOf(reading, cursor);
    return { items: { ...items, seen }, setAside, cursor: done ? { ended: began } : { ...next, began }, done };
  },
  write: async (reading, items) => {
    await Absence.see(reading, "workspace_crawl", items.seen);
    return LinearPage.write(reading, items);
  },
  finish: async (reading, cursor) => {
    const gone = await Gone.workspace(reading, "workspace_crawl", new Date(String(cursor.ended)));
    await Absence.forget(reading, "workspace_crawl");
    return gone;
  },
});

function sweep({ name, read, gone }: Sweep) {
  return stream<Items>({
    name,
    read: async (reading, cursor) => {
      const after = typeof cursor?.after === "string" ? cursor.after : null;
      const lastFull = Number(cursor?.last_full ?? 0);
      const full = after === null ? reading.now.getTime() - lastFull >= FULL_EVERY_MS || reading.thorough : cursor?.full === true;
      const began = beganOf(reading, cursor);
      const { items, setAside, seen, next } = await read(reading, after, full);
      return {
        items: { ...items, seen },
        setAside,
        cursor:
          next === null
            ? { last_full: full ? reading.now.getTime() : lastFull, ended: began }
            : { after: next, full, last_full: lastFull, began },
        done: next === null,
      };
    },
    write: async (reading, items) => {
      await Absence.see(reading, name, items.seen);
      return LinearPage.write(reading, items);
    },
    finish: async (reading, cursor) => {
      const found = await gone(reading, name, new Date(String(cursor.ended)));
      await Absence.forget(reading, name);
      return found;
    },
  });
}

/** When the pass began: what came after it cannot have been missed by it. */
const beganOf = (reading: Reading, cursor: Cursor | undefined): string =>
  typeof cursor?.began === "string" ? cursor.began : reading.now.toISOString();

async function said(reading: Reading, kind: "comments" | "documents", after: string | null): Promise<Read> {
  const lists = await Said.ask(reading, {}, { [kind]: after }, "createdAt");
  return { ...(await DiscussionPage.take(reading, lists, { arriving: false })), ...shown(Api.list(lists, kind)) };
}

/** What a page showed, rows that could not be taken included: they are there. */
const shown = (list: Api.List): { seen: string[]; next: string | null } => ({ seen: idsOf(list), next: list.next });
const idsOf = ({ rows, broken }: Api.List): string[] =>
  [...rows, ...broken.map(({ raw }) => raw)].flatMap((row) => {
    const id = (row as { id?: unknown } | null)?.id;
    return typeof id === "string" ? [id] : [];
  });
