//! `when:` of a step, bound to the steps and parameters of its endpoint, and whether it holds in a call.

use std::cmp::Ordering;

use crate::db::number::Number;
use crate::db::{Reply, Value};
use crate::scenario::condition::Relation;

use super::draw::Draw;

/// A condition with its steps resolved.
#[derive(Debug, Clone, PartialEq)]
pub enum BoundCondition {
    Empty(usize),
    Null(BoundOperand),
    Compare { left: BoundOperand, relation: Relation, right: BoundOperand },
    Not(Box<BoundCondition>),
    All(Vec<BoundCondition>),
    Any(Vec<BoundCondition>),
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum BoundOperand {
    /// A column of the first row of an earlier step.
    Result {
        step: usize,
        column: String,
    },
    /// A column of the row at hand of the step that `for_each` names.
    Item {
        step: usize,
        column: String,
    },
    /// A slot of the call's draw.
    Drawn {
        slot: usize,
    },
    Number(Number),
    Text(String),
    Bool(bool),
}

impl BoundCondition {
    /// The steps whose rows it reads.
    pub fn steps(&self, into: &mut Vec<usize>) {
        match self {
            BoundCondition::Empty(step) => into.push(*step),
            BoundCondition::Null(operand) => into.extend(operand.step()),
            BoundCondition::Compare { left, right, .. } => into.extend([left, right].into_iter().filter_map(BoundOperand::step)),
            BoundCondition::Not(part) => part.steps(into),
            BoundCondition::All(parts) | BoundCondition::Any(parts) => parts.iter().for_each(|part| part.steps(into)),
        }
    }
}

impl BoundOperand {
    fn step(&self) -> Option<usize> {
        match self {
            BoundOperand::Result { step, .. } | BoundOperand::Item { step, .. } => Some(*step),
            _ => None,
        }
    }
}

/// What a condition is asked in: the replies so far, the call's parameters, the row at hand.
#[derive(Clone, Copy)]
pub struct Scope<'c> {
    pub kept: &'c [Option<Reply>],
    pub draw: &'c Draw,
    pub item: usize,
}

/// Whether a step runs: a condition that is neither true nor false, because a side of a comparison is NULL, does not hold. A step that
/// did not run has returned nothing.
pub fn holds(condition: &BoundCondition, scope: Scope<'_>) -> bool {
    truth(condition, scope) == Some(true)
}

/// SQL's three-valued logic.
fn truth(condition: &BoundCondition, scope: Scope<'_>) -> Option<bool> {
    match condition {
        BoundCondition::Empty(step) => Some(scope.kept[*step].as_ref().is_none_or(|reply| reply.is_empty())),
        BoundCondition::Null(operand) => Some(side(operand, scope).is_none()),
        BoundCondition::Compare { left, relation, right } => {
            side(left, scope).zip(side(right, scope)).and_then(|(left, right)| compared(&left, *relation, &right))
        }
        BoundCondition::Not(part) => truth(part, scope).map(|truth| !truth),
        BoundCondition::All(parts) => all(parts.iter().map(|part| truth(part, scope))),
        BoundCondition::Any(parts) => all(parts.iter().map(|part| truth(part, scope).map(|truth| !truth))).map(|none| !none),
    }
}

/// False when one is, else unknown when one is.
fn all(mut truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    truths
        .try_fold(Some(true), |so_far, truth| match truth {
            Some(false) => Err(()),
            Some(true) => Ok(so_far),
            None => Ok(None),
        })
        .unwrap_or(Some(false))
}

/// A value to compare.
#[derive(Debug, Clone, PartialEq)]
enum Side {
    Number(Number),
    /// A text, or a value of a type whose binary form is compared as it is.
    Bytes(Vec<u8>),
}

/// `None` is NULL.
fn side(operand: &BoundOperand, scope: Scope<'_>) -> Option<Side> {
    let of = |value: Value| match Number::of(&value) {
        Some(number) => Some(Side::Number(number)),
        None => value.bytes.map(Side::Bytes),
    };
    let column = |step: usize, row: usize, column: &str| scope.kept[step].as_ref()?.value(row, column).and_then(of);
    match operand {
        BoundOperand::Result { step, column: name } => column(*step, 0, name),
        BoundOperand::Item { step, column: name } => column(*step, scope.item, name),
        BoundOperand::Drawn { slot } => of(scope.draw.values[*slot].clone()),
        BoundOperand::Number(number) => Some(Side::Number(number.clone())),
        BoundOperand::Text(text) => Some(Side::Bytes(text.clone().into_bytes())),
        BoundOperand::Bool(value) => Some(Side::Bytes(vec![u8::from(*value)])),
    }
}

/// Texts are ordered byte by byte, as under the collation "C".
fn compared(left: &Side, relation: Relation, right: &Side) -> Option<bool> {
    let ordering = match (left, right) {
        (Side::Number(left), Side::Number(right)) => left.compare(right),
        (Side::Bytes(left), Side::Bytes(right)) => left.cmp(right),
        _ => return None,
    };
    Some(match relation {
        Relation::Equal => ordering == Ordering::Equal,
        Relation::Unequal => ordering != Ordering::Equal,
        Relation::Ordered(comparison) => comparison.holds(f64::from(ordering as i8), 0.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::Comparison;

    fn asked(condition: &BoundCondition, values: Vec<Value>) -> bool {
        holds(condition, Scope { kept: &[None], draw: &Draw { values }, item: 0 })
    }

    fn compare(left: BoundOperand, relation: Relation, right: BoundOperand) -> BoundCondition {
        BoundCondition::Compare { left, relation, right }
    }

    #[test]
    fn numbers_and_texts_compare() {
        let drawn = || BoundOperand::Drawn { slot: 0 };
        let three = || BoundOperand::Number(Number::parse("3").expect("a number"));
        let more = compare(drawn(), Relation::Ordered(Comparison::Above), three());
        assert!(asked(&more, vec![Value::int8(4)]) && !asked(&more, vec![Value::int8(3)]));
        let at_least = compare(drawn(), Relation::Ordered(Comparison::AtLeast), three());
        assert!(asked(&at_least, vec![Value::int8(3)]) && !asked(&at_least, vec![Value::int8(2)]));
        let happy = compare(drawn(), Relation::Equal, BoundOperand::Text("HAPPY".into()));
        assert!(asked(&happy, vec![Value::text("HAPPY")]) && !asked(&happy, vec![Value::text("SAD")]));
    }

    #[test]
    fn null_is_neither_true_nor_false() {
        let missing = || BoundOperand::Result { step: 0, column: "x".into() };
        let equal = compare(missing(), Relation::Equal, missing());
        let not = BoundCondition::Not(Box::new(equal.clone()));
        assert!(!asked(&equal, vec![]) && !asked(&not, vec![]), "unknown, and so is its opposite");
        assert!(asked(&BoundCondition::Null(missing()), vec![]));
        assert!(asked(&BoundCondition::Any(vec![equal.clone(), BoundCondition::Empty(0)]), vec![]));
        let both = BoundCondition::All(vec![equal, BoundCondition::Not(Box::new(BoundCondition::Empty(0)))]);
        assert!(asked(&BoundCondition::Not(Box::new(both)), vec![]), "unknown and false is false");
    }
}
