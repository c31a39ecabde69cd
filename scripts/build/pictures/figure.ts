import { renderMermaidSVG } from 'beautiful-mermaid';
import { readPicture } from './files.ts';
import { type Picture, replacePictures } from './picture.ts';

/** The widest picture that the text column of a page shows at full size, in pixels. */
const COLUMN_WIDTH = 700;
/** The same for a phone that is 390 pixels wide. */
const PHONE_WIDTH = 343;
const LAYOUT = { padding: 2, nodeSpacing: 12, layerSpacing: 28 };

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Returns a number of a drawing with one decimal place. */
const rounded = (number: string) => String(Math.round(Number(number) * 10) / 10);

/** Returns a class for the style sheet instead of the attributes that say what an element is. */
function classOf(attributes: string): string {
  const kind = /class="([\w-]+)"/.exec(attributes)?.[1] ?? '';
  const detail = /data-(?:shape|style)="([\w-]+)"/.exec(attributes)?.[1];
  return `class="${[kind, detail].filter(Boolean).join(' ')}"`;
}

/** Matches a box or a line, and captures where it ends: `x`, `y`, `width` and `height`, or its points. */
const BOX = /<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g;
const LINE = /<polyline [^>]*?points="([^"]+)"/g;

/**
 * Returns the width and the height of what a drawing contains. The layout leaves room below its content, and
 * sometimes too little beside it.
 */
function sizeOf(drawing: string): { readonly width: number; readonly height: number } {
  const corners = [
    ...Array.from(drawing.matchAll(BOX), ([, ...box]) => {
      const [x = 0, y = 0, width = 0, height = 0] = box.map(Number);
      return [x + width, y + height] as const;
    }),
    ...Array.from(drawing.matchAll(LINE), ([, points = '']) => points.split(' '))
      .flat()
      .map((point) => point.split(',').map(Number)),
  ];
  const end = (axis: 0 | 1) =>
    Math.ceil(Math.max(...corners.map((corner) => corner[axis] ?? 0))) + LAYOUT.padding;
  return { width: end(0), height: end(1) };
}

interface Drawing {
  readonly svg: string;
  /** In pixels. */
  readonly width: number;
}

/**
 * Returns a drawing as an SVG element for a page. Its colours and fonts are those of the style sheet of the page, and
 * its ids begin with its name, because a page can contain several pictures.
 *
 * @param name the name of the drawing, which is unique in its page.
 * @throws Error if the drawing is wider than `maxWidth`, in pixels.
 */
function drawn({ title, text, graph }: Picture, name: string, maxWidth: number): Drawing {
  const drawing = renderMermaidSVG(graph, LAYOUT)
    .replaceAll(/<style>[\s\S]*?<\/style>\n/g, '')
    // The style sheet of the page says how a node of each shape and an edge of each kind look.
    .replaceAll(/(?<=<(?:g|polyline) )class="[\w-]+"(?: data-[\w-]+="[^"]*")+/g, classOf)
    .replaceAll(
      / (?:fill|stroke|stroke-width|stroke-dasharray|font-size|font-weight|text-anchor)="[^"]*"/g,
      '',
    )
    .replaceAll(/(?<="[^"<>]*)\d+\.\d+(?=[^"<>]*")/g, rounded)
    .replaceAll(/ id="/g, ` id="${name}-`)
    .replaceAll('url(#', `url(#${name}-`)
    .replaceAll(/>\s+</g, '><')
    .trim();
  const { width, height } = sizeOf(drawing);
  if (!(width <= maxWidth)) {
    throw new Error(`The picture ${name} is ${width} pixels wide. ${maxWidth} fit.`);
  }
  const about = `<title id="${name}-title">${escaped(title)}</title><desc id="${name}-text">${escaped(text)}</desc>`;
  const role = `role="img" aria-labelledby="${name}-title" aria-describedby="${name}-text"`;
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  return { svg: drawing.replace(/^<svg [^>]*>/, () => `<svg ${role} ${size}>${about}`), width };
}

/**
 * Returns a picture in HTML. If it is too wide for a phone, a second drawing goes from top to bottom, and the style
 * sheet shows one of the two.
 */
function figureOf(picture: Picture): string {
  const { name, graph } = picture;
  const { svg, width } = drawn(picture, name, COLUMN_WIDTH);
  const narrow = { ...picture, graph: graph.replace(/^flowchart LR/, 'flowchart TD') };
  const drawings =
    width <= PHONE_WIDTH ? [svg] : [svg, drawn(narrow, `${name}-narrow`, PHONE_WIDTH).svg];
  return `<figure class="picture" v-pre>${drawings.join('')}</figure>`;
}

/** Returns a page in Markdown that shows its pictures. */
export function withFigures(markdown: string): string {
  return replacePictures(markdown, (name) => figureOf(readPicture(name)));
}
