/** A rule that is off. */
interface Exception {
  readonly rule: string;
  /** JSON pointers into the document, as URI fragments; off everywhere without. */
  readonly at?: readonly string[];
  readonly reason: string;
}

export declare const exceptions: readonly Exception[];
