import type * as z from "zod";
import type { Caller, Nobody, User } from "#core/actor.ts";
import type { OperationName, operations } from "#core/api/catalogue.ts";
import type { Operation } from "#core/api/operation.ts";
import type { Session } from "#core/platform/session.ts";
import type { AccountScope, ProjectScope } from "#core/scope.ts";

type Operations = typeof operations;
export type Resource = Operations[OperationName]["resource"];
/** Whom a handler can count on: `nobody` may be anyone, `studio` is a person, `project` has its one project resolved. */
export type Kind = "nobody" | Operation["reach"];
type KindOf<O extends Operation> = O["who"] extends "nobody" ? "nobody" : O["reach"];

type Asked<P, Q, B> = { params: P; query: Q; body: B; requestId: string; address: string; headers: Headers; secure: boolean };
type Standing = {
  nobody: { actor: Nobody };
  self: { actor: Caller; scope: AccountScope; session: Session | undefined };
  studio: { actor: User; scope: AccountScope; session: Session | undefined };
  project: { actor: Caller; scope: ProjectScope; projectId: string; session: Session | undefined };
};
export type Context<K extends Kind, P, Q, B> = Asked<P, Q, B> & Standing[K];

export type Status = 200 | 201 | 202;
type Empty = Record<never, never>;
type Parts = { params?: z.ZodType; query?: z.ZodType; body?: z.ZodType };
type OutputOf<S> = S extends z.ZodType ? z.output<S> : Empty;

/** What a handler answers with besides its payload. */
export class Reply<A> {
  readonly payload: A;
  readonly also: { status?: number; headers?: Readonly<Record<string, string>> };
  constructor(payload: A, also: Reply<A>["also"]) {
    this.payload = payload;
    this.also = also;
  }
}
export const reply = <A>(payload: A, also: Reply<A>["also"]): Reply<A> => new Reply(payload, also);

export type Spec = Parts & {
  /** The payload, an object; its fields stand beside `ok` and `request_id`. */
  answer?: z.ZodObject;
  /** For an answer that is no JSON: its content type. The handler then answers a string. */
  text?: string;
  status?: Status;
  /** Instead of `body`: the handler gets it as it came, up to so many bytes. */
  raw?: number;
  /** A field that is shown once: a replay under the same Idempotency-Key has null in its place. */
  once?: string;
};
type Payload<S extends Spec> = S["text"] extends string ? string : S["answer"] extends z.ZodType ? z.output<S["answer"]> : Empty;
type BodyOf<S extends Spec> = S["raw"] extends number ? Buffer : OutputOf<S["body"]>;
export type Handler<K extends Kind, S extends Spec> = (
  context: Context<K, OutputOf<S["params"]>, OutputOf<S["query"]>, BodyOf<S>>,
) => Promise<Payload<S> | Reply<Payload<S>>>;

/** A route of an operation whose caller stands as `K`: how it is asked and answered, and the verb it calls. */
export type Route<K extends Kind = Kind> = { spec: Spec; handle: (context: never) => Promise<unknown>; kind?: K };

export const route = <K extends Kind, const S extends Spec>(spec: S, handle: Handler<K, S>): Route<K> => ({ spec, handle });

/** Every operation of the resource, and no other. */
export type Routes<R extends Resource> = {
  [N in OperationName as R extends Operations[N]["resource"] ? N : never]: Route<KindOf<Operations[N]>>;
};
