// A classic dashboard as JSON has it, in the types of whichever @grafana/schema is looked at, with the options of the
// panels and queries that we use: Grafana itself leaves these open.
import type { AnnotationQuery, Dashboard, FieldConfig, Panel, RowPanel } from "@grafana/schema";
import type { Options as StatOptions } from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type {
  FieldConfig as GraphConfig,
  Options as GraphOptions,
} from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";
// Later packages have it no more: Prometheus became a plug-in of its own.
import type { PrometheusDataQuery } from "prometheus-query";

// Enumerations are plain values in JSON.
type Plain<T> = T extends string
  ? `${T}`
  : T extends (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { [Key in keyof T]: Plain<T[Key]> }
      : T;

// These are read by the plug-in, for Prometheus alone.
type Query = PrometheusDataQuery & { interval?: string };
type Annotation = Omit<AnnotationQuery, "target"> & { target: Query; titleFormat?: string };
// What is drawn otherwise: of a query by its letter, a field's own option, or one of the panel's by `custom.NAME`.
type Option<Config> = { [Key in keyof Config & string]-?: { id: `custom.${Key}`; value: Config[Key] } };
type Override<Config> = {
  matcher: { id: "byFrameRefID"; options: string };
  properties: ({ id: "color"; value: FieldConfig["color"] } | Option<Config>[keyof Config & string])[];
};
type Drawn<Type extends string, Options, Config> = Omit<Panel, "type" | "options" | "fieldConfig" | "targets"> & {
  type: Type;
  options: Options;
  targets: Query[];
  fieldConfig: {
    defaults: Omit<FieldConfig, "custom"> & { custom?: Config };
    overrides: Override<Config>[];
  };
};
type Heading = Omit<RowPanel, "type"> & { type: "row" };

export type Checked = Plain<
  Omit<Dashboard, "panels" | "annotations"> & {
    panels: (Heading | Drawn<"timeseries", GraphOptions, GraphConfig> | Drawn<"stat", Partial<StatOptions>, never>)[];
    annotations: { list: Annotation[] };
  }
>;
