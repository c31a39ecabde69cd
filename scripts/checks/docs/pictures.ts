import { globSync, readFileSync } from 'node:fs';
import { readGuides } from '../../build/guides/files.ts';
import { readPictureSources } from '../../build/pictures/files.ts';
import { type Picture, pictureOf } from '../../build/pictures/picture.ts';
import type { ServedPage } from './crawl.ts';

/** The Markdown files that show pictures as Mermaid, which GitHub draws. */
const FILES = ['*.md', 'docs/*.md'];
const MERMAID = /^```mermaid\n([\s\S]*?)^```$/gm;
const FIGURE = /<figure class="picture"[^>]*>([\s\S]*?)<\/figure>/g;
const DRAWING = /<svg\b[\s\S]*?<\/svg>/g;

const found = (text: string, pattern: RegExp) =>
  Array.from(text.matchAll(pattern), ([whole, inner]) => inner ?? whole);

/** Returns HTML with the characters that it escapes in texts. */
const unescaped = (html: string) =>
  html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

/** Returns the pictures, and one sentence for each whose source has no text. */
function readPictures() {
  const pictures: Picture[] = [];
  const faults: string[] = [];
  for (const [name, source] of Object.entries(readPictureSources())) {
    try {
      pictures.push(pictureOf(name, source));
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  return { pictures, faults };
}

/** Returns one sentence for each Mermaid block that is no source, and for each source that nothing shows. */
function faultsOfSources(): string[] {
  const sources = Object.entries(readPictureSources());
  const blocks = globSync(FILES).flatMap((file) =>
    found(readFileSync(file, 'utf8'), MERMAID).map((block) => ({ file, block })),
  );
  const guides = Object.values(readGuides()).join('\n');
  return [
    ...blocks
      .filter(({ block }) => !sources.some(([, source]) => source === block))
      .map(({ file, block }) => {
        const title = /accTitle: (.*)/.exec(block)?.[1] ?? block.slice(0, 40);
        return `${file} shows the picture "${title}", which differs from each source in docs/pictures.`;
      }),
    ...sources
      .filter(([name]) => !guides.includes(`{{ picture ${name} }}`))
      .filter(([, source]) => !blocks.some(({ block }) => block === source))
      .map(([name]) => `Nothing shows docs/pictures/${name}.mmd as it is.`),
  ];
}

/** Returns one sentence for each drawing of a page that a screen reader cannot read, and for each missing picture. */
function faultsOfPage({ path, html }: ServedPage, pictures: readonly Picture[]): string[] {
  const drawings = found(html, FIGURE).flatMap((figure) => found(figure, DRAWING).map(unescaped));
  const isReadable = (drawing: string) =>
    pictures.some(({ title, text }) => {
      const ids = /^<svg role="img" aria-labelledby="([\w-]+)" aria-describedby="([\w-]+)"/;
      const [, label, description] = ids.exec(drawing) ?? [];
      return (
        drawing.includes(`<title id="${label}">${title}</title>`) &&
        drawing.includes(`<desc id="${description}">${text}</desc>`)
      );
    });
  return [
    ...drawings
      .filter((drawing) => !isReadable(drawing))
      .map((drawing) => `${path} has a picture without its text: ${drawing.slice(0, 120)}`),
    ...(html.includes('::: picture') ? [`${path} has a picture that was not drawn.`] : []),
  ];
}

/**
 * Checks the pictures: each has a text, in its source and on its page, and each Mermaid block of the repository is the
 * source of a picture.
 *
 * @param pages the pages of the docs site.
 */
export function checkPictures(pages: readonly ServedPage[]): string[] {
  const { pictures, faults } = readPictures();
  const shown = pages.filter(({ html }) => html.includes('<figure class="picture"'));
  return [
    ...faults,
    ...faultsOfSources(),
    ...(shown.length > 0 ? [] : ['No page has a picture.']),
    ...pages.flatMap((page) => faultsOfPage(page, pictures)),
  ];
}
