import { encode } from 'uqr';
import { describe, expect, it } from 'vitest';
import { buildOtpauthUri } from './otpauth-uri.ts';
import { qrSvg } from './qr-svg.ts';

const uri = 'otpauth://totp/Example:alice@google.com?secret=JBSWY3DPEHPK3PXP&issuer=Example';

/** The dark modules that a viewer would paint, as `x,y`. */
function darkModules(svg: string): Set<string> {
  const path = /fill="#000" d="([^"]*)"/.exec(svg)?.[1] ?? '';
  const dark = new Set<string>();
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let offset = 0; offset < Number(width); offset += 1) dark.add(`${Number(x) + offset},${y}`);
  }
  return dark;
}

describe('qrSvg', () => {
  it('paints exactly the modules of the code, at error correction M with a quiet zone of four', () => {
    const { size, data } = encode(uri, { ecc: 'M', border: 4 });
    const expected = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`${x},${y}`] : [])));
    const svg = qrSvg(uri);
    expect(svg).toContain(`viewBox="0 0 ${size} ${size}"`);
    expect(darkModules(svg)).toEqual(new Set(expected));
    for (const module of darkModules(svg)) {
      for (const position of module.split(',').map(Number)) {
        expect(position).toBeGreaterThanOrEqual(4);
        expect(position).toBeLessThan(size - 4);
      }
    }
  });

  it('is one element without style, script or reference, sharp at any size', () => {
    const svg = qrSvg(uri);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^<>]*><path [^<>]*\/><path [^<>]*\/><\/svg>$/);
    expect(svg).toContain('shape-rendering="crispEdges"');
    expect(svg).not.toMatch(/style|script|href|url\(|on[a-z]+=/i);
    expect(svg).not.toContain('JBSWY3DP');
  });

  it('holds the longest URI that a configuration can have', () => {
    const longest = buildOtpauthUri({
      otp_type: 'hotp',
      algorithm: 'sha512',
      digits: 8,
      counter: Number.MAX_SAFE_INTEGER,
      secret: new Uint8Array(128).fill(255),
      issuer: '漢'.repeat(64),
      account: '漢'.repeat(128),
    });
    expect(longest.length).toBeGreaterThan(2331);
    expect(darkModules(qrSvg(longest)).size).toBeGreaterThan(10_000);
  });
});
