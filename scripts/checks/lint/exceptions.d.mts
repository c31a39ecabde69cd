/** A disabled rule. */
interface Exception {
  readonly rule: string;
  /** The places at which the rule is disabled, as JSON pointers in URI fragments; everywhere if undefined. */
  readonly at?: readonly string[];
  readonly reason: string;
}

export declare const exceptions: readonly Exception[];

/** The findings of Redocly that are accepted, each with its place and the reason. */
export const redoclyExceptions: typeof exceptions;
