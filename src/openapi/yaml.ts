/** Words that a reader of YAML, of any version, could take for something else than a text. */
const RESERVED = /^(?:true|false|yes|no|on|off|y|n|null)$/i;
const PLAIN = /^[A-Za-z_](?:[\w /.()-]*[\w/.()-])?$/;
const INDENT = '  ';

/** A text: plain where no reader can mistake it, else as JSON writes it, which YAML 1.2 reads too. */
function scalar(text: string): string {
  return PLAIN.test(text) && !RESERVED.test(text)
    ? text
    : JSON.stringify(text).replaceAll(
        /[\u007f-\u009f\u2028\u2029\ufeff]/g,
        (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
}

/** Whether lines can stand as they are, under `|-`. */
function isBlock(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not stand there
  return text.includes('\n') && !/^[ \n]|\n$|[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(text);
}

/** What follows a key or a dash: on its line, or below it and deeper. */
function node(value: unknown, indent: string): string {
  if (typeof value === 'string' && isBlock(value)) {
    const lines = value.split('\n').map((line) => (line === '' ? '' : indent + line));
    return ` |-\n${lines.join('\n')}`;
  }
  if (typeof value === 'string') {
    return ` ${scalar(value)}`;
  }
  if (Array.isArray(value) && value.length > 0) {
    return `\n${value.map((item) => `${indent}-${inDash(item, indent + INDENT)}`).join('\n')}`;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    if (members.length > 0) {
      return `\n${members
        .map(([key, member]) => `${indent}${scalar(key)}:${node(member, indent + INDENT)}`)
        .join('\n')}`;
    }
  }
  return ` ${JSON.stringify(value)}`;
}

/** An item of a list begins on the line of its dash. */
function inDash(item: unknown, indent: string): string {
  const text = node(item, indent);
  return text.startsWith('\n') ? ` ${text.slice(1 + indent.length)}` : text;
}

/** Writes a JSON value as YAML 1.2 in block style. */
export function toYaml(value: unknown): string {
  return `${node(value, '').replace(/^[\n ]/, '')}\n`;
}
