import { type Connector, type Cursor, type Page, type Reading, type Stream, stream } from "#core/connectors/connector.ts";
import { SourceError } from "#core/connectors/http.ts";
import * as Api from "#core/connectors/linear/api.ts";
import * as Crawl from "#core/connectors/linear/crawl.ts";
import * as DiscussionPage from "#core/connectors/linear/discussion-page.ts";
import * as IssuesPage from "#core/connectors/linear/issues-page.ts";
import { count, differences, measure } from "#core/connectors/linear/measure.ts";
import * as LinearPage from "#core/connectors/linear/page.ts";
import * as Pass from "#core/connectors/linear/pass.ts";
import { prune } from "#core/connectors/linear/prune.ts";
import { relations } from "#core/connectors/linear/relations.ts";
import { retry } from "#core/connectors/linear/retry.ts";
import * as Said from "#core/connectors/linear/said.ts";
import { whose } from "#core/connectors/linear/whose.ts";
import * as Workspace from "#core/connectors/linear/workspace.ts";
import * as WorkspacePage from "#core/connectors/linear/workspace-page.ts";

type Lists = Record<string, Api.List>;
type Kinds<K extends string> = {
  name: string;
  kinds: readonly K[];
  ask: (reading: Reading, filters: Partial<Record<K, object>>, pages: Record<string, string | null>) => Promise<Lists>;
  take: (reading: Reading, lists: Lists, arriving: boolean) => Promise<LinearPage.Taken>;
  finish?: Stream["finish"];
};

/**
 * Three streams follow what changed, each one question when nothing did: `workspace` (teams, people, states, cycles, projects) before `issues`, which
 * name them, before `discussion` (comments, documents), which belong to them. Kinds that need nothing of each other share a question, and each goes on
 * from its own cursor when it has more pages; a stream is known until the pass began in which all its kinds reached their end.
 */
export const linear: Connector = {
  source: "linear",
  cycle: [
    changes({
      name: "workspace",
      kinds: WorkspacePage.KINDS,
      ask: WorkspacePage.ask,
      take: (reading, lists) => WorkspacePage.take(reading, lists),
      finish: async (reading) => ({ rows: 0, events: await Workspace.tellStarts(reading) }),
    }),
    changes({
      name: "issues",
      kinds: ["issues"],
      ask: IssuesPage.ask,
      take: (reading, lists, arriving) => IssuesPage.take(reading, Api.list(lists, "issues"), { arriving }),
    }),
    changes({
      name: "discussion",
      kinds: Said.KINDS,
      ask: Said.ask,
      take: (reading, lists, arriving) => DiscussionPage.take(reading, lists, { arriving }),
    }),
    relations,
  ],
  crawl: [Crawl.issues, Crawl.comments, Crawl.workspace, Crawl.documents],
  retry,
  whose,
  prune,
  count,
  measure,
  differences,
};

function changes<K extends string>({ name, kinds, ask, take, finish }: Kinds<K>): Stream {
  return stream<LinearPage.Items>({
    name,
    read: async (reading, cursor) => {
      const legs = Pass.legs(kinds, cursor);
      const lists = await pageOf(reading, legs, ask);
      if (lists === "again") return startOver(legs);
      const arriving = Object.values<Pass.Leg>(legs).every((leg) => leg.since !== null);
      const { items, setAside } = await take(reading, lists, arriving);
      return { items, setAside, ...Pass.next(legs, lists, reading.now) };
    },
    write: LinearPage.write,
    ...(finish ? { finish } : {}),
  });
}

/** The next page of each kind; "again" when Linear does not know a cursor any more, the row it stood for being gone. */
async function pageOf<K extends string>(reading: Reading, legs: Record<K, Pass.Leg>, ask: Kinds<K>["ask"]): Promise<Lists | "again"> {
  const { pages, filters } = Pass.ask(legs);
  try {
    return await ask(reading, filters, pages);
  } catch (error) {
    const stood = Object.values(pages).some((after) => after !== null);
    if (stood && error instanceof SourceError && error.kind === "invalid_data") return "again";
    throw error;
  }
}

function startOver<K extends string>(legs: Record<K, Pass.Leg>): Page<LinearPage.Items> {
  const cursor: Cursor = Pass.cursorOf(Pass.again(legs), false);
  return { items: LinearPage.empty(), setAside: [], cursor, done: false };
}
