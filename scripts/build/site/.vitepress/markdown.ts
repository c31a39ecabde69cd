import type { MarkdownRenderer } from 'vitepress';

/** Highlights each text once. The same problems are examples of many operations. */
export function rememberHighlights({ options }: MarkdownRenderer): void {
  const { highlight } = options;
  const known = new Map<string, string>();
  options.highlight = (code, language, attributes) => {
    const key = JSON.stringify([code, language, attributes]);
    const html = known.get(key) ?? highlight?.(code, language, attributes) ?? '';
    known.set(key, html);
    return html;
  };
}

/** The roles of the parts of a table, which browsers forget when a style sheet lays them out as a list. */
const roles: Readonly<Record<string, string>> = {
  table_open: 'table',
  thead_open: 'rowgroup',
  tbody_open: 'rowgroup',
  tr_open: 'row',
  th_open: 'columnheader',
  td_open: 'cell',
};

/** Gives each cell of a table the name of its column, which a phone shows before it, and keeps the roles. */
export function nameCells({ core }: MarkdownRenderer): void {
  core.ruler.push('cells', ({ tokens }) => {
    let names: string[] = [];
    let column = 0;
    for (const [position, token] of tokens.entries()) {
      const role = roles[token.type];
      if (role === undefined) {
        continue;
      }
      token.attrSet('role', role);
      if (role === 'table') {
        names = [];
      } else if (role === 'row') {
        column = 0;
      } else if (role === 'columnheader') {
        names.push(tokens[position + 1]?.content ?? '');
      } else if (role === 'cell') {
        token.attrSet('data-column', names[column] ?? '');
        column++;
      }
    }
  });
}

/** Matches the characters of code after which a line may end, so that it does not end within a word. */
const BREAKS = /[_./](?=\w)/g;

/** Lets lines end within long names and paths in the text. */
export function breakNames({ renderer }: MarkdownRenderer): void {
  const render = renderer.rules.code_inline;
  renderer.rules.code_inline = (...code) => {
    const html = render?.(...code) ?? '';
    const start = html.indexOf('>') + 1;
    return (
      html.slice(0, start) +
      html.slice(start, -'</code>'.length).replaceAll(BREAKS, '$&<wbr>') +
      '</code>'
    );
  };
}
