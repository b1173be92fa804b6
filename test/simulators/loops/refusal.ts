/** An answer that Loops gives in place of success: its status, and a message whose exact words are not published. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
