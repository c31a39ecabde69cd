/** A disabled rule. */
interface Exception {
  readonly rule: string;
  /** The places at which the rule is disabled, as JSON pointers in URI fragments; everywhere if undefined. */
  readonly at?: readonly string[];
  readonly reason: string;
}

export declare const exceptions: readonly Exception[];
