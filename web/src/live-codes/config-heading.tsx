import type { ReactNode } from 'react';
import type { OtpConfig } from '../api/list-configs.ts';
import classes from './code-card.module.css';

/** Which configuration a card is about: its name, and whose account at whom it is for. */
export function ConfigHeading({ config, children }: { config: OtpConfig; children?: ReactNode }) {
  return (
    <div className={classes.heading}>
      <span className={classes.initial} aria-hidden>
        {(config.issuer || config.name).slice(0, 1).toUpperCase()}
      </span>
      <span className={classes.names}>
        <span className={classes.name} title={config.name}>
          {config.name}
        </span>
        <span className={classes.account}>{accountOf(config)}</span>
      </span>
      {children}
    </div>
  );
}

/** Issuer and account as one line; a space where there is neither, so that all cards have the same height. */
export function accountOf({ issuer, account }: Pick<OtpConfig, 'issuer' | 'account'>): string {
  return [issuer, account].filter((part) => part !== '').join(' · ') || '\u00a0';
}
