import type { Reading } from "#core/connectors/connector.ts";
import type * as Api from "#core/connectors/linear/api.ts";
import * as Issues from "#core/connectors/linear/issues.ts";
import * as IssuesPage from "#core/connectors/linear/issues-page.ts";
import * as Page from "#core/connectors/linear/page.ts";
import * as Said from "#core/connectors/linear/said.ts";
import * as WorkspacePage from "#core/connectors/linear/workspace-page.ts";
import { transaction } from "#core/db.ts";

/**
 * Reads a page of comments and documents. An issue or a Linear project that they name, that a binding covers and that is not held yet, is read with
 * them: nothing that is said of it is lost for having come first.
 */
export async function take(reading: Reading, lists: Record<string, Api.List>, how: { arriving: boolean }): Promise<Page.Taken> {
  const { items, setAside, issues, projects } = await Said.read(reading, lists);
  const taken: Page.Taken = { items, setAside };
  const marks = await transaction(reading.scope, () => Issues.marks(reading, [...issues.keys()]));
  const stored = new Set(marks.map((mark) => `${mark.externalId} ${mark.projectId}`));
  const missing = [...issues].filter(([id, to]) => to.some((project) => !stored.has(`${id} ${project}`))).map(([id]) => id);
  Page.add(taken, await IssuesPage.byIds(reading, missing, how));
  Page.add(taken, await WorkspacePage.projects(reading, await WorkspacePage.unheld(reading, projects)));
  return taken;
}
