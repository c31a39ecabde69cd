/** A picture, whose source is a file of `docs/pictures`. */
export interface Picture {
  readonly name: string;
  readonly title: string;
  /** What the picture shows, for readers who cannot see it, and for programs. */
  readonly text: string;
  /** The lines in Mermaid that draw the picture, without title and text. */
  readonly graph: string;
}

const TITLE = /^ *accTitle: (.+)\n/m;
const TEXT = /^ *accDescr \{([^}]+)\}\n/m;
/** Matches the place of a picture in a page, which contains its text alternative. */
const PLACE = /^::: picture ([\w-]+)\n\n([\s\S]*?)\n\n:::$/gm;

/**
 * Reads the source of a picture.
 *
 * @throws Error if it lacks a title (`accTitle`) or a text (`accDescr`), as Mermaid spells them.
 */
export function pictureOf(name: string, source: string): Picture {
  const title = TITLE.exec(source)?.[1]?.trim();
  const text = TEXT.exec(source)?.[1]?.trim().replaceAll(/\s+/g, ' ');
  if (!title || !text) {
    throw new Error(
      `docs/pictures/${name}.mmd lacks accTitle or accDescr, the text of the picture.`,
    );
  }
  return { name, title, text, graph: source.replace(TITLE, '').replace(TEXT, '') };
}

/** Returns the place of a picture in a page, in Markdown. Until the site is built, it contains the text. */
export function placeOf({ name, title, text }: Picture): string {
  return `::: picture ${name}\n\n*${title}:* ${text}\n\n:::`;
}

/**
 * Returns a text with each place of a picture replaced.
 *
 * @param replace returns what stands there instead, from the name of the picture and its text alternative.
 */
export function replacePictures(
  markdown: string,
  replace: (name: string, text: string) => string,
): string {
  return markdown.replaceAll(PLACE, (_place, name: string, text: string) => replace(name, text));
}
