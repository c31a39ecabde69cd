import { InvalidArgumentError } from 'commander';

/**
 * Returns a parser for an option that counts something.
 *
 * @param unit the least value. Every other one is a multiple of it.
 */
export function multipleOf(unit: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < unit || value % unit !== 0) {
      throw new InvalidArgumentError(
        unit === 1 ? 'Write an integer from 1.' : `Write a multiple of ${unit}.`,
      );
    }
    return value;
  };
}
