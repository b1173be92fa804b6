import * as z from "zod";
import type { Caller } from "#core/actor.ts";
import { operations } from "#core/api/catalogue.ts";
import { resolve } from "#core/api/resolve.ts";
import { Refused } from "#core/error.ts";
import type { Tool } from "#core/mcp/server.ts";
import { Question } from "#core/memory/asked.ts";
import { Answered, query } from "#core/memory/query.ts";
import { Page, Search, search } from "#core/memory/search.ts";
import * as Status from "#core/memory/status.ts";
import * as Project from "#core/platform/project.ts";
import type { Session } from "#core/platform/session.ts";
import type { ProjectScope } from "#core/scope.ts";

const one = { projectId: z.uuid().optional().describe("The project that is meant; may be left out when the key is bound to one only.") };
const Ask = Question.extend(one);
const Find = Search.omit({ answer: true }).extend(one);
const About = z.strictObject(one);
const Told = z.object({ project: Project.Info.nullable(), memory: Status.Info.nullable(), projects: z.array(Project.Info) });

/** What an assistant may call in the caller's name: only reading, and only in a project that the caller may see. */
export function toolsFor(actor: Caller, session: Session | undefined): Tool[] {
  const within = async (projectId: string | undefined): Promise<ProjectScope> => {
    const id = await resolve(operations.mcp, actor, session, { path: undefined, query: projectId, header: undefined });
    return { projects: [id], accountScopeId: actor.accountScopeId };
  };
  return [
    {
      name: "search",
      title: "Search a project",
      does: "Finds what was said and written in a client project: chats, tasks, comments, documents, notes and deals, best first, with where each is from. For more, call again with next_cursor.",
      input: Find,
      answer: Page,
      run: async ({ projectId, ...asked }: z.output<typeof Find>) => search(actor, await within(projectId), { ...asked, answer: "none" }),
    },
    {
      name: "ask",
      title: "Ask a project",
      does: "Answers a question about a client project with numbered quotes, each with its author, time and source; says so when the evidence is insufficient, and until when each source is known.",
      input: Ask,
      answer: Answered,
      run: async ({ projectId, ...asked }: z.output<typeof Ask>) => query(actor, await within(projectId), asked),
    },
    {
      name: "project_status",
      title: "A project's status",
      does: "Tells what is known of a client project: its sources and until when each is known, how much of it is indexed, and why not more. Without a project it lists those that may be named.",
      input: About,
      answer: Told,
      run: async ({ projectId }: z.output<typeof About>) => {
        const projects = await Project.list(actor);
        const scope = await within(projectId).catch((error: unknown) => {
          // Nobody can name a project that they were not told of.
          if (error instanceof Refused && error.why.code === "active_project_required") return undefined;
          throw error;
        });
        const project = projects.find(({ id }) => scope?.projects.includes(id)) ?? null;
        return { project, memory: scope ? await Status.status(scope) : null, projects };
      },
    },
  ];
}
