import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, normalize } from 'node:path';

/** The Markdown files for readers of the repository. */
const PAGES = ['*.md', 'docs/*.md'];
/** Matches a link or an image and captures its target. */
const LINK = /\[[^\]]*\]\(([^()\s]+)\)/g;
/** Matches a fenced code block, which contains no links. */
const BLOCK = /^( *)```.*?^\1```$/gms;
const HEADING = /^#+ +(.+)$/gm;
/** Matches a path of this repository in a code span, except for patterns with `<` or `*`. */
const PATH = /`((?:\.ci|\.github|bench|demo|docs|drizzle|scripts|src|test)\/[\w./-]*)`/g;
/** Matches the name of an npm script in a code block or a sentence. */
const SCRIPT = /\bnpm run (?:-s )?(\w+(?::\w+)*)/g;
/** Matches SQL in a command to paste. Nobody notices when a change of the tables breaks it. */
const SQL = /\bd1 execute .*--command.*/g;

const withoutBlocks = (text: string) => text.replaceAll(BLOCK, '');

/** Returns the anchors of a page, as GitHub derives them from its headings. */
function anchorsOf(text: string): Set<string> {
  const headings = Array.from(
    withoutBlocks(text).matchAll(HEADING),
    ([, heading]) => heading ?? '',
  );
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

const found = (text: string, pattern: RegExp) =>
  Array.from(text.matchAll(pattern), ([, match]) => match as string);

function faultsOfLink(page: string, target: string): string[] {
  const [path, anchor] = target.split('#', 2) as [string, string?];
  const file = path === '' ? page : normalize(`${dirname(page)}/${path}`);
  if (!existsSync(file)) {
    return [`${page} links to ${target}, which does not exist.`];
  }
  return anchor === undefined || anchorsOf(readFileSync(file, 'utf8')).has(anchor)
    ? []
    : [`${page} links to ${target}, but ${file} has no such heading.`];
}

function faultsOfPage(page: string, scripts: object): string[] {
  const text = readFileSync(page, 'utf8');
  const prose = withoutBlocks(text);
  return [
    ...found(prose, LINK)
      .filter((target) => !/^[a-z]+:/.test(target))
      .flatMap((target) => faultsOfLink(page, target)),
    ...found(prose, PATH)
      .filter((path) => !existsSync(path))
      .map((path) => `${page} names ${path}, which does not exist.`),
    ...found(text, SCRIPT)
      .filter((script) => !(script in scripts))
      .map((script) => `${page} names npm run ${script}, which package.json does not have.`),
    ...(text.match(SQL) ?? []).map((sql) => `${page} has SQL to paste that no check runs: ${sql}`),
  ];
}

/**
 * Checks the references in the Markdown files of the repository: relative links with their anchors, paths,
 * and npm scripts; and that none has SQL to paste. Sends no request to another host.
 */
export async function checkLinks(): Promise<string[]> {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object };
  return globSync(PAGES).flatMap((page) => faultsOfPage(page, scripts));
}
