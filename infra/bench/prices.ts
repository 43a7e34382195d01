/** List prices of us-east-1 in dollars, as AWS's price pages named them on this day. */
export const prices = {
  asOf: '2025–26, us-east-1',
  dynamoDb: { writeUnit: 0.625e-6, readUnit: 0.125e-6 },
  httpApi: { request: 1e-6 },
  lambda: { request: 0.2e-6, gigabyteSecond: 0.0000133334 },
  kms: { call: 0.03 / 10_000 },
  logs: { gigabyte: 0.5 },
} as const;
