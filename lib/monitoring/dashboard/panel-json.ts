import type { ColorStep, GridPos, Panel, PanelQuery } from './panel';
import { PanelType } from './panel';

/** Variable for the data source, which the reader chooses at the top: a provisioned dashboard cannot know its id. */
export const DATASOURCE_VARIABLE = 'datasource';

const DATASOURCE = { type: 'prometheus', uid: `\${${DATASOURCE_VARIABLE}}` };

const LAST = { calcs: ['lastNotNull'], fields: '', values: false };
const LEGEND = { calcs: ['lastNotNull'], displayMode: 'table', placement: 'bottom', showLegend: true };
const TOOLTIP = { mode: 'multi', sort: 'desc' };

/** What each type of panel needs beside data. */
const OPTIONS: Readonly<Record<PanelType, object>> = {
  [PanelType.BAR_GAUGE]: {
    displayMode: 'basic',
    orientation: 'horizontal',
    reduceOptions: LAST,
    showUnfilled: true,
    valueMode: 'color',
  },
  [PanelType.STAT]: {
    colorMode: 'value',
    graphMode: 'none',
    justifyMode: 'auto',
    orientation: 'horizontal',
    reduceOptions: LAST,
    textMode: 'value_and_name',
  },
  [PanelType.STATE_TIMELINE]: {
    alignValue: 'left',
    legend: { ...LEGEND, calcs: [], displayMode: 'list' },
    mergeValues: true,
    rowHeight: 0.9,
    showValue: 'never',
    tooltip: { mode: 'single', sort: 'none' },
  },
  [PanelType.TABLE]: { cellHeight: 'sm', showHeader: true },
  [PanelType.TIME_SERIES]: { legend: LEGEND, tooltip: TOOLTIP },
};

/** A panel in Grafana's JSON (grafana kinds/dashboard, schema version 39). */
export function panelJson(panel: Panel, id: number, gridPos: GridPos): object {
  const { type, title, description, queries } = panel;
  return {
    id,
    type,
    title,
    description,
    datasource: DATASOURCE,
    gridPos,
    targets: queries.map((query, index) => target(query, index, type)),
    fieldConfig: { defaults: fieldDefaults(panel), overrides: type === PanelType.TABLE ? columns(queries) : [] },
    options: OPTIONS[type],
    ...(type === PanelType.TABLE ? { transformations: oneTable(queries) } : {}),
  };
}

const refId = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index);

function target({ expr, legend }: PanelQuery, index: number, type: PanelType): object {
  const overTime = type === PanelType.TIME_SERIES || type === PanelType.STATE_TIMELINE;
  return {
    refId: refId(index),
    datasource: DATASOURCE,
    expr,
    format: type === PanelType.TABLE ? 'table' : 'time_series',
    instant: !overTime,
    legendFormat: legend,
    range: overTime,
  };
}

function fieldDefaults({ type, unit, colors, names = [], max }: Panel): object {
  const mappings = names.map(({ value, text, color }, index) => ({
    type: 'value',
    options: { [String(value)]: { color, index, text } },
  }));
  return {
    unit,
    min: 0,
    ...(max === undefined ? {} : { max }),
    mappings,
    color: { mode: type === PanelType.TIME_SERIES ? 'palette-classic' : 'thresholds' },
    thresholds: { mode: 'absolute', steps: steps(colors) },
    ...(type === PanelType.TIME_SERIES ? { custom: { fillOpacity: 0, lineWidth: 1, showPoints: 'never' } } : {}),
  };
}

function steps(colors: readonly ColorStep[]): object[] {
  return colors.map(({ color, value }) => ({ color, value }));
}

/** Instant queries of a table come as one frame each; their values are told apart by the letter of the query. */
function oneTable(queries: readonly PanelQuery[]): object[] {
  const renameByName = Object.fromEntries(queries.map(({ legend }, index) => [`Value #${refId(index)}`, legend]));
  return [
    { id: 'merge', options: {} },
    { id: 'organize', options: { excludeByName: { Time: true }, indexByName: {}, renameByName } },
  ];
}

function columns(queries: readonly PanelQuery[]): object[] {
  return queries.flatMap(({ legend, unit }) =>
    unit === undefined
      ? []
      : [{ matcher: { id: 'byName', options: legend }, properties: [{ id: 'unit', value: unit }] }],
  );
}
