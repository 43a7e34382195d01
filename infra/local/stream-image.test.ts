import { describe, expect, it } from 'vitest';
import { completeRecord } from './stream-image.ts';

describe('a record of DynamoDB Local’s stream', () => {
  it('gets the type of its empty maps back, at any depth, and is the same otherwise', () => {
    const image = {
      pk: { S: 'EVENT#a' },
      details: {},
      nested: { M: { none: {}, some: { N: '1' } } },
      list: { L: [{}, { S: '' }, { BOOL: false }] },
      set: { SS: ['a'] },
    };
    const record = {
      eventName: 'MODIFY',
      dynamodb: { SequenceNumber: '1', NewImage: image, OldImage: { details: {} } },
    };
    expect(completeRecord(record)).toEqual({
      eventName: 'MODIFY',
      dynamodb: {
        SequenceNumber: '1',
        NewImage: {
          ...image,
          details: { M: {} },
          nested: { M: { none: { M: {} }, some: { N: '1' } } },
          list: { L: [{ M: {} }, { S: '' }, { BOOL: false }] },
        },
        OldImage: { details: { M: {} } },
      },
    });
  });
});
