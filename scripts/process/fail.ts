/** Prints a message on stderr without a stack trace, and ends the script with exit code 1. */
export function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
