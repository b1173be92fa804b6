import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { CLIENTS } from "#test/simulators/cast.ts";
import { NOW, workspace } from "#test/simulators/linear/asking.ts";
import { SIZES } from "#test/simulators/linear/data.ts";
import { simulated } from "#test/simulators/linear/server.ts";
import { counts, type Store } from "#test/simulators/linear/store.ts";
import { STORIES } from "#test/simulators/story.ts";

const digest = (store: Store) => {
  const rows = [store.users, store.issues, store.comments, store.issueRelations, store.documents, store.cycles, store.history];
  return createHash("sha256")
    .update(JSON.stringify(rows.map((one) => [...one.values()])))
    .digest("hex");
};

describe("the demo's work", () => {
  test("is the same for the same seed, to the byte, after a reset and after a restart", async () => {
    const first = simulated({ seed: 1, now: NOW });
    const before = digest(first.world.store);
    expect(digest(simulated({ seed: 1, now: NOW }).world.store)).toBe(before);
    expect(digest(simulated({ seed: 2, now: NOW }).world.store)).not.toBe(before);
    const later = new Date("2026-08-01T00:00:00Z");
    expect(digest(simulated({ seed: 1, now: later, filledAt: NOW }).world.store)).toBe(before);
    first.clock.set(later);
    await first.control.request("/_sim/reset", { method: "POST" });
    expect(digest(first.world.store)).toBe(before);
  });

  test.each(["small", "large"] as const)("%s: has the promised size, ends before now, and holds one of everything", (size) => {
    const { store } = workspace({ size });
    const issues = [...store.issues.values()];
    expect(counts(store)).toMatchObject({ issues: SIZES[size].issues, comments: SIZES[size].comments, teams: 2, users: 7, documents: 8 });
    for (const one of [...issues, ...store.comments.values()]) {
      expect(one.updatedAt).toBeLessThanOrEqual(NOW.getTime());
      expect(one.createdAt).toBeLessThanOrEqual(one.updatedAt);
    }
    for (const one of issues) {
      const stamps = [one.createdAt, one.startedAt, one.completedAt ?? one.canceledAt, one.archivedAt].filter((at) => at !== null);
      expect(stamps).toEqual(stamps.toSorted((a, b) => a - b));
      expect(store.projects.has(one.projectId ?? "")).toBe(true);
    }
    expect(new Set(issues.map((one) => store.workflowStates.get(one.stateId)?.type)).size).toBe(7);
    const relations = [...store.issueRelations.values()];
    expect(new Set(relations.map((one) => one.type))).toEqual(new Set(["blocks", "duplicate", "related"]));
    const some = (wanted: (one: (typeof issues)[number]) => boolean) => issues.some(wanted);
    expect([
      some((one) => one.archivedAt !== null && !one.trashed),
      some((one) => one.trashed === true),
      some((one) => one.parentId !== null),
      some((one) => /[а-я]/.test(one.title)),
      some((one) => one.cycleId !== null),
      some((one) => one.description === null),
      new Set(issues.map((one) => one.updatedAt)).size < issues.length,
      [...store.comments.values()].some((one) => one.parentId !== null),
    ]).not.toContain(false);
    if (size === "large") {
      expect(some((one) => (one.description ?? "").length > 2_000)).toBe(true);
      expect(some((one) => /\p{Extended_Pictographic}/u.test(one.title))).toBe(true);
      expect(new Set(issues.map((one) => one.title)).size).toBeGreaterThan(1_200);
    }
  });

  test("numbers follow time in each team, as in a workspace never imported into", () => {
    const { store } = workspace({ size: "small" });
    for (const team of store.teams.values()) {
      const mine = [...store.issues.values()].filter((one) => one.teamId === team.id);
      expect(mine.map((one) => one.number)).toEqual(mine.map((_, n) => n + 1));
      expect(mine.map((one) => one.createdAt)).toEqual(mine.map((one) => one.createdAt).toSorted((a, b) => a - b));
    }
  });

  test("no slot of a template is left open", () => {
    const { store } = workspace({ size: "large" });
    const texts = [
      ...[...store.issues.values()].flatMap((one) => [one.title, one.description ?? ""]),
      ...[...store.comments.values()].map((one) => one.body),
      ...[...store.documents.values()].map((one) => one.content ?? ""),
    ];
    expect(texts.filter((text) => /[{}]|undefined|NaN/.test(text))).toEqual([]);
  });
});

test("the story is told: its tasks, what blocks them, who does them, what is said under them", async () => {
  const { ask } = workspace({ size: "small" });
  const fields = `title description dueDate estimate state { name } assignee { name } project { name } creator { name } labels { nodes { name } }
    inverseRelations { nodes { type issue { title } } } comments(orderBy: createdAt) { nodes { body user { name } } }`;
  for (const { client, issues } of STORIES)
    for (const told of issues) {
      const { data } = await ask(`query($title: String) { issues(first: 1, filter: { title: { eq: $title } }) { nodes { ${fields} } } }`, {
        title: told.title,
      });
      const [found] = data.issues?.nodes ?? [];
      const blockers = (told.blockedBy ?? []).map((key) => issues.find((one) => one.key === key)?.title);
      const due = told.dueDay === undefined ? null : new Date(NOW.getTime() + told.dueDay * 86_400_000).toISOString().slice(0, 10);
      expect(found).toMatchObject({
        description: told.description,
        dueDate: due,
        estimate: told.estimate ?? null,
        state: { name: told.state },
        assignee: told.assignee ? { name: told.assignee } : null,
        project: { name: CLIENTS.find((one) => one.key === client)?.project },
        inverseRelations: { nodes: blockers.map((title) => ({ type: "blocks", issue: { title } })) },
        comments: { nodes: (told.comments ?? []).map(({ body, by }) => ({ body, user: { name: by } })).toReversed() },
      });
      const labels = found?.labels as { nodes: { name: string }[] } | undefined;
      expect(labels?.nodes.map((one) => one.name).sort()).toEqual([...(told.labels ?? []), client].sort());
    }
});

test("documents are a brief and a specification for each project, in its client's language, under headings", () => {
  const { store } = workspace({ size: "small" });
  for (const client of CLIENTS) {
    const [project] = [...store.projects.values()].filter((one) => one.name === client.project);
    const papers = [...store.documents.values()].filter((one) => one.projectId === project?.id);
    expect(papers.length).toBe(2);
    for (const { title, content } of papers) {
      expect(/[а-я]/.test(title.replace(client.project, ""))).toBe(client.language === "ru");
      expect(content?.match(/^## .+$/gm)?.length).toBeGreaterThanOrEqual(6);
    }
  }
});
