import { describe, expect, it } from 'vitest';
import { secureRandom } from './random.ts';

describe('secureRandom', () => {
  it('gives as many bytes as are asked for, other ones each time', () => {
    expect(secureRandom(0)).toHaveLength(0);
    expect(secureRandom(32)).toHaveLength(32);
    expect(secureRandom(32)).not.toEqual(secureRandom(32));
  });
});
