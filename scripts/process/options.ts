import { fail } from './fail.ts';

/**
 * Ends the script if npm consumed one of its options, because `--` before them is missing. The script would act on
 * another database, or deploy, without a word.
 *
 * @param script the name of the npm script.
 * @param names options without a value. None may be the beginning of an option of npm, such as `--local`, which npm
 * takes for `--local-address`: it consumes these without a trace.
 */
export function refuseConsumedOptions(script: string, ...names: readonly string[]): void {
  for (const name of names) {
    if (process.env[`npm_config_${name.replaceAll('-', '_')}`] !== undefined) {
      fail(`npm consumed the option --${name}. Write \`--\` after \`npm run ${script}\`.`);
    }
  }
}
