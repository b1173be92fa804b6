import { ERRORS } from "#test/simulators/linear/behaviour.ts";

export type Reason = keyof typeof ERRORS;
/** What Linear answers instead: `status` is the HTTP status when nothing else of the request is answered. */
export class Refusal extends Error {
  readonly reason: Reason;
  readonly presentable: string | undefined;
  constructor(reason: Reason, message: string, presentable?: string) {
    super(message);
    this.reason = reason;
    this.presentable = presentable;
  }
}

/** The simulator lacks this, whatever Linear would have said. It never passes for an answer. */
export class Unimplemented extends Error {}

export type GraphqlError = { message: string; path?: readonly (string | number)[]; extensions: Record<string, unknown> };

export function errorOf(refusal: Refusal, path?: readonly (string | number)[]): GraphqlError {
  const { code, type, statusCode } = ERRORS[refusal.reason];
  const said = refusal.presentable === undefined ? {} : { userPresentableMessage: refusal.presentable };
  return { message: refusal.message, ...(path ? { path } : {}), extensions: { type, code, statusCode, userError: true, ...said } };
}
