/**
 * The one error that Lifeboat throws on purpose: a request that it will not serve, and why.
 * It is caught in one place, the app's error handler, which writes it in the caller's dialect.
 */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly type: string;
  readonly code: string;
  readonly param: string | null;
  /** The decision that records it; null where none is made. */
  readonly decision: string | null;

  constructor(
    status: number,
    reason: {
      type: string;
      code: string;
      message: string;
      param?: string | null;
      decision?: string | null;
    },
  ) {
    super(reason.message);
    this.status = status;
    this.type = reason.type;
    this.code = reason.code;
    this.param = reason.param ?? null;
    this.decision = reason.decision ?? null;
  }

  /** The same refusal, recorded as this decision. */
  recordedAs(decision: string): Refusal {
    const { type, code, message, param } = this;
    return new Refusal(this.status, { type, code, message, param, decision });
  }
}
