import { crawlOf } from "#core/connectors/attio/crawl.ts";
import * as Kinds from "#core/connectors/attio/kinds.ts";
import { lists } from "#core/connectors/attio/lists.ts";
import { count, differences, measure } from "#core/connectors/attio/measure.ts";
import * as Named from "#core/connectors/attio/named.ts";
import * as Newest from "#core/connectors/attio/newest.ts";
import { prune } from "#core/connectors/attio/prune.ts";
import { retry } from "#core/connectors/attio/retry.ts";
import { sweepOf } from "#core/connectors/attio/sweep.ts";
import { whose } from "#core/connectors/attio/whose.ts";
import { members, workspace } from "#core/connectors/attio/workspace.ts";
import type { Connector } from "#core/connectors/connector.ts";

/**
 * Newest first, then the sweep (`plan.ts`), in the order in which coverage depends on what is stored (`coverage.ts`). A company that newly enters brings
 * its people, notes and tasks as the sweep comes to them; a changed binding begins every sweep anew and without a limit, so it is filled at once.
 */
export const attio: Connector = {
  source: "attio",
  cycle: [
    workspace,
    members,
    lists,
    Newest.notes,
    Newest.deals,
    Newest.companies,
    Newest.people,
    Newest.tasks,
    sweepOf(Kinds.companies),
    sweepOf(Kinds.deals),
    Named.deals,
    Named.companies,
    sweepOf(Kinds.people),
    Named.people,
    sweepOf(Kinds.tasks),
    sweepOf(Kinds.notes),
  ],
  crawl: [crawlOf(Kinds.companies), crawlOf(Kinds.deals), crawlOf(Kinds.people), crawlOf(Kinds.tasks), crawlOf(Kinds.notes)],
  retry,
  whose,
  prune,
  count,
  measure,
  differences,
};
