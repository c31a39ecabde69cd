declare const namesPartner: unique symbol;

/**
 * Marks a value that names one partner: its id, or a part of a statement that is restricted to it. The mark exists for
 * the compiler only, and nothing carries it at run time.
 */
export interface NamesPartner {
  readonly [namesPartner]: true;
}

/**
 * The id of a partner. A number becomes one by authentication, as a column of a row, or by `partnerIdOfOperator`, so
 * that a statement cannot be restricted to another number by mistake. The linter rejects any other assertion.
 */
export type PartnerId = number & NamesPartner;

/**
 * Returns a number as the id of a partner, for operators, benchmarks and tests, which choose the partner themselves. The
 * linter rejects it in `src`.
 */
export const partnerIdOfOperator = (id: number) => id as PartnerId;
