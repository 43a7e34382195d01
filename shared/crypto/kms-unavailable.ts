/**
 * KMS did not do its part: throttled, slow, disabled or denied. Nothing was decided about the request, so it is a 503,
 * never a wrong code or password. It stands apart from the KMS client, so that whoever only tells it from other errors
 * does not carry the client.
 */
export class KmsUnavailable extends Error {
  override name = 'KmsUnavailable';
}

/** No data key can be had: KMS fails and none is held, or the ring is still empty. */
export class KeyringUnavailable extends KmsUnavailable {
  override name = 'KeyringUnavailable';
}

/** No token can be signed: KMS fails. */
export class SigningUnavailable extends KmsUnavailable {
  override name = 'SigningUnavailable';
}
