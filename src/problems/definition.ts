/** One kind of problem. `detail` is the default, for an error that has no more specific sentence. */
export interface ProblemDefinition {
  readonly status:
    | 400
    | 401
    | 403
    | 404
    | 405
    | 406
    | 409
    | 410
    | 412
    | 413
    | 415
    | 422
    | 429
    | 500
    | 503;
  /** A reference that resolves to a page, or `about:blank` if the status says it all (RFC 9457 §4.2.1). */
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  /** Sentences that replace `detail` when the exact cause is known, by cause. */
  readonly causes?: Readonly<Record<string, string>>;
  /** What happened, for a person. */
  readonly meaning: string;
  /** What the person can do about it. */
  readonly remedy: string;
  /** Whether no partner can receive the problem. The guides leave it out; it still has its page. */
  readonly isInternal?: boolean;
}
