import { Text } from '@mantine/core';
import { CopyButton } from './copy-action.tsx';
import { QrPicture } from './qr-picture.tsx';
import classes from './secret-sheet.module.css';

/** A secret as a picture to scan and as text to type. */
export function SecretSheet({ secret, uri, qrSvg }: { secret: string; uri: string; qrSvg: string }) {
  return (
    <div className={classes.sheet}>
      <QrPicture svg={qrSvg} label="QR code of the secret, to scan with an authenticator app" />
      <div className={classes.words}>
        <Text size="sm">Scan this with your authenticator app. Or type the secret into it:</Text>
        <code className={classes.secret}>{inGroups(secret)}</code>
        <div className={classes.actions}>
          <CopyButton text={secret} label="Copy secret" />
          <CopyButton text={uri} label="Copy URI" />
        </div>
      </div>
    </div>
  );
}

/** Base32 in fours, as authenticator apps take it. */
function inGroups(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? secret;
}
