/** Ends the script with exit code 1 and one message on stderr, without a stack trace. */
export function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
