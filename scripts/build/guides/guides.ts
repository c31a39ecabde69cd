import type { DocumentTexts } from '../../../src/openapi/document.ts';
import { pictureOf, placeOf, replacePictures } from '../pictures/picture.ts';
import { guideValues } from './values.ts';

/**
 * The guides in Markdown and their programs, as they are written, by their paths below `docs/guides`. The sources of
 * the pictures have paths that begin with `pictures/`.
 */
export type GuideFiles = Readonly<Record<string, string>>;

/** The guides to tasks, in the order in which a partner needs them. Their examples run in this order. */
const TASKS = [
  'first-request',
  'choose-how-to-write',
  'sync-your-erp',
  'sync-by-reference',
  'move-tickets',
  'follow-changes',
  'receive-webhooks',
  'keep-a-copy',
  'generate-a-client',
  'customer-sees-nothing',
  'rotate-credentials',
];

/** The guides that explain one thing that every program meets, in their order. */
const TOPICS = [
  'errors',
  'retries',
  'pagination',
  'rate-limits',
  'read-your-writes',
  'glossary',
  'changes',
];

/** The guides to the groups of operations, in the order of the groups. The heading is the tag. */
const TAGS = [
  'prepared-tickets',
  'product-lines',
  'tickets',
  'access-tokens',
  'clients',
  'api-keys',
  'events',
  'webhooks',
  'partner',
  'health',
];

/** A guide, whose placeholders are filled. */
export interface Guide {
  /** The name of its file, which is the last step of the address of its page. */
  readonly name: string;
  readonly title: string;
  /** The Markdown below the heading. */
  readonly text: string;
}

/** Every guide. The examples of the tasks and topics run unchanged and in this order. */
export interface Guides {
  /** What the API is for. */
  readonly introduction: Guide;
  readonly tasks: readonly Guide[];
  readonly topics: readonly Guide[];
  readonly tags: readonly Guide[];
}

/**
 * Returns the guides of a deployment, with `{{ name }}` replaced by the value of that name, `{{ file NAME }}` by the
 * program and `{{ picture NAME }}` by the place of the picture of that name.
 *
 * @param origin the base URL of the deployment, without a trailing slash.
 * @throws Error if a placeholder is unknown, if a guide has no place in the order, or if no guide contains a value
 * or a program.
 */
export function guidesOf(files: GuideFiles, origin: string): Guides {
  const pages = new Map(Object.entries(files).filter(([path]) => path.endsWith('.md')));
  const programs = Object.entries(files).filter(([path]) => !/\.(?:md|mmd)$/.test(path));
  const values = new Map([
    ...Object.entries(guideValues(origin)).map(([name, value]) => [name, String(value)] as const),
    ...programs.map(([path, text]) => [`file ${path}`, text.trimEnd()] as const),
  ]);
  const unused = new Set(values.keys());
  // Some pictures are for the pages of the repository only.
  for (const [path, source] of Object.entries(files)) {
    const name = /^pictures\/(.+)\.mmd$/.exec(path)?.[1];
    if (name !== undefined) {
      values.set(`picture ${name}`, placeOf(pictureOf(name, source)));
    }
  }
  const guide = (name: string, folder = ''): Guide => {
    const path = `${folder}${name}.md`;
    const written = pages.get(path) ?? '';
    pages.delete(path);
    const filled = written.replaceAll(/\{\{([\s\S]*?)\}\}/g, (placeholder, inner: string) => {
      const value = values.get(inner.trim());
      if (value === undefined) {
        throw new Error(`docs/guides/${path} has the unknown placeholder ${placeholder}.`);
      }
      unused.delete(inner.trim());
      return value;
    });
    const [heading = '', ...lines] = filled.split('\n');
    if (!heading.startsWith('# ')) {
      throw new Error(`docs/guides/${path} is missing or does not begin with a heading.`);
    }
    return { name, title: heading.slice(2), text: lines.join('\n').trim() };
  };
  const guides: Guides = {
    introduction: guide('introduction'),
    tasks: TASKS.map((name) => guide(name)),
    topics: TOPICS.map((name) => guide(name)),
    tags: TAGS.map((name) => guide(name, 'tags/')),
  };
  for (const path of pages.keys()) {
    throw new Error(`docs/guides/${path} has no place in scripts/build/guides/guides.ts.`);
  }
  for (const name of unused) {
    throw new Error(`No guide contains {{ ${name} }}.`);
  }
  return guides;
}

/** Returns a text that contains the text alternatives of its pictures. */
const inWords = (markdown: string) => replacePictures(markdown, (_name, text) => text);

/** Matches each program in a guide. Commands are not programs. */
const PROGRAM = /^```(?:python|ts)\n[\s\S]*?^```$/gm;

/**
 * Returns the texts of the document, without pictures. Its description contains each guide as a section. In place of a
 * program it says where the program is, because the programs would be a twentieth of the document.
 */
export function documentTexts({ introduction, tasks, topics, tags }: Guides): DocumentTexts {
  const sections = [...tasks, ...topics].map(({ name, title, text }) => {
    const link = `Its code is on [the page of this guide](/docs/${name}).`;
    const short = inWords(text).replaceAll(PROGRAM, link);
    return `## ${title}\n\n${short.replaceAll(/^(?=##+ )/gm, '#')}`;
  });
  return {
    description: [inWords(introduction.text), ...sections].join('\n\n'),
    tags: tags.map(({ title, text }) => ({ name: title, description: inWords(text) })),
  };
}
