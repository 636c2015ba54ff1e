import { formatSeconds } from '../../config';
import type { Alert, MonitoringPlan, RecoveryPlan } from '../../plan';
import { planAlerts, planRecordings, SCRAPE_INTERVAL } from '../../plan';

/** As often as new values arrive. */
const INTERVAL = `${SCRAPE_INTERVAL}s`;

/** One rule, in the words of a rules file (prometheus docs/configuration/recording_rules.md). */
export interface Rule {
  /**
   * Metric that is recorded.
   * @default - an alert
   */
  readonly record?: string;
  /**
   * Name of the alert.
   * @default - a recording rule
   */
  readonly alert?: string;
  readonly expr: string;
  /**
   * How long the expression must have a result.
   * @default - not at all
   */
  readonly for?: string;
  readonly labels: Record<string, string>;
  /**
   * What an alert says.
   * @default - a recording rule
   */
  readonly annotations?: Record<string, string>;
}

/** Rules that are evaluated one after the other. */
export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: Rule[];
}

/** The rules of a site: recorded metrics first, then the alerts. */
export function ruleGroups(site: RecoveryPlan, monitoring: MonitoringPlan): RuleGroup[] {
  return [
    {
      name: `${site.site}-backup-metrics`,
      interval: INTERVAL,
      rules: planRecordings(site).map(({ record, expr, labels }) => ({ record, expr, labels: { ...labels } })),
    },
    {
      name: `${site.site}-backup-alerts`,
      interval: INTERVAL,
      rules: planAlerts(site).map((alert) => alertRule(alert, site, monitoring)),
    },
  ];
}

function alertRule(alert: Alert, { runbook }: RecoveryPlan, { runbookUrl }: MonitoringPlan): Rule {
  const { name, expr, forSeconds, labels, severity, summary, description } = alert;
  const anchor = name.toLowerCase();
  return {
    alert: name,
    expr,
    ...(forSeconds === 0 ? {} : { for: duration(forSeconds) }),
    labels: { ...labels, severity },
    annotations: {
      summary,
      description,
      ...(runbookUrl === undefined
        ? { runbook: `ConfigMap ${runbook.namespace}/${runbook.name}#${anchor}` }
        : { runbook_url: `${runbookUrl}#${anchor}` }),
    },
  };
}

/** Seconds the way Prometheus writes them, e.g. `1h30m`. */
function duration(seconds: number): string {
  return formatSeconds(seconds).replaceAll(' ', '');
}
