/** Kinds of panels that the dashboard uses, as Grafana calls them. */
export enum PanelType {
  BAR_GAUGE = 'bargauge',
  STAT = 'stat',
  STATE_TIMELINE = 'state-timeline',
  TABLE = 'table',
  TIME_SERIES = 'timeseries',
}

/** A query of a panel. */
export interface PanelQuery {
  readonly expr: string;
  /** Name of its series, with labels in double braces; of a table, the head of its column. */
  readonly legend: string;
  /**
   * Unit of its values (Grafana's id), where a panel has several.
   * @default - the unit of the panel
   */
  readonly unit?: string;
}

/** A value from which on a colour applies. */
export interface ColorStep {
  readonly color: string;
  /** `null` for the first one. */
  readonly value: number | null;
}

/** What a value is called instead. */
export interface ValueName {
  readonly value: number;
  readonly text: string;
  readonly color: string;
}

/** A panel, without what follows from its type and place. */
export interface Panel {
  readonly type: PanelType;
  readonly title: string;
  /** What it says, and what to do about it. */
  readonly description: string;
  /** Columns of 24. */
  readonly width: number;
  readonly height: number;
  /** Grafana's id of a unit, e.g. `s`. */
  readonly unit: string;
  readonly queries: readonly PanelQuery[];
  readonly colors: readonly ColorStep[];
  /**
   * Names of values.
   * @default - numbers
   */
  readonly names?: readonly ValueName[];
  /**
   * Upper end of the scale.
   * @default - from the data
   */
  readonly max?: number;
}

/** Place of a panel on the grid. */
export interface GridPos {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Columns of Grafana's grid. */
export const COLUMNS = 24;

/** Places panels from left to right, and below each other where a row is full. */
export function layOut(panels: readonly Panel[]): GridPos[] {
  let x = 0;
  let y = 0;
  let rowHeight = 0;
  return panels.map(({ width: w, height: h }) => {
    if (x + w > COLUMNS) {
      x = 0;
      y += rowHeight;
      rowHeight = 0;
    }
    const place = { x, y, w, h };
    x += w;
    rowHeight = Math.max(rowHeight, h);
    return place;
  });
}
