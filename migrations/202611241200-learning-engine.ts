import type { Migration } from './migration.ts';

/** Strategies in full, what a run is trained on, and versions with weights and evaluation of their own. */
export const learningEngine: Migration = {
  name: '202611241200-learning-engine',
  up: ({ query }) =>
    query(`
      update projects set strategy = '{"when": {"kind": "after_examples", "examples": 1},
        "layers": "head", "data": {"kind": "all"}, "leastExamples": {"head": 1, "backbone": 5},
        "hyperparameters": {}}'::jsonb || strategy;

      alter table training_runs
        add column data jsonb not null default '{"kind": "all"}',
        add column least_examples jsonb not null default '{"head": 1, "backbone": 5}',
        add column rebuild_of uuid references model_versions on delete set null;
      create index training_runs_rebuild_of on training_runs (rebuild_of);
      update training_runs set progress = '{"step": 0, "steps": 0, "accuracy": null,
        "examplesLeftOut": 0, "examplesPerSecond": null, "millisecondsLeft": null,
        "curve": []}'::jsonb || progress;

      alter table model_versions
        add column hyperparameters jsonb not null default '{}',
        add column data jsonb not null default '{"kind": "all"}',
        add column promotion_reason text not null default 'not_worse',
        -- The weights of a backbone of its own; null where it stands on the starter model's.
        add column backbone_key text,
        -- The examples it was trained and judged on; null before such were kept.
        add column snapshot_key text,
        add column confusion jsonb not null default '[]';
      create index model_versions_backbone_key on model_versions (backbone_key);
      create index model_versions_snapshot_key on model_versions (snapshot_key);
      update model_versions set metrics = '{"interval": null, "macroAccuracy": null, "top3": null,
        "calibrationError": null, "unknownShare": null, "curve": []}'::jsonb || metrics
        || jsonb_build_object('perCategory', (
          select coalesce(jsonb_agg('{"precision": null, "recall": null, "f1": null}'::jsonb
            || category order by place), '[]')
          from jsonb_array_elements(metrics -> 'perCategory')
            with ordinality as categories (category, place)));
    `),
  down: ({ query }) =>
    query(`
      alter table model_versions drop column hyperparameters, drop column data,
        drop column promotion_reason, drop column backbone_key, drop column snapshot_key,
        drop column confusion;
      alter table training_runs drop column data, drop column least_examples,
        drop column rebuild_of;
      update projects set strategy = jsonb_build_object('when', strategy -> 'when');
    `),
};
