import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { ConfigEvents } from '../../../config-actions/config-events.tsx';
import { ConfigPage } from '../../../config-actions/config-page.tsx';
import { Hindrance } from '../../../config-actions/hindrance.tsx';
import { HotpPanel } from './hotp-panel.tsx';
import { TotpPanel } from './totp-panel.tsx';

/** The code of one configuration, large. */
export default function GeneratePage() {
  return (
    <ConfigPage verb="Code of">
      {(config) => (
        <>
          <Hindrance config={config} />
          {config.otp_type === 'totp' ? <TotpPanel config={config} /> : <HotpPanel config={config} />}
          <Button component={Link} to={`/otp/validate/${config.id}`} variant="default" w="fit-content">
            Validate a code instead
          </Button>
          <ConfigEvents configId={config.id} />
        </>
      )}
    </ConfigPage>
  );
}
