//! Binding `when:`: steps, columns and parameters that exist, of types that can be compared.

use crate::db::number::{Number, is_number};
use crate::db::value::{is_text, oid};
use crate::scenario::condition::{Condition, Operand, Relation};
use crate::scenario::error::Problem;
use crate::scenario::model::Location;

use super::binder::Binder;
use super::condition::{BoundCondition, BoundOperand};

const BOOL: u32 = 16;
const NUMERIC: u32 = 1700;
/// OIDs from here on are of types that somebody made in the database, such as enums (FirstNormalObjectId in access/transam.h).
const FIRST_OF_USERS: u32 = 16_384;

/// What a comparison needs to know of a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Text,
    Other(u32),
}

impl Binder {
    /// The condition of a step whose `for_each` is `each`.
    pub(super) fn condition(
        &mut self,
        condition: &Condition,
        each: Option<usize>,
        at: Location,
    ) -> Result<BoundCondition, Problem> {
        let many = |binder: &mut Binder, parts: &[Condition]| -> Result<Vec<BoundCondition>, Problem> {
            parts.iter().map(|part| binder.condition(part, each, at)).collect()
        };
        let not = |inner: BoundCondition| BoundCondition::Not(Box::new(inner));
        Ok(match condition {
            Condition::Empty { step } => BoundCondition::Empty(self.step(step, at)?),
            Condition::NotEmpty { step } => not(BoundCondition::Empty(self.step(step, at)?)),
            Condition::Null { step, column } => BoundCondition::Null(self.column(step, column, each, at)?.0),
            Condition::NotNull { step, column } => not(BoundCondition::Null(self.column(step, column, each, at)?.0)),
            Condition::Compare { left, relation, right } => self.comparison(left, *relation, right, each, at)?,
            Condition::Not(part) => not(self.condition(part, each, at)?),
            Condition::All(parts) => BoundCondition::All(many(self, parts)?),
            Condition::Any(parts) => BoundCondition::Any(many(self, parts)?),
        })
    }

    fn comparison(
        &mut self,
        left: &Operand,
        relation: Relation,
        right: &Operand,
        each: Option<usize>,
        at: Location,
    ) -> Result<BoundCondition, Problem> {
        // A parameter that no statement takes has the type of what it is compared with.
        let (left_type, right_type) = (self.type_of(left), self.type_of(right));
        let (bound_left, left_type) = self.operand(left, left_type.or(right_type), each, at)?;
        let (bound_right, right_type) = self.operand(right, right_type.or(Some(left_type)), each, at)?;
        let (one, other) = (kind(left_type), kind(right_type));
        let comparable = match (one, other) {
            (Kind::Other(of), Kind::Text) | (Kind::Text, Kind::Other(of)) => of >= FIRST_OF_USERS,
            _ => one == other,
        };
        let written = format!("{left} {} {right}", relation.sign());
        if !comparable {
            let help =
                "numbers compare with numbers and texts with texts; cast a column in its step, e.g. `SELECT total::int AS total`";
            return Err(Problem {
                at,
                message: format!("`{written}` compares values of different types"),
                help: Some(help.into()),
            });
        }
        let ordered = matches!(relation, Relation::Ordered(_));
        if ordered && [one, other].iter().any(|kind| matches!(kind, Kind::Other(_))) {
            let help = "compare in the step itself, e.g. `SELECT until > now() AS valid`, and ask `valid = true`";
            let message = format!("`{written}`: only numbers and texts are smaller or larger here");
            return Err(Problem { at, message, help: Some(help.into()) });
        }
        Ok(BoundCondition::Compare { left: bound_left, relation, right: bound_right })
    }

    /// The type of a side, as far as it is known by itself.
    fn type_of(&self, operand: &Operand) -> Option<u32> {
        match operand {
            Operand::Column { step, column } => {
                let types = self.step_columns.get(*self.step_names.get(step)?)?.as_ref()?;
                types.iter().find(|(name, _)| name == column).map(|(_, type_oid)| *type_oid)
            }
            Operand::Param(name) => self.slots.iter().find(|slot| slot.name == *name).map(|slot| slot.type_oid),
            Operand::Number(number) => Some(if number.contains('.') { NUMERIC } else { oid::INT8 }),
            Operand::Text(_) => Some(oid::TEXT),
            Operand::Bool(_) => Some(BOOL),
        }
    }

    fn operand(
        &mut self,
        operand: &Operand,
        type_oid: Option<u32>,
        each: Option<usize>,
        at: Location,
    ) -> Result<(BoundOperand, u32), Problem> {
        let type_oid = type_oid.unwrap_or(oid::TEXT);
        let bound = match operand {
            Operand::Column { step, column } => return self.column(step, column, each, at),
            Operand::Param(name) => BoundOperand::Drawn { slot: self.slot(name, type_oid, at) },
            Operand::Number(number) => {
                let wrong = || Problem { at, message: format!("`{number}` is not a number"), help: None };
                BoundOperand::Number(Number::parse(number).ok_or_else(wrong)?)
            }
            Operand::Text(text) => BoundOperand::Text(text.clone()),
            Operand::Bool(value) => BoundOperand::Bool(*value),
        };
        Ok((bound, type_oid))
    }

    /// The scenario's own checks made sure that the step exists.
    fn step(&self, name: &str, at: Location) -> Result<usize, Problem> {
        let unknown = || Problem { at, message: format!("`{name}` names no earlier step"), help: None };
        self.step_names.get(name).copied().ok_or_else(unknown)
    }

    fn column(&self, step: &str, column: &str, each: Option<usize>, at: Location) -> Result<(BoundOperand, u32), Problem> {
        let place = self.step(step, at)?;
        let known = self.step_columns.get(place).and_then(|columns| columns.as_ref());
        let type_oid = match known {
            // What is wrong with that step was said.
            None => 0,
            Some(columns) => match columns.iter().find(|(name, _)| name == column) {
                Some((_, type_oid)) => *type_oid,
                None => return Err(super::binder::no_column(step, column, columns, at)),
            },
        };
        let column = column.to_owned();
        let operand = match each == Some(place) {
            true => BoundOperand::Item { step: place, column },
            false => BoundOperand::Result { step: place, column },
        };
        Ok((operand, type_oid))
    }
}

fn kind(type_oid: u32) -> Kind {
    match type_oid {
        of if is_number(of) => Kind::Number,
        of if is_text(of) => Kind::Text,
        of => Kind::Other(of),
    }
}
