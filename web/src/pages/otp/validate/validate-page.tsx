import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { ConfigEvents } from '../../../config-actions/config-events.tsx';
import { ConfigPage } from '../../../config-actions/config-page.tsx';
import { Hindrance } from '../../../config-actions/hindrance.tsx';
import { ValidateForm } from './validate-form.tsx';

/** Checks codes of one configuration, as a service would. */
export default function ValidatePage() {
  return (
    <ConfigPage verb="Validate a code of">
      {(config) => (
        <>
          <Hindrance config={config} />
          <ValidateForm config={config} />
          <Button component={Link} to={`/otp/generate/${config.id}`} variant="default" w="fit-content">
            See its code instead
          </Button>
          <ConfigEvents configId={config.id} />
        </>
      )}
    </ConfigPage>
  );
}
