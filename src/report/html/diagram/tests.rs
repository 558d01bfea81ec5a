use super::*;
use crate::report::model::{ModelColumn, ModelTable, Relation};
use proptest::prelude::*;

/// Tables `t0`, `t1` … with a key each, and references of child to parent.
fn model(tables: usize, references: &[(usize, usize)]) -> DataModel {
    let column = |name: String, primary_key: bool| ModelColumn {
        name,
        type_name: "bigint".into(),
        not_null: primary_key,
        primary_key,
        unique: primary_key,
    };
    let table = |i: usize| ModelTable {
        name: format!("t{i}"),
        columns: std::iter::once(column("id".into(), true))
            .chain(references.iter().filter(|(child, _)| *child == i).map(|(_, parent)| column(format!("t{parent}_id"), false)))
            .collect(),
        indexes: Vec::new(),
    };
    let relation = |(child, parent): &(usize, usize)| Relation {
        table: format!("t{child}"),
        columns: vec![format!("t{parent}_id")],
        referenced: format!("t{parent}"),
        referenced_columns: vec!["id".into()],
        on_delete: (child % 3 > 0).then(|| "CASCADE".into()),
    };
    DataModel { tables: (0..tables).map(table).collect(), relations: references.iter().map(relation).collect() }
}

#[test]
fn references_point_to_the_right() {
    let model = model(4, &[(1, 0), (2, 1), (2, 0)]);
    let (boxes, layers) = (entities(&model), Layers::of(&model, &entities(&model)));
    let places = places::places(&model, &boxes, &layers);
    assert!(places.boxes[0].x < places.boxes[1].x && places.boxes[1].x < places.boxes[2].x);
    assert_eq!(layers.alone, [3]);
    assert!(places.boxes[3].y > places.boxes[2].y + boxes[2].height);
    let drawing = draw(&model, "erDiagram <x>");
    assert!(
        drawing.contains("t2.t0_id references t0.id, on delete cascade") && drawing.contains("erDiagram &lt;x&gt;"),
        "{drawing}"
    );
    assert!(drawing.contains("aria-label=\"The data model: 4 tables, 3 references\""), "{drawing}");
}

#[test]
fn a_table_of_many_columns_shows_its_keys() {
    let mut model = model(2, &[(1, 0)]);
    let plain = |i: usize| ModelColumn {
        name: format!("c{i}"),
        type_name: "text".into(),
        not_null: false,
        primary_key: false,
        unique: false,
    };
    model.tables[1].columns.splice(1..1, (0..60).map(plain));
    let box_ = &entities(&model)[1];
    assert!(box_.lines.iter().any(|line| line.column == "t0_id" && line.marks == "FK"));
    assert_eq!(box_.lines.len() + box_.left_out, 62);
    assert!(draw(&model, "").contains("… 40 more"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Any references at all, in circles and to themselves: every table is in the picture, and no two overlap.
    #[test]
    fn no_two_tables_overlap(tables in 1_usize..40, ends in proptest::collection::vec((0_usize..40, 0_usize..40), 0..60)) {
        let ends: Vec<(usize, usize)> = ends.into_iter().map(|(child, parent)| (child % tables, parent % tables)).collect();
        let model = model(tables, &ends);
        let boxes = entities(&model);
        let places = places::places(&model, &boxes, &Layers::of(&model, &boxes));
        for (i, (a, at)) in boxes.iter().zip(&places.boxes).enumerate() {
            prop_assert!(at.x >= 0.0 && at.y >= 0.0 && at.x + a.width <= places.width && at.y + a.height <= places.height);
            for (b, other) in boxes.iter().zip(&places.boxes).skip(i + 1) {
                let beside = at.x + a.width <= other.x || other.x + b.width <= at.x;
                let below = at.y + a.height <= other.y + 0.01 || other.y + b.height <= at.y + 0.01;
                prop_assert!(beside || below, "{} at {at:?} and {} at {other:?}", a.name, b.name);
            }
        }
        let drawing = draw(&model, "");
        prop_assert_eq!(drawing.matches("class=\"box\"").count(), tables);
        prop_assert_eq!(drawing.matches("<title>").count(), model.relations.len());
    }
}
