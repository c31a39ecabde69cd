import { type Forge, forged } from '../forging.ts';

/** Escapes the first character of a member name. JSON reads the same name, but a text search does not find it. */
function escaped(member: string): string {
  const code = member.charCodeAt(1).toString(16).padStart(4, '0');
  return `"\\u${code}${member.slice(2)}`;
}

const before = (member: string) => (json: string) => `{${member},${json.slice(1)}`;
const behind = (member: string) => (json: string) => `${json.slice(0, -1)},${member}}`;

/** Tokens with duplicate members and a valid signature. Some parsers use the first member, others the last. */
export const duplicates: Record<string, Forge> = {
  'of two partners, the other one first': forged(() => ({
    rewritePayload: before('"partner_id":1'),
  })),
  'of two partners, the other one last': forged(() => ({
    rewritePayload: behind('"partner_id":1'),
  })),
  'of two partners, the other one escaped': forged(() => ({
    rewritePayload: behind(escaped('"partner_id":1')),
  })),
  'of one partner twice': (partner, now) =>
    forged(() => ({ rewritePayload: behind(`"partner_id":${partner.partnerId}`) }))(partner, now),
  'of two exps, the first one expired': forged((now) => ({
    rewritePayload: before(`"exp":${now - 1}`),
  })),
  'of two exps, the first one good': forged((now) => ({
    claims: { exp: now - 1 },
    rewritePayload: before(`"exp":${now + 60}`),
  })),
  'of two exps, the last one good': forged((now) => ({
    claims: { exp: now - 1 },
    rewritePayload: behind(`"exp":${now + 60}`),
  })),
  'of two exps, the last one escaped': forged((now) => ({
    claims: { exp: now - 1 },
    rewritePayload: behind(escaped(`"exp":${now + 60}`)),
  })),
  'of two scopes': forged(() => ({ rewritePayload: before('"scope":""') })),
  'of two members of one name further down': forged(() => ({
    rewritePayload: behind('"act":[{"sub":"a","sub":"b"}]'),
  })),
  'of two algs, none first': forged(() => ({ rewriteHeader: before('"alg":"none"') })),
  'of two algs, none first and escaped': forged(() => ({
    rewriteHeader: before(escaped('"alg":"none"')),
  })),
  'of two kids': forged(() => ({ rewriteHeader: before('"kid":"unknown"') })),
  'of two typs': forged(() => ({ rewriteHeader: before('"typ":"JWT"') })),
};
