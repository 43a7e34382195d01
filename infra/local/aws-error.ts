import type { AwsAnswer } from './kms.ts';

type Service = 'dynamodb' | 'kms';

interface Shape {
  readonly status: number;
  readonly namespace: string;
  readonly message: string;
}

const table = 'com.amazonaws.dynamodb.v20120810#';
const coral = 'com.amazon.coral.service#';

const dynamoDb: Record<string, Shape> = {
  AccessDeniedException: { status: 400, namespace: coral, message: 'Access denied.' },
  ConditionalCheckFailedException: { status: 400, namespace: table, message: 'The conditional request failed' },
  InternalServerError: { status: 500, namespace: table, message: 'Internal server error' },
  ProvisionedThroughputExceededException: {
    status: 400,
    namespace: table,
    message:
      'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level.',
  },
  RequestLimitExceeded: {
    status: 400,
    namespace: table,
    message: 'Throughput exceeds the current throughput limit for your account.',
  },
  ResourceNotFoundException: { status: 400, namespace: table, message: 'Requested resource not found' },
  ServiceUnavailable: { status: 503, namespace: coral, message: 'Service is temporarily unavailable.' },
  ThrottlingException: {
    status: 400,
    namespace: 'com.amazon.coral.availability#',
    message: 'Rate of requests exceeds the allowed throughput.',
  },
  TransactionConflictException: { status: 400, namespace: table, message: 'Transaction is ongoing for the item' },
  TransactionInProgressException: {
    status: 400,
    namespace: table,
    message: 'The transaction with the given request token is already in progress.',
  },
  UnrecognizedClientException: {
    status: 400,
    namespace: coral,
    message: 'The security token included in the request is invalid.',
  },
  ValidationException: { status: 400, namespace: coral, message: 'The request is not valid.' },
};

const kms: Record<string, Shape> = {
  AccessDeniedException: { status: 400, namespace: '', message: 'Access denied.' },
  DependencyTimeoutException: {
    status: 503,
    namespace: '',
    message: 'The system timed out while trying to fulfill the request.',
  },
  DisabledException: { status: 400, namespace: '', message: 'The key is disabled.' },
  InvalidCiphertextException: { status: 400, namespace: '', message: '' },
  KeyUnavailableException: { status: 500, namespace: '', message: 'The key is not available.' },
  KMSInternalException: { status: 500, namespace: '', message: 'An internal error happened.' },
  KMSInvalidStateException: { status: 400, namespace: '', message: 'The key is pending deletion.' },
  NotFoundException: { status: 400, namespace: '', message: 'The key does not exist.' },
  ThrottlingException: {
    status: 400,
    namespace: '',
    message: 'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
  },
  UnrecognizedClientException: {
    status: 400,
    namespace: '',
    message: 'The security token included in the request is invalid.',
  },
};

/** The answer with which a service refuses: its status, its type and its message field are those of the real one. */
export function awsError(service: Service, code: string, message?: string): AwsAnswer {
  const shape = (service === 'kms' ? kms : dynamoDb)[code] ?? { status: 400, namespace: '', message: 'Injected.' };
  const text = message ?? shape.message;
  const { status } = shape;
  const __type = shape.namespace + code;
  if (text === '') return { status, body: { __type } };
  // DynamoDB writes "message" for its own errors and "Message" for those of the framework below it.
  const field =
    code === 'AccessDeniedException' || shape.namespace.startsWith('com.amazon.coral') ? 'Message' : 'message';
  return { status, body: { __type, [field]: text } };
}

/** What DynamoDB answers a transaction of `items` items of which the first collides with another transaction. */
export function transactionConflict(items: number): AwsAnswer {
  const reasons = Array.from({ length: Math.max(items, 1) }, (_, at) => {
    return at === 0
      ? { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }
      : { Code: 'None' };
  });
  const codes = reasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return {
    status: 400,
    body: { __type: `${table}TransactionCanceledException`, CancellationReasons: reasons, Message: message },
  };
}
